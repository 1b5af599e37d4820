"""A SQLite database that several threads and processes share.

Belongs here: opening, the schema's version, and one write transaction at a time. Does not belong
here: tables and queries (those who keep something), and the daemon's own databases, which are
SQLAlchemy's and may lie in PostgreSQL (`healer.ledger`, `healer.engine`).
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

from healer.support.atomic_file import make_private_file
from healer.support.tables import SqlValue

BUSY_TIMEOUT_S = 30.0
"""How long one process waits for another's transaction."""

SchemaStep = Callable[[sqlite3.Connection], None]


def statements(*texts: str) -> SchemaStep:
    """The schema step that runs these statements, one after the other."""

    def run(connection: sqlite3.Connection) -> None:
        for text in texts:
            connection.execute(text)

    return run


class SqliteFile:
    """One database file, open until `close`; a with-block."""

    def __init__(
        self,
        path: Path | None,
        schema: Sequence[SchemaStep],
        *,
        journal_mode: Literal["WAL", "DELETE"] = "WAL",
        synchronous: Literal["NORMAL", "FULL"] = "FULL",
    ) -> None:
        """Opens `path`, made for the user alone with its folder; None is a database in memory.

        Step n of `schema` brings the database from version n to n + 1, and is run once. Version 0
        may hold tables of a time before versions were counted. Steps only add, so that an earlier
        healer can go on with a file of a later one. With `synchronous="NORMAL"` a power cut may
        undo the newest transactions. Raises sqlite3.DatabaseError for a file that is none.
        """
        if path is not None:
            make_private_file(path)  # SQLite gives its mode to the files beside it
        self._lock = threading.RLock()  # keeps the transactions of threads apart
        self._connection = sqlite3.connect(
            path or ":memory:",
            timeout=BUSY_TIMEOUT_S,
            isolation_level=None,  # transactions are begun and ended in `transaction`, nowhere else
            check_same_thread=False,
        )
        try:
            self._connection.execute(f"PRAGMA journal_mode = {journal_mode}")
            self._connection.execute(f"PRAGMA synchronous = {synchronous}")
            self._migrate(schema)
        except BaseException:
            self._connection.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; may be called twice."""
        with self._lock:
            self._connection.close()

    def query(self, statement: str, values: Sequence[SqlValue] = ()) -> list[tuple[Any, ...]]:
        """All rows of a SELECT; inside a `transaction` of this thread, with its changes."""
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """One write at a time, over all threads and processes; whole or not at all.

        Waits up to `BUSY_TIMEOUT_S` for the others, then raises sqlite3.OperationalError.
        """
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def _migrate(self, schema: Sequence[SchemaStep]) -> None:
        if self._read_version() >= len(schema):
            return
        with self.transaction() as connection:
            version = self._read_version()  # another process may have been at it meanwhile
            for step in schema[version:]:
                step(connection)
            connection.execute(f"PRAGMA user_version = {max(version, len(schema))}")

    def _read_version(self) -> int:
        return int(self.query("PRAGMA user_version")[0][0])
