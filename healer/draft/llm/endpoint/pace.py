"""When an endpoint may be called: the clock, its turns in each minute, its breaks after failures,
and how long it asks to be left alone.

Belongs here: giving every call its turn, over all threads and processes of a repository. Does not
belong here: waiting for it (`calls`), or money (`budget`). A turn is booked before it is waited
for, so turns are given in the order of asking and never more of them than allowed fall into any
minute. That of a process that died goes unused.
"""

import math
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from threading import Lock
from typing import Protocol, Self

from healer.support.circuit_breaker import CircuitBreaker
from healer.support.sqlite_file import SqliteFile, statements
from healer.support.tables import Tables

WINDOW_S = 60.0
_FARTHEST_S = 3600.0
"""Turns later than this were booked before the clock was set back: nobody waits for them."""
FAILURES = 3
"""After so many in a row an endpoint is left alone for a while."""
FIRST_BREAK_S = 30.0
LONGEST_BREAK_S = 600.0
_SCHEMA = (
    statements("CREATE TABLE IF NOT EXISTS turn (endpoint TEXT NOT NULL, at REAL NOT NULL)"),
)


class Clock(Protocol):
    """What calls need to know of time."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Returns after so many seconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def day_of(now: float) -> str:
    """The UTC day of a time, as `2026-11-20`: budgets per day end at midnight UTC."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()


class Pace:
    """The turns of one repository's calls; a with-block."""

    def __init__(self, place: Path | Tables | None) -> None:
        """`place` is the SQLite file that the processes share, or the tables that machines share;
        None keeps turns in this object."""
        self._own = ExitStack()
        if place is None or isinstance(place, Path):
            place = self._own.enter_context(SqliteFile(place, _SCHEMA, journal_mode="DELETE"))
        self._tables: Tables = place

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; turns that are kept in memory are forgotten."""
        self._own.close()

    def book(self, endpoint: str, per_minute: int, now: float) -> float:
        """Books the next turn at `endpoint`; gives how many seconds to wait for it.

        The turn is now, or a whole window after the one that is `per_minute` turns back. `now` is
        in seconds since the epoch, on the clock that all processes share.
        """
        with self._tables.transaction() as connection:
            connection.execute(
                "DELETE FROM turn WHERE at <= ? OR at > ?", (now - WINDOW_S, now + _FARTHEST_S)
            )
            query = "SELECT at FROM turn WHERE endpoint = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
            row = connection.execute(query, (endpoint, per_minute - 1)).fetchone()
            turn = max(now, float(row[0]) + WINDOW_S) if row else now
            connection.execute("INSERT INTO turn VALUES (?, ?)", (endpoint, turn))
        return turn - now


class ModelBreakers:
    """One circuit breaker for each model at each address; those of a whole process, which outlive
    a repair. Tiers that share an address fall back on each other: one model may be overloaded, or
    asked for too often, where another answers."""

    def __init__(self) -> None:
        self._breakers: dict[tuple[str, str], CircuitBreaker] = {}
        self._lock = Lock()

    def breaker_of(self, base_url: str, model: str) -> CircuitBreaker:
        key = (base_url.rstrip("/"), model)
        with self._lock:
            if key not in self._breakers:
                self._breakers[key] = CircuitBreaker(
                    limit=FAILURES, first_pause_s=FIRST_BREAK_S, longest_pause_s=LONGEST_BREAK_S
                )
            return self._breakers[key]


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `Retry-After` as a number or a date, or from `retry-after-ms`."""
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after") or ""
    try:
        if milliseconds:
            seconds = float(milliseconds) / 1000
        elif value.replace(".", "", 1).isdigit():
            seconds = float(value)
        elif value:
            seconds = parsedate_to_datetime(value).timestamp() - time.time()
        else:
            return None
    except (ValueError, TypeError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None
