"""One file with an edit made: a variant of it, unless it is the same program or surely fails.

Belongs here: making the text, and telling texts with the same instructions. Does not belong here:
which edits are made (`variants`).
"""

import ast
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import CodeType
from typing import NamedTuple

from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits
from healer.draft.search.operators.mutation import Scope, find_scopes, operator_of
from healer.draft.search.prefilter import Names, fails_surely, find_kept_spans, find_names

AND = " and "
"""Between the shapes of two edits that are made together."""
RULE, REVERT = "rule", "revert"
"""The operators of what is tried before the search's own edits; the detail is the rule's name or
the commit."""
Pair = tuple[ast.AST, ast.AST]
"""A part of a file's tree before and after a change."""


@dataclass(frozen=True)
class Variant:
    """One changed file and why."""

    path: str
    content: str
    shape: str
    """`operator/detail`; several are joined by `AND`."""
    line: int
    score: float
    changes: tuple[TextEdit, ...] = ()
    pair: Pair | None = field(default=None, compare=False, repr=False)
    """The changed function's tree before and after, where one function holds the change."""

    @property
    def shapes(self) -> list[str]:
        """The shape of each of its edits."""
        return self.shape.split(AND)

    @property
    def is_from_rule(self) -> bool:
        """A rule drafted it; the search only tries it."""
        return operator_of(self.shape) == RULE


class VariantMaker:
    """Makes variants of one file. Leaves out what does not compile or surely fails, and what it
    made before."""

    def __init__(self, code: SourceFile) -> None:
        self._code = code
        self._meanings: set[object] = set()
        """Of what was made."""

    def make(
        self, changes: tuple[TextEdit, ...], shape: str, line: int, score: float
    ) -> Variant | None:
        """The variant, or None."""
        if any(c.start < end and start < c.end for c in changes for start, end in self._kept_spans):
            return None
        function = next((f for f in self._functions if f.holds(changes)), None)
        try:
            content = apply_edits(self._code.text, changes)
            part = function.apply(changes) if function else content
        except ValueError:
            return None  # two changes overlap
        program = _compile(part, function.number if function else None)
        meaning = function.meaning if function else self._meaning
        if program is None or program.meaning == meaning:
            return None
        if program.meaning in self._meanings:
            return None
        self._meanings.add(program.meaning)
        pair = function.pair_with(program.tree) if function else None
        if function and pair and fails_surely(function.names, find_names(pair[1])):
            return None
        return Variant(self._code.path, content, shape, line, score, changes, pair)

    @cached_property
    def _functions(self) -> list["_Function"]:
        return [_Function(self._code, s) for s in find_scopes(self._code) if not s.is_module]

    @cached_property
    def _kept_spans(self) -> list[tuple[int, int]]:
        return find_kept_spans(self._code)

    @cached_property
    def _meaning(self) -> object:
        """Of the file as it is; None where it does not compile."""
        program = _compile(self._code.text, None)
        return program.meaning if program else None


class _Function:
    """A function of the file that can be compiled by itself: much faster than the whole file."""

    def __init__(self, code: SourceFile, scope: Scope) -> None:
        assert isinstance(scope.node, ast.stmt)  # noqa: S101  (for the type checker: a def)
        self._node = scope.node
        self._start, self._end = scope.line_span(scope.node)
        self._text = code.text[self._start : self._end]
        self._head = "if 1:\n" if self._text[:1].isspace() else ""
        self.number = scope.node.lineno

    @cached_property
    def meaning(self) -> object:
        """Of the function as it is; None where it does not compile alone."""
        program = _compile(self._head + self._text, self.number)
        return program.meaning if program else None

    @cached_property
    def names(self) -> Names:
        """Of the function as it is."""
        return find_names(self._node)

    def holds(self, changes: Sequence[TextEdit]) -> bool:
        return all(self._start <= change.start and change.end <= self._end for change in changes)

    def apply(self, changes: Sequence[TextEdit]) -> str:
        """The function's text with the changes made. Raises ValueError where two overlap."""
        own = [TextEdit(c.start - self._start, c.end - self._start, c.text) for c in changes]
        return self._head + apply_edits(self._text, own)

    def pair_with(self, tree: ast.Module) -> Pair | None:
        """This function before and after; None where the change made something else of it."""
        body = tree.body[0].body if self._head and isinstance(tree.body[0], ast.If) else tree.body
        is_one = len(body) == 1 and type(body[0]) is type(self._node)
        return (self._node, body[0]) if is_one else None


class _Program(NamedTuple):
    tree: ast.Module
    meaning: object
    """The same for texts with the same instructions."""


def _compile(text: str, number: int | None) -> _Program | None:
    """None for a text that does not compile. `number` tells a file's functions apart."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.removeprefix("\ufeff"))
            code = compile(tree, "variant", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return _Program(tree, (number, _instructions(code)))


def _instructions(code: CodeType) -> tuple[object, ...]:
    """A code object without its lines and columns."""
    constants = tuple(
        _instructions(c) if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts
    )
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, constants, names, code.co_argcount, code.co_kwonlyargcount, code.co_flags)
