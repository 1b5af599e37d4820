"""A night, and what nights say about each other.

Belongs here: the shapes. Does not belong here: what a run did (`healer.facts.effects`), how files
are read (`documents`), or how nights are compared (`compare`, `continuity`).
"""

from dataclasses import dataclass
from typing import Literal

from healer.facts.effects import Effects


@dataclass(frozen=True)
class Reading:
    """Something that the run read: a file, or the answer to a request."""

    name: str
    """A path, or host and path: the same on every night but for dates and numbers."""
    data: bytes


@dataclass(frozen=True)
class Night:
    """One run: what it did, and what it read before."""

    effects: Effects
    read: tuple[Reading, ...] = ()
    """Empty: not known; then less can be told."""


DifferenceKind = Literal[
    "exit", "missing", "new", "form", "columns", "type", "empty", "rows", "twice", "entities",
    "values", "range", "source", "unread",
]  # fmt: skip


@dataclass(frozen=True)
class Difference:
    """One thing that is otherwise than expected."""

    kind: DifferenceKind
    where: str
    """The file, `stdout`, the request, statement or mail, as a person knows it."""
    table: str
    """The part of it; empty where it has but one."""
    column: str
    """Empty: it is about the whole."""
    detail: str
    """What is seen and what was expected, without `where`."""

    @property
    def sentence(self) -> str:
        """For people."""
        part = f", {self.table}" if self.table else ""
        return f"`{self.where}`{part}: {self.detail}"


@dataclass(frozen=True)
class Continuity:
    """Whether a night goes on where the good nights were."""

    state: Literal["continues", "breaks", "cannot-tell"]
    nights: int = 0
    """How many good nights it was held against."""
    differences: tuple[Difference, ...] = ()
    """Of `breaks`; the most telling first."""
    why: str = ""
    """Of `cannot-tell`, one sentence."""
