"""Which failures are one incident, how often they came, and when a repair of them may start.

Belongs here: counters, `after`, the growing cool-down, and their durable form. Does not belong
here: the repair, and the time (callers give it, in seconds since the epoch).

An incident is open while a repair of it runs or waits for a person: until then, failures are only
counted. One whose repair failed rests, each time twice as long, and starts anew at once when the
code has changed, since that is what may have broken or mended it.
"""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MAX_COOLDOWN_S = 24 * 3600.0
_MAX_DOUBLINGS = 20
_WAIT_S = 30.0

Status = Literal["counting", "open", "resting", "fixed", "lost"]
"""`lost`: its repair was due, and a crash came before it was opened."""
Answer = Literal["start", "counted", "not yet", "resting"]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS incident (
    fingerprint TEXT PRIMARY KEY,
    script TEXT NOT NULL,
    status TEXT NOT NULL,
    count INTEGER NOT NULL,
    since_start INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    first_at REAL NOT NULL,
    last_at REAL NOT NULL,
    rests_until REAL NOT NULL,
    commit_id TEXT NOT NULL,
    repair TEXT NOT NULL,
    last_failure TEXT NOT NULL DEFAULT ''
) STRICT
"""
_ADDED = "ALTER TABLE incident ADD COLUMN last_failure TEXT NOT NULL DEFAULT ''"
_COLUMNS = (
    "fingerprint, script, status, count, since_start, attempts, first_at, last_at, rests_until,"
    " commit_id, repair, last_failure"
)


@dataclass(frozen=True)
class Incident:
    """All failures with one fingerprint."""

    fingerprint: str
    script: str
    status: Status
    count: int
    """All failures ever."""
    since_start: int
    """Failures since the last repair started, or since the first."""
    attempts: int
    """Repairs in a row that did not fix it."""
    first_at: float
    last_at: float
    rests_until: float
    commit: str
    """The commit that the last repair started from."""
    repair: str
    """The last repair's id; empty before the first."""
    last_failure: str = ""
    """The id of the failure that was counted last; a crash gives it out once more."""


class Incidents:
    """The incidents of one repository, in a SQLite file; several processes may use it at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Several threads of a daemon share it; the lock keeps their transactions apart.
        self._db = sqlite3.connect(
            path, timeout=_WAIT_S, isolation_level=None, check_same_thread=False
        )
        self._lock = threading.RLock()
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")  # a power cut loses counts, no incident
        self._db.execute(_SCHEMA)
        if "last_failure" not in self._db.execute("SELECT * FROM incident").description[-1]:
            self._db.execute(_ADDED)

    def close(self) -> None:
        self._db.close()

    def seen(
        self,
        fingerprint: str,
        *,
        now: float,
        script: str = "",
        commit: str = "",
        count: int = 1,
        after: int = 1,
        failure: str = "",
    ) -> Answer:
        """Counts failures, and says whether a repair starts now.

        `start` is said once: the incident is open from then on, and the caller must end it with
        `ended`. `after` is how many failures a repair needs; `commit` the one that failed. The
        same `failure` (an id) again is not counted again, and starts what a crash cut short.
        """
        with self._change():
            known = self.get(fingerprint)
            if known is None:
                known = Incident(
                    fingerprint, script, "counting", 0, 0, 0, now, now, 0.0, commit, ""
                )
            if failure and failure == known.last_failure:
                return self._once_more(known)
            answer = _answer(known, now=now, commit=commit, count=count, after=after)
            starts = answer == "start"
            self._put(
                fingerprint=fingerprint,
                script=script or known.script,
                status="open" if starts else known.status,
                count=known.count + count,
                since_start=0 if starts else known.since_start + count,
                attempts=0 if _changed(known, commit) else known.attempts,
                first_at=known.first_at,
                last_at=max(now, known.last_at),
                rests_until=known.rests_until,
                commit_id=commit if starts else known.commit,
                repair=known.repair,
                last_failure=failure,
            )
        return answer

    def _once_more(self, known: Incident) -> Answer:
        """What was counted before: a repair starts if it was due and has been lost since."""
        if known.status != "lost":
            return "counted"
        self._update(known.fingerprint, "open", known.attempts, known.rests_until)
        return "start"

    def started(self, fingerprint: str, repair: str) -> None:
        """Notes which repair takes care of it; the incident is open from then on."""
        with self._lock:
            self._db.execute(
                "UPDATE incident SET repair = ?, status = 'open' WHERE fingerprint = ?",
                (repair, fingerprint),
            )

    def lost(self, fingerprint: str) -> None:
        """Its repair was never opened: the next failure, or the same once more, starts it."""
        with self._change():
            known = self.get(fingerprint)
            if known is not None and known.status == "open":
                self._update(fingerprint, "lost", known.attempts, known.rests_until)

    def ended(self, fingerprint: str, *, fixed: bool, now: float, cooldown_s: float) -> float:
        """A repair has ended; gives until when the incident rests (0 when it is fixed).

        Each repair in a row that did not fix it doubles the rest, up to a day.
        """
        with self._change():
            known = self.get(fingerprint)
            if known is None:
                return 0.0
            if fixed:
                self._update(fingerprint, "fixed", attempts=0, rests_until=0.0)
                return 0.0
            doublings = min(known.attempts, _MAX_DOUBLINGS)
            rest_s = min(cooldown_s * 2.0**doublings, max(MAX_COOLDOWN_S, cooldown_s))
            until = now + rest_s
            self._update(fingerprint, "resting", attempts=known.attempts + 1, rests_until=until)
            return until

    def get(self, fingerprint: str) -> Incident | None:
        """One incident, or None."""
        query = f"SELECT {_COLUMNS} FROM incident WHERE fingerprint = ?"  # noqa: S608 - constants
        with self._lock:
            row = self._db.execute(query, (fingerprint,)).fetchone()
        return Incident(*row) if row else None

    def all(self) -> tuple[Incident, ...]:
        """Every incident, the one that happened last first."""
        query = f"SELECT {_COLUMNS} FROM incident ORDER BY last_at DESC"  # noqa: S608 - constants
        with self._lock:
            rows = self._db.execute(query).fetchall()
        return tuple(Incident(*row) for row in rows)

    @contextmanager
    def _change(self) -> Iterator[None]:
        """One change at a time, over all processes; whole or not at all."""
        with self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")

    def _put(self, **values: object) -> None:
        names, marks = ", ".join(values), ", ".join("?" * len(values))
        self._db.execute(
            f"INSERT OR REPLACE INTO incident ({names}) VALUES ({marks})",  # noqa: S608 - our names
            tuple(values.values()),
        )

    def _update(self, fingerprint: str, status: Status, attempts: int, rests_until: float) -> None:
        self._db.execute(
            "UPDATE incident SET status = ?, attempts = ?, rests_until = ? WHERE fingerprint = ?",
            (status, attempts, rests_until, fingerprint),
        )


def _answer(known: Incident, *, now: float, commit: str, count: int, after: int) -> Answer:
    """What one more sighting means; pure."""
    if known.status == "open":
        return "counted"
    rests = known.status == "resting" and now < known.rests_until
    if rests and not _changed(known, commit):
        return "resting"
    if known.status != "lost" and known.since_start + count < after:
        return "not yet"
    return "start"


def _changed(known: Incident, commit: str) -> bool:
    """The code is another one than the last repair started from, as far as both are known."""
    return bool(commit) and bool(known.commit) and commit != known.commit
