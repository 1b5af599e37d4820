"""How many calls an endpoint gets in a minute, over all threads and processes of a repository.

Belongs here: giving every call its turn. Does not belong here: waiting for it (`calls`), or money
(`budget`). A turn is booked before it is waited for, so turns are given in the order of asking and
never more of them than allowed fall into any minute. That of a process that died goes unused.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from threading import Lock

WINDOW_S = 60.0
_BUSY_TIMEOUT_S = 30.0
_SCHEMA = "CREATE TABLE IF NOT EXISTS turn (endpoint TEXT NOT NULL, at REAL NOT NULL)"


class Pace:
    """The turns of one repository's calls."""

    def __init__(self, path: Path | None) -> None:
        """`path` is the SQLite file that the processes share; None keeps turns in this object."""
        self._path = path
        self._lock = Lock()
        self._memory = sqlite3.connect(":memory:", check_same_thread=False) if not path else None

    def close(self) -> None:
        """Forgets the turns that are kept in memory."""
        if self._memory is not None:
            self._memory.close()

    def wait_s(self, endpoint: str, per_minute: int, now: float) -> float:
        """Books the next turn at `endpoint`; gives how long to wait for it.

        `now` is in seconds since the epoch, on the clock that all processes share.
        """
        with self._lock:
            if self._memory is not None:
                return _booked(self._memory, endpoint, per_minute, now) - now
            path = self._path or Path()
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with closing(sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S)) as database:
                return _booked(database, endpoint, per_minute, now) - now


def _booked(database: sqlite3.Connection, endpoint: str, per_minute: int, now: float) -> float:
    """The turn: now, or a whole window after the turn that is `per_minute` turns back."""
    database.isolation_level = None
    database.execute("BEGIN IMMEDIATE")
    try:
        database.execute(_SCHEMA)
        # A clock that was set back must not make anybody wait for turns of the future.
        database.execute("DELETE FROM turn WHERE at <= ? OR at > ?", (now - WINDOW_S, now + 3600.0))
        query = "SELECT at FROM turn WHERE endpoint = ? ORDER BY at DESC LIMIT 1 OFFSET ?"
        row = database.execute(query, (endpoint, per_minute - 1)).fetchone()
        turn = max(now, float(row[0]) + WINDOW_S) if row else now
        database.execute("INSERT INTO turn VALUES (?, ?)", (endpoint, turn))
    except BaseException:
        database.execute("ROLLBACK")
        raise
    database.execute("COMMIT")
    return turn
