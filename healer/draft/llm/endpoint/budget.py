"""Money for model calls, held together across processes by one SQLite file.

Belongs here: asking before a call for its worst case, and settling what it came to. Does not
belong here: prices (`settings`) and counts (`tokens`).

A reservation counts as spent until it is settled. That of a process that died stays, for nobody
knows whether its call was billed.

A dry run writes nothing into the repository, so its spending is in another file outside; each of
the two counts what stands in the other. A lock on the git folder, which writes nothing, keeps
them from reserving at the same time.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Literal, NamedTuple

from healer.draft.llm.endpoint.clock import Clock, SystemClock, day_of
from healer.facts.draft import ExhaustedBudget

_NANO = 1_000_000_000
"""Amounts are whole billionths of a dollar: sums of them are exact."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS spending (
    id INTEGER PRIMARY KEY,
    repair TEXT NOT NULL,
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    nano_usd INTEGER NOT NULL,
    tokens_in INTEGER NOT NULL DEFAULT 0,
    tokens_out INTEGER NOT NULL DEFAULT 0,
    estimated INTEGER NOT NULL DEFAULT 1,
    settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS spending_by_day ON spending (day, nano_usd);
CREATE INDEX IF NOT EXISTS spending_by_repair ON spending (repair, nano_usd);
"""
_BUSY_TIMEOUT_S = 30.0


class Denied(NamedTuple):
    """A call would go past a budget: it is not made."""

    reason: str
    """One sentence with the budget, what is spent, and the setting that raises it."""
    budget: ExhaustedBudget = ""


class Reservation(NamedTuple):
    """Money set aside for one call."""

    id: int
    usd: float


class Spending(NamedTuple):
    """One call, as the ledger has it."""

    repair: str
    day: str
    model: str
    usd: float
    tokens_in: int
    tokens_out: int
    estimated: bool
    settled: bool


class Budget:
    """Budgets per repair and per UTC day. Safe for several threads and processes."""

    def __init__(
        self,
        path: Path | None,
        *,
        usd_per_repair: float,
        usd_per_day: float,
        clock: Clock | None = None,
        counted_too: Path | None = None,
        lock: Path | None = None,
    ) -> None:
        """`path` is the ledger's file, made when missing; None keeps it in this process.

        What `counted_too` holds counts as well, and is only read; `lock` is a folder whose lock
        is held while something is written (by default the ledger's own). A budget of 0 allows no
        call, not even a free one.
        """
        self._per_repair = _nano(usd_per_repair)
        self._per_day = _nano(usd_per_day)
        self._clock = clock or SystemClock()
        self._path = path
        self._counted_too, self._shared = counted_too, lock or (path.parent if path else None)
        self._lock = Lock()
        self._open: sqlite3.Connection | None = None
        self._process = 0
        if path:
            path.parent.mkdir(parents=True, exist_ok=True)
        with self._alone(), self._connection():
            pass

    def close(self) -> None:
        """Closes the ledger; the next use opens it again (one in memory starts empty)."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def reserve(self, repair: str, model: str, worst_case_usd: float) -> Reservation | Denied:
        """Sets the worst case of a call aside, if both budgets have room for all of it."""
        amount = _nano(worst_case_usd, up=True)
        day = day_of(self._clock.now())
        with self._alone(), self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            denied = self._denied(connection, repair, day, amount)
            if denied is not None:
                connection.execute("ROLLBACK")
                return denied
            cursor = connection.execute(
                "INSERT INTO spending (repair, day, model, nano_usd) VALUES (?, ?, ?, ?)",
                (repair, day, model, amount),
            )
            connection.execute("COMMIT")
            return Reservation(int(cursor.lastrowid or 0), amount / _NANO)

    def settle(
        self,
        reservation: Reservation,
        usd: float,
        *,
        tokens_in: int = 0,
        tokens_out: int = 0,
        estimated: bool = False,
    ) -> None:
        """Puts what the call came to in the place of its worst case."""
        with self._alone(), self._connection() as connection:
            connection.execute(
                "UPDATE spending SET nano_usd = ?, tokens_in = ?, tokens_out = ?, estimated = ?, "
                "settled = 1 WHERE id = ?",
                (_nano(usd, up=True), tokens_in, tokens_out, estimated, reservation.id),
            )

    def spent_usd(self, *, repair: str | None = None, day: str | None = None) -> float:
        """What is spent or set aside: of one repair, of one day, or of all."""
        with self._connection() as connection:
            row = connection.execute(
                "SELECT COALESCE(SUM(nano_usd), 0) FROM spending "
                "WHERE (?1 IS NULL OR repair = ?1) AND (?2 IS NULL OR day = ?2)",
                (repair, day),
            ).fetchone()
        return int(row[0]) / _NANO

    def entries(self) -> tuple[Spending, ...]:
        """Every call, oldest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT repair, day, model, nano_usd, tokens_in, tokens_out, estimated, settled "
                "FROM spending ORDER BY id"
            ).fetchall()
        return tuple(
            Spending(
                repair, day, model, nano / _NANO, tokens_in, tokens_out, bool(guess), bool(done)
            )
            for repair, day, model, nano, tokens_in, tokens_out, guess, done in rows
        )

    def _denied(
        self, connection: sqlite3.Connection, repair: str, day: str, amount: int
    ) -> Denied | None:
        budgets: tuple[tuple[Literal["repair", "day"], str, int], ...] = (
            ("repair", repair, self._per_repair),
            ("day", day, self._per_day),
        )
        for column, value, limit in budgets:
            key = f"budget_usd_per_{column}"
            query = f"SELECT COALESCE(SUM(nano_usd), 0) FROM spending WHERE {column} = ?"  # noqa: S608
            spent = int(connection.execute(query, (value,)).fetchone()[0])
            if not limit:
                return Denied(
                    f"the budget is 0: no model is asked; raise model.{key} to ask one", column
                )
            try:
                spent += _elsewhere(self._counted_too, query, value)
            except sqlite3.OperationalError as error:
                return Denied(f"what is spent is unknown: {self._counted_too}: {error}")
            if spent + amount > limit:
                return Denied(
                    f"the budget is used up: {spent / _NANO:.4f} of {limit / _NANO:.2f} USD are "
                    f"spent and a call may cost {amount / _NANO:.4f}; raise model.{key} to go on",
                    column,
                )
        return None

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process that shares this money writes now.

        The kernel lets those who wait come one after the other; SQLite alone lets them try again
        and again, and on a busy disk with 8 processes some never came before their time was up.
        """
        with ExitStack() as stack:
            if self._shared is not None:
                folder = os.open(self._shared, os.O_RDONLY | os.O_DIRECTORY)
                stack.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """The one connection of this process; a forked child gets its own."""
        with self._lock:
            if self._open is None or (self._path and self._process != os.getpid()):
                self._open = _connect(str(self._path or ":memory:"))
                self._open.executescript(_SCHEMA)
                self._process = os.getpid()
            try:
                yield self._open
            except BaseException:
                if self._open.in_transaction:
                    self._open.rollback()
                raise


def _elsewhere(path: Path | None, query: str, value: str) -> int:
    """What another file has for the same question; read without a trace."""
    if path is None or not path.exists():
        return 0
    reading = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    with closing(reading) as connection:
        connection.execute(f"PRAGMA busy_timeout = {int(_BUSY_TIMEOUT_S * 1000)}")
        return int(connection.execute(query, (value,)).fetchone()[0])


def _connect(target: str) -> sqlite3.Connection:
    connection = sqlite3.connect(
        target, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    # A write-ahead log would have to be written by who only reads, too: a dry run must not.
    connection.execute("PRAGMA journal_mode = DELETE")
    return connection


def _nano(usd: float, *, up: bool = False) -> int:
    """Whole billionths, rounded up where too little is not allowed."""
    exact = usd * _NANO
    return int(exact) + (1 if up and exact > int(exact) else 0)
