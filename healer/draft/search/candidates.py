"""The stream of candidates: single edits by score, then pairs of the best.

Belongs here: which edits are offered for which lines, and in which order. No two candidates of a
stream compile to the same instructions. Does not belong here: running them (`engine`).
"""

import ast
import itertools
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import CodeType
from typing import Any

from healer.draft.rules.source_file import SourceFile, TextEdit, apply_edits
from healer.draft.search.localise import Suspicion
from healer.draft.search.operators.donors import DONOR_OPERATORS
from healer.draft.search.operators.expressions import EXPRESSION_OPERATORS
from healer.draft.search.operators.idioms import IDIOM_OPERATORS
from healer.draft.search.operators.site import Mutation, Site, sites
from healer.draft.search.operators.statements import STATEMENT_OPERATORS
from healer.draft.search.prefilter import fails_surely
from healer.draft.search.ranking import diverse, score

OPERATORS = (
    *IDIOM_OPERATORS,
    *EXPRESSION_OPERATORS,
    *STATEMENT_OPERATORS,
    *DONOR_OPERATORS,
)
MAX_SINGLES = 8_000
PAIR_BASE = 45
AND = " and "
"""Between the shapes of two edits that are made together."""


@dataclass(frozen=True)
class Candidate:
    """One changed file and why."""

    path: str
    content: str
    shape: str
    line: int
    score: float
    changes: tuple[TextEdit, ...] = ()
    pair: tuple[ast.AST, ast.AST] | None = field(default=None, compare=False, repr=False)
    """The changed function's tree before and after, where one function holds the change."""

    @property
    def shapes(self) -> list[str]:
        """The shape of each of its edits."""
        return self.shape.split(AND)

    @property
    def is_of_a_rule(self) -> bool:
        """A rule drafted it; the search only tries it."""
        return self.shape.startswith("rule/")


def stream(
    codes: Mapping[str, SourceFile], suspicious: Suspicion, traced: tuple[str, int] = ("", 0)
) -> Iterator[Candidate]:
    """Single edits by score, then pairs of the best ones."""
    makers = {path: Maker(code) for path, code in codes.items()}
    scored: list[tuple[float, str, Mutation]] = []
    for path, code in codes.items():
        touched = {line for place, line in suspicious if place == path}
        line = traced[1] if traced[0] == path else 0
        others = tuple(other for other in codes.values() if other is not code)
        for mutation in mutations(code, touched, others):
            scored.append((score(mutation, path, suspicious, line), path, mutation))
    singles: list[Candidate] = []
    for value, path, mutation in diverse(scored)[:MAX_SINGLES]:
        made = makers[path].make(mutation.changes, mutation.shape, mutation.line, value)
        if made:
            singles.append(made)
            yield made
    yield from _pairs(makers, singles)


def _pairs(makers: Mapping[str, "Maker"], singles: list[Candidate]) -> Iterator[Candidate]:
    """Two edits of different lines, the likeliest sums first."""
    best = _spread(singles)
    pairs = sorted(itertools.combinations(best, 2), key=lambda p: -(p[0].score + p[1].score))
    for one, two in pairs:
        if one.path == two.path and one.line != two.line:
            changes = (*one.changes, *two.changes)
            shape, total = f"{one.shape}{AND}{two.shape}", one.score + two.score
            made = makers[one.path].make(changes, shape, one.line, total)
            if made:
                yield made


def _spread(singles: Iterable[Candidate]) -> list[Candidate]:
    """The best edits of each line, so that one noisy line does not fill every pair."""
    lines: dict[tuple[str, int], int] = {}
    best = []
    for single in singles:
        count = lines.get((single.path, single.line), 0)
        if count < PAIR_BASE:
            lines[single.path, single.line] = count + 1
            best.append(single)
    return best[: PAIR_BASE * 8]


def mutations(
    code: SourceFile, touched: set[int], others: tuple[SourceFile, ...] = ()
) -> Iterator[Mutation]:
    """Edits in every scope that a failing test entered (all of them where nothing is known)."""
    for site in sites(code, others):
        low = getattr(site.scope, "lineno", 0)
        high = getattr(site.scope, "end_lineno", 0)
        module = isinstance(site.scope, ast.Module)
        if touched and not module and not any(low < line <= high for line in touched):
            continue
        for operator in OPERATORS:
            for mutation in operator(site):
                if not (touched and module) or mutation.line in touched:
                    yield mutation


class Maker:
    """Makes candidates of one file. Leaves out what does not compile or surely fails, and what it
    made before."""

    def __init__(self, code: SourceFile) -> None:
        self._code = code
        self._scopes = [_Scope(code, site) for site in sites(code)]
        self._known: set[object] = {_meaning(code.text, None)[1]}
        self._known |= {scope.meaning for scope in self._scopes}

    def make(
        self, changes: tuple[TextEdit, ...], shape: str, line: int, value: float
    ) -> Candidate | None:
        """The candidate, or None."""
        scope = next((s for s in self._scopes if s.holds(changes)), None)
        try:
            content = apply_edits(self._code.text, changes)
            inner = scope.changed(changes) if scope else content
        except ValueError:
            return None
        tree, meaning = _meaning(inner, scope.number if scope else None)
        if tree is None or meaning in self._known:
            return None
        self._known.add(meaning)
        pair = scope.pair(tree) if scope else None
        if pair and fails_surely(*pair):
            return None
        return Candidate(self._code.path, content, shape, line, value, changes, pair)


class _Scope:
    """A function of the file that can be compiled by itself: much faster than the whole file."""

    def __init__(self, code: SourceFile, site: Site) -> None:
        self._node = site.scope
        self.number = getattr(site.scope, "lineno", 0)
        self._whole = isinstance(site.scope, ast.Module)
        if not self._whole:
            self._start, self._end = site.line_of(site.scope)  # type: ignore[arg-type]  # a def
            self._text = code.text[self._start : self._end]
            self._head = "if 1:\n" if self._text[:1].isspace() else ""
        self.meaning = None if self._whole else _meaning(self._head + self._text, self.number)[1]

    def holds(self, changes: tuple[TextEdit, ...]) -> bool:
        return not self._whole and all(
            self._start <= change.start and change.end <= self._end for change in changes
        )

    def changed(self, changes: tuple[TextEdit, ...]) -> str:
        """The function's text with the changes made. Raises ValueError where two overlap."""
        at = self._start
        moved = [TextEdit(c.start - at, c.end - at, c.text) for c in changes]
        return self._head + apply_edits(self._text, moved)

    def pair(self, tree: ast.Module) -> tuple[ast.AST, ast.AST] | None:
        """This function before and after; None where the change made something else of it."""
        body = tree.body[0].body if self._head and isinstance(tree.body[0], ast.If) else tree.body
        alone = len(body) == 1 and type(body[0]) is type(self._node)
        return (self._node, body[0]) if alone else None


def _meaning(text: str, scope: int | None) -> tuple[ast.Module | None, object]:
    """The tree, and what is the same for texts with the same instructions; None for a text that
    does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.removeprefix("\ufeff"))
            code = compile(tree, "candidate", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None, None
    return tree, (scope, _instructions(code))


def _instructions(code: CodeType) -> tuple[Any, ...]:
    """A code object without its lines and columns."""
    constants = tuple(
        _instructions(c) if isinstance(c, CodeType) else (type(c), repr(c)) for c in code.co_consts
    )
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return (code.co_code, constants, names, code.co_argcount, code.co_kwonlyargcount, code.co_flags)
