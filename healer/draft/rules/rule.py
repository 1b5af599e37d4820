"""What one rule sees, what it answers, and what it says of itself.

Belongs here: an error tied to one line of a file that may be changed, a fix, a rule with its
example. Does not belong here: the rules (one module for each kind of failure) and their order
(`catalogue`).
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from healer.draft.rules.certainty import Certainty, certainty_of
from healer.draft.rules.example import Example
from healer.draft.rules.python_words import use_older_words
from healer.draft.rules.source_file import SourceFile, TextEdit
from healer.draft.rules.source_files import SourceFiles
from healer.failure import Frame, Raised

Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Fix:
    """Edits of one file, with the reason that a person will read."""

    cause: str
    """One or two sentences: what was wrong, and why this edit."""
    edits: tuple[TextEdit, ...]
    estimate: float | None = None
    """None: as the rule says of itself. At most `certainty.GUESS` where the rule sees here that
    one of its rivals may be right."""
    path: str = ""
    """Another file than the fault's; empty means the fault's own."""
    is_same: bool = False
    """Only names change, and each new one is for the very object that the old one was for."""
    doubt: str = ""
    """What only a person can say of it, as a sentence without its full stop: it never merges by
    itself. Empty: nothing."""


@dataclass(frozen=True)
class FaultSite:
    """One error, at one line of one file that a draft may change."""

    error: Raised
    frame: Frame
    code: SourceFile
    files: SourceFiles = field(repr=False)
    depth: int = 0
    """0: the innermost own frame; 1: its caller; and so on."""

    @property
    def line(self) -> int:
        return self.frame.line

    @property
    def message(self) -> str:
        """What was raised says, in the words of Python 3.11."""
        return use_older_words(self.error.message)

    @property
    def locals(self) -> dict[str, str]:
        return self.frame.locals

    @property
    def scope(self) -> ast.AST | None:
        """The function around the failing line, else the module."""
        return self.code.function_at(self.line) or self.code.tree

    def search(self, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        """Where a pattern matches in the error's message."""
        return re.search(pattern, self.message)

    def recorded_value(self, node: ast.AST) -> str:
        """The `repr` that the hook recorded of an expression's value; empty where it did not."""
        return self.locals.get(self.code.segment(node), "")

    def statement(self) -> ast.stmt | None:
        return self.code.statement_at(self.line)

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """The expression nodes of one kind in the failing statement."""
        for node in self.code.nodes_of_statement(self.line):
            if isinstance(node, kind):
                yield node

    def calls(self, *names: str) -> Iterator[ast.Call]:
        """Calls in the failing statement whose last name is one of these; without names, all."""
        for call in self.nodes(ast.Call):
            if not names or called_name(call) in names:
                yield call

    def walk_scope(self) -> Iterator[ast.AST]:
        yield from ast.walk(self.scope) if self.scope else ()


def called_name(call: ast.Call) -> str:
    """`listdir` of `os.listdir(x)`; empty for a call of what has no name."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def literal_of(text: str) -> object:
    """The value that a literal stands for; None for other text, also for one that was cut off."""
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None


Finder = Callable[[FaultSite], Iterable[Fix]]


@dataclass(frozen=True)
class Rival:
    """Another reading of the same failure, which the rule cannot rule out."""

    reading: str
    """What else may have been meant, as a sentence without its full stop."""
    rule: str = ""
    """The rule that drafts that reading, if there is one."""


@dataclass(frozen=True)
class Rule:
    """A named repair for some exception types."""

    name: str
    types: frozenset[str]
    """Exception types as printed, without their module; empty means any."""
    find: Finder
    summary: str
    """One sentence: what is wrong where the rule speaks, and what becomes of it."""
    example: Example
    silent: Example
    """The tempting look-alike, which the rule leaves alone."""
    estimate: float
    """0 to 1: how likely its author holds the fix of the example to be right. It orders drafts, and
    forces none."""
    rivals: tuple[Rival, ...]
    link: str
    """The documentation that gives the reason."""
    is_outward: bool = False
    """Also look at the callers of the innermost own frame."""

    @property
    def certainty(self) -> Certainty | None:
        """What was measured of it; None: nothing, and none of its fixes is ever forced."""
        return certainty_of(self.name)

    @property
    def is_forcing(self) -> bool:
        """Its fix may be called the only one where no other reading stands beside it."""
        return self.certainty is not None and self.certainty.is_forcing


def rule(
    name: str,
    types: str,
    *,
    estimate: float,
    example: str | Example,
    silent: str | Example,
    link: str,
    rivals: Iterable[str | Rival] = (),
    is_outward: bool = False,
) -> Callable[[Finder], Rule]:
    """Makes a rule of a function whose docstring's first sentence is the rule's summary.

    `types` are separated by spaces. `estimate`: see `Rule`.
    """

    def decorate(find: Finder) -> Rule:
        return Rule(
            name=name,
            types=frozenset(types.split()),
            find=find,
            summary=_first_paragraph(find.__doc__ or ""),
            example=Example(example) if isinstance(example, str) else example,
            silent=Example(silent) if isinstance(silent, str) else silent,
            estimate=estimate,
            rivals=tuple(Rival(each) if isinstance(each, str) else each for each in rivals),
            link=link,
            is_outward=is_outward,
        )

    return decorate


def _first_paragraph(docstring: str) -> str:
    return " ".join(docstring.strip().partition("\n\n")[0].split())
