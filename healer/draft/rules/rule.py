"""What one rule sees, and what it answers.

Belongs here: an error tied to one line of a file that may be changed, a fix, a rule. Does not
belong here: the rules (one module per kind of failure) and their order (`drafter`).
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from healer.draft.rules.source_file import SourceFile, TextEdit
from healer.facts.draft import Source
from healer.failure import Frame, Raised
from quarantine.project_tests import ProjectTests

Node = TypeVar("Node", bound=ast.AST)

GUESS = 0.85
"""The most that is claimed for a fix where something else may have been meant as well. It stays
below what merges without a test or a recorded run that says so (`drafter.FORCED`)."""


@dataclass(frozen=True)
class Fix:
    """One edit of the place's file, with the reason a person will read."""

    cause: str
    """One or two sentences: what was wrong, and why this edit."""
    changes: tuple[TextEdit, ...]
    certainty: float = 0.5
    """0 to 1: how rarely a reviewer would want something else, given that the rule fires."""
    path: str = ""
    """Another file than the place's; empty means the place's own."""


class SourceFiles:
    """The repository's Python files, parsed at most once."""

    def __init__(self, source: Source, protected: Iterable[str] = ()) -> None:
        self.source = source
        self.protected = frozenset(protected)
        self._read: dict[str, SourceFile | None] = {}
        self._paths = source.paths()
        self.tests = ProjectTests.load(source)

    @property
    def paths(self) -> tuple[str, ...]:
        return self._paths

    def parse(self, path: str) -> SourceFile | None:
        """A UTF-8 Python file, or None where there is none."""
        if path not in self._read:
            data = self.source.read(path) if path.endswith(".py") else None
            try:
                self._read[path] = None if data is None else SourceFile(path, data.decode())
            except UnicodeDecodeError:
                self._read[path] = None
        return self._read[path]

    def can_change(self, path: str) -> bool:
        return path not in self.protected and path in self._paths

    def find_module(self, name: str) -> SourceFile | None:
        """The repository's own module of that dotted name, from any root that fits."""
        tail = name.replace(".", "/")
        for path in self._paths:
            if path.endswith((f"{tail}.py", f"{tail}/__init__.py")):
                stem = path.removesuffix("/__init__.py").removesuffix(".py")
                if stem == tail or stem.endswith(f"/{tail}"):
                    return self.parse(path)
        return None


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
    def locals(self) -> dict[str, str]:
        return self.frame.locals

    def nodes(self, kind: type[Node]) -> Iterator[Node]:
        """The expression nodes of one kind in the failing statement."""
        for node in self.code.nodes_of_statement(self.line):
            if isinstance(node, kind):
                yield node


@dataclass(frozen=True)
class Rule:
    """A named repair for some exception types."""

    name: str
    types: frozenset[str]
    """Exception types as printed, without their module; empty means any."""
    find: Callable[[FaultSite], Iterable[Fix]]
    outward: bool = False
    """Also look at the callers of the innermost own frame."""


def rule(
    name: str, types: str, find: Callable[[FaultSite], Iterable[Fix]], *, outward: bool = False
) -> Rule:
    """A row of a rule table; `types` are separated by spaces."""
    return Rule(name, frozenset(types.split()), find, outward)
