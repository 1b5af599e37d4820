"""A shared PostgreSQL as one repository's stores use it: connections that see its rows alone.

Belongs here: whose rows a connection sees, making and completing the schema, statements and locks
over all machines. Does not belong here: which tables there are (`shared_schema`), what trouble
means to a person (`postgres`), and the ledger's own connections, which are SQLAlchemy's.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import Any, Self

import psycopg

from healer.support.postgres import Scope, connect_arguments, enter_scope
from healer.support.shared_schema import STEPS
from healer.support.tables import Rows, SqlValue, Statements

_MARK = re.compile(r"\?(\d*)")


class SharedTables:
    """One connection for the stores of one repository, opened when it is first needed and again
    when it was lost; a with-block. Safe for several threads."""

    def __init__(self, url: str, scope: Scope) -> None:
        """`url` is libpq's: `postgresql://…`. The schema must be there: see `prepare_schema`."""
        self._url, self.scope = url, scope
        self._lock = threading.RLock()
        self._connection: psycopg.Connection[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def enter(self, scope: Scope) -> None:
        """From now on these are another repository's. Not while a transaction is open."""
        with self._lock:
            if scope != self.scope and self._connection is not None:
                if self._connection.closed:
                    self._connection = None
                else:
                    enter_scope(self._connection, scope)
            self.scope = scope

    def close(self) -> None:
        """Closes the connection; the next use opens another."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def query(self, statement: str, values: Sequence[SqlValue] = ()) -> list[tuple[Any, ...]]:
        """All rows of a SELECT, or of one change that gives some (`RETURNING`); inside a
        `transaction` of this thread, a part of it."""
        with self._lock:
            connection = self._connect()
            try:
                return _run(connection, statement, values).fetchall()
            except psycopg.OperationalError:
                if not connection.closed:
                    raise
                return _run(self._connect(), statement, values).fetchall()  # it was lost meanwhile

    @contextmanager
    def transaction(self) -> Iterator[Statements]:
        """One write at a time for each repository, over all threads, processes and machines; whole
        or not at all. Raises psycopg.OperationalError where the server is away."""
        with self._lock:
            connection = self._connect()
            if connection.info.transaction_status is not psycopg.pq.TransactionStatus.IDLE:
                with connection.transaction():  # a part of the one that this thread has begun
                    yield _Open(connection)
                return
            connection = self._begin(connection)
            try:
                yield _Open(connection)
            except BaseException:
                if not connection.closed:
                    connection.rollback()
                raise
            connection.commit()

    def _begin(self, connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
        """Begins a transaction with its lock in one message; gives the connection that has it,
        another one where this one was lost meanwhile."""
        name = "\n".join(("write", *self.scope))
        begin = "BEGIN; SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
        try:
            connection.execute(begin, (name,))
        except BaseException as error:
            if not connection.closed:
                connection.rollback()
            if not (connection.closed and isinstance(error, psycopg.OperationalError)):
                raise
            connection = self._connect()
            connection.execute(begin, (name,))
        return connection

    def _connect(self) -> psycopg.Connection[Any]:
        if self._connection is None or self._connection.closed:
            self._connection = open_connection(self._url, self.scope)
        return self._connection


class _Open:
    """The statements of a transaction."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def execute(self, statement: str, values: Sequence[SqlValue] = (), /) -> Rows:
        return _run(self._connection, statement, values)


def driver_arguments(url: str) -> dict[str, int | str | type[psycopg.ClientCursor[Any]]]:
    """What the driver is asked for beside the URL: of libpq, and one message for each statement,
    where by default there are five."""
    return {**connect_arguments(url), "cursor_factory": psycopg.ClientCursor}


def open_connection(url: str, scope: Scope) -> psycopg.Connection[Any]:
    """A connection of its own, in autocommit mode, that sees the rows of `scope`. Raises
    psycopg.OperationalError."""
    connection = psycopg.connect(url, autocommit=True, **driver_arguments(url))  # type: ignore[arg-type]  # libpq's
    enter_scope(connection, scope)
    return connection


def prepare_schema(url: str) -> None:
    """Makes what is missing of the schema; of several that come at once, one does it. Where all is
    there it changes nothing, and needs no right to."""
    with open_connection(url, Scope("", "")) as connection:
        if _read_version(connection) >= len(STEPS):
            return
        with connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('healer schema', 0))")
            connection.execute("CREATE SCHEMA IF NOT EXISTS healer")
            connection.execute("CREATE TABLE IF NOT EXISTS healer.version (number bigint NOT NULL)")
            version = _read_version(connection)  # another process may have been at it meanwhile
            for statement in (each for step in STEPS[version:] for each in step):
                connection.execute(statement)
            connection.execute("DELETE FROM healer.version")
            connection.execute("INSERT INTO healer.version VALUES (%s)", (len(STEPS),))


def has_schema(url: str) -> bool:
    """Whether the schema is there with all that this version reads."""
    with open_connection(url, Scope("", "")) as connection:
        return _read_version(connection) >= len(STEPS)


def _read_version(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("SELECT to_regclass('healer.version')").fetchone()
    if row is None or row[0] is None:
        return 0
    row = connection.execute("SELECT max(number) FROM healer.version").fetchone()
    return int(row[0] or 0) if row else 0


def _run(
    connection: psycopg.Connection[Any], statement: str, values: Sequence[SqlValue]
) -> psycopg.Cursor[Any]:
    text, numbers = _translate(statement)
    plain = [int(value) if isinstance(value, bool) else value for value in values]
    return connection.execute(text, [plain[number] for number in numbers])


@cache
def _translate(statement: str) -> tuple[str, tuple[int, ...]]:
    """The statement with the driver's own marks, and which value stands at each of them."""
    numbers: list[int] = []

    def mark(match: re.Match[str]) -> str:
        numbers.append(int(match[1]) - 1 if match[1] else len(numbers))
        return "%s"

    return _MARK.sub(mark, statement.replace("%", "%%")), tuple(numbers)
