"""Money for model calls, held together across processes by one SQLite file, or across machines by
shared tables; tokens where a price is not known.

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
from typing import Literal, NamedTuple, Self

from healer.draft.llm.endpoint.pace import Clock, SystemClock, day_of
from healer.facts.draft import ExhaustedBudget
from healer.support.atomic_file import make_private_folder
from healer.support.sqlite_file import BUSY_TIMEOUT_S, SqliteFile, statements
from healer.support.tables import Statements, Tables

_NANO = 1_000_000_000
"""Amounts are whole billionths of a dollar: sums of them are exact."""
SCHEMA = (
    statements(
        """
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
        )
        """,
        "CREATE INDEX IF NOT EXISTS spending_by_day ON spending (day, nano_usd)",
        "CREATE INDEX IF NOT EXISTS spending_by_repair ON spending (repair, nano_usd)",
    ),
)
_SUM_OF_REPAIR = "SELECT COALESCE(SUM(nano_usd), 0) FROM spending WHERE repair = ?"
_SUM_OF_TOKENS = (
    "SELECT COALESCE(SUM(tokens_in + tokens_out), 0) FROM spending WHERE nano_usd = 0 AND "
)
_SUM_OF_DAY = "SELECT COALESCE(SUM(nano_usd), 0) FROM spending WHERE day = ?"


class Denied(NamedTuple):
    """A call would go past a budget: it is not made."""

    reason: str
    """One sentence with the budget, what is spent, and the setting that raises it."""
    budget: ExhaustedBudget = ""


class Reservation(NamedTuple):
    """Money set aside for one call."""

    id: int
    usd: float


class PaidCall(NamedTuple):
    """One call, as the file has it."""

    repair: str
    day: str
    model: str
    usd: float
    tokens_in: int
    tokens_out: int
    estimated: bool
    settled: bool


class _Limit(NamedTuple):
    """A budget, and what counts for it."""

    budget: Literal["repair", "day"]
    query: str
    value: str
    most: int
    """Billionths of a dollar, or tokens."""
    unit: Literal["usd", "tokens"] = "usd"

    @property
    def setting(self) -> str:
        return f"model.budget_{self.unit}_per_{self.budget}"

    def show(self, amount: int, digits: int = 4) -> str:
        return f"{amount / _NANO:.{digits}f}" if self.unit == "usd" else f"{amount:,}"


class Budget:
    """Budgets per repair and per UTC day; a with-block. Safe for several threads and processes."""

    def __init__(
        self,
        path: Path | None,
        *,
        usd_per_repair: float,
        usd_per_day: float,
        tokens_per_repair: int | None = None,
        tokens_per_day: int | None = None,
        clock: Clock | None = None,
        counted_too: Path | None = None,
        lock: Path | None = None,
        tables: Tables | None = None,
    ) -> None:
        """`path` is the file of the calls, made when missing; None keeps them in this process.

        What `counted_too` holds counts as well, and is only read; `lock` is a folder whose lock
        is held while something is written (by default the file's own). A budget of 0 allows no
        call, not even a free one. The tokens limit calls whose price is not known; None: not.
        `tables` are those that several machines have: they take the place of `path`.
        """
        self._per_repair = _to_nano(usd_per_repair)
        self._per_day = _to_nano(usd_per_day)
        self._tokens_per_repair, self._tokens_per_day = tokens_per_repair, tokens_per_day
        self._clock = clock or SystemClock()
        self._path = path
        self._counted_too, self._folder = counted_too, lock or (path.parent if path else None)
        self._lock = Lock()
        self._file: SqliteFile | None = None
        self._process, self.tables = 0, tables
        if path:
            make_private_folder(path.parent)
        if tables is None:
            with self._alone():
                self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; the next use opens it again (one in memory starts empty)."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def reserve(
        self, repair: str, model: str, worst_case_usd: float, *, unpriced_tokens: int = 0
    ) -> Reservation | Denied:
        """Sets the worst case of a call aside, if both budgets have room for all of it.
        `unpriced_tokens`: its tokens at most, where their price is not known."""
        amount = _to_nano(worst_case_usd, up=True)
        day = day_of(self._clock.now())
        limits = (
            _Limit("repair", _SUM_OF_REPAIR, repair, self._per_repair),
            _Limit("day", _SUM_OF_DAY, day, self._per_day),
        )
        with self._alone(), self._open().transaction() as connection:
            checks = [(limit, amount) for limit in limits]
            if unpriced_tokens:
                checks += [(each, unpriced_tokens) for each in self._token_limits(repair, day)]
            for limit, most in checks:
                denial = self._check(connection, limit, most)
                if denial is not None:
                    return denial
            rows = connection.execute(
                "INSERT INTO spending (repair, day, model, nano_usd, tokens_in) "
                "VALUES (?, ?, ?, ?, ?) RETURNING id",
                (repair, day, model, amount, unpriced_tokens),
            )
            return Reservation(int(rows.fetchone()[0]), amount / _NANO)

    def settle(
        self,
        reservation: Reservation,
        usd: float,
        *,
        tokens_in: int = 0,
        tokens_out: int = 0,
        is_estimate: bool = False,
    ) -> None:
        """Puts what the call came to in the place of its worst case."""
        values = (_to_nano(usd, up=True), tokens_in, tokens_out, is_estimate, reservation.id)
        with self._alone(), self._open().transaction() as connection:
            connection.execute(
                "UPDATE spending SET nano_usd = ?, tokens_in = ?, tokens_out = ?, estimated = ?, "
                "settled = 1 WHERE id = ?",
                values,
            )

    def entries(self) -> tuple[PaidCall, ...]:
        """Every call, oldest first; one that is not settled at its worst case."""
        rows = self._open().query(
            "SELECT repair, day, model, nano_usd, tokens_in, tokens_out, estimated, settled "
            "FROM spending ORDER BY id"
        )
        return tuple(
            PaidCall(
                repair, day, model, nano / _NANO, tokens_in, tokens_out, bool(guess), bool(end)
            )
            for repair, day, model, nano, tokens_in, tokens_out, guess, end in rows
        )

    def _token_limits(self, repair: str, day: str) -> Iterator[_Limit]:
        if self._tokens_per_repair is not None:
            query = f"{_SUM_OF_TOKENS} repair = ?"
            yield _Limit("repair", query, repair, self._tokens_per_repair, "tokens")
        if self._tokens_per_day is not None:
            query = f"{_SUM_OF_TOKENS} day = ?"
            yield _Limit("day", query, day, self._tokens_per_day, "tokens")

    def _check(self, connection: Statements, limit: _Limit, amount: int) -> Denied | None:
        if not limit.most:
            reason = f"the budget is 0: no model is asked; raise {limit.setting} to ask one"
            return Denied(reason, limit.budget)
        total = int(connection.execute(limit.query, (limit.value,)).fetchone()[0])
        try:
            total += 0 if self.tables else _sum_elsewhere(self._counted_too, limit)
        except sqlite3.OperationalError as error:
            return Denied(
                f"what is spent is unknown: {self._counted_too}: {error}; see that this file can "
                f"be read"
            )
        if total + amount <= limit.most:
            return None
        unit = "USD" if limit.unit == "usd" else "tokens without a known price"
        return Denied(
            f"the budget is used up: {limit.show(total)} of {limit.show(limit.most, 2)} {unit} are "
            f"spent and a call may cost {limit.show(amount)}; raise {limit.setting} to go on",
            limit.budget,
        )

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process that shares this money writes now.

        The kernel lets those who wait come one after the other; SQLite alone lets them try again
        and again, and on a busy disk with 8 processes some never came before their time was up.
        """
        with ExitStack() as stack:
            if self._folder is not None and self.tables is None:
                folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
                stack.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
            yield

    def _open(self) -> Tables:
        """The one open file of this process; a forked child gets its own."""
        if self.tables is not None:
            return self.tables
        with self._lock:
            if self._file is None or (self._path and self._process != os.getpid()):
                # A write-ahead log would have to be written by who only reads: a dry run must not.
                self._file = SqliteFile(self._path, SCHEMA, journal_mode="DELETE")
                self._process = os.getpid()
            return self._file


def _sum_elsewhere(path: Path | None, limit: _Limit) -> int:
    """What another file has for the same question; read without a trace."""
    if path is None or not path.exists():
        return 0
    reader = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    with closing(reader) as connection:
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT_S * 1000)}")
        return int(connection.execute(limit.query, (limit.value,)).fetchone()[0])


def _to_nano(usd: float, *, up: bool = False) -> int:
    """Whole billionths, rounded up where too little is not allowed."""
    exact = usd * _NANO
    return int(exact) + (1 if up and exact > int(exact) else 0)
