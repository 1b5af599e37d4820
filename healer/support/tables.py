"""What a store asks of the database that it keeps its rows in, whichever one that is.

Belongs here: the shape that both have. Does not belong here: SQLite (`sqlite_file`), a shared
PostgreSQL (`shared_tables`), or what is kept.

Statements are written in what both understand: `?` for a value, no more than standard SQL. A store
that reads before it writes does both in one `transaction`.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

SqlValue = str | bytes | int | float | None


class Rows(Protocol):
    """What a statement gave."""

    @property
    def rowcount(self) -> int:
        """How many rows it changed."""

    def fetchone(self) -> Any:
        """The next row, or None."""

    def fetchall(self) -> list[Any]:
        """All that are left."""


class Statements(Protocol):
    """A transaction that is open."""

    def execute(self, statement: str, values: Sequence[SqlValue] = (), /) -> Rows:
        """Runs one statement."""


class Tables(Protocol):
    """The tables of one store of one repository."""

    def query(self, statement: str, values: Sequence[SqlValue] = ()) -> list[tuple[Any, ...]]:
        """All rows of a SELECT; inside a `transaction` of this thread, with its changes."""

    def transaction(self) -> AbstractContextManager[Statements]:
        """One write at a time, over all who share the tables; whole or not at all."""

    def close(self) -> None:
        """Gives back what is held; may be called twice."""
