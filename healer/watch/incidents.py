"""Which failures are one incident, how often they came, and when a repair of them may start.

Belongs here: counters, `after`, the growing cool-down, and their durable form. Does not belong
here: the repair, and the time (callers give it, in seconds since the epoch).

An incident is open while a repair of it runs or waits for a person: until then, failures are only
counted. One whose repair failed rests, each time twice as long, and starts anew at once when the
code has changed, since that is what may have broken or mended it.
"""

import sqlite3
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import Literal, Self

from healer.facts.states import INCIDENT, IncidentEvent, IncidentState
from healer.support.sqlite_file import SqliteFile, statements

MAX_COOLDOWN_S = 24 * 3600.0
_MAX_DOUBLINGS = 20

Answer = Literal["start", "counted", "not yet", "resting"]

_TABLE = """
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
_COLUMNS = (
    "fingerprint, script, status, count, since_start, attempts, first_at, last_at, rests_until,"
    " commit_id, repair, last_failure"
)
_SELECT = f"SELECT {_COLUMNS} FROM incident"  # noqa: S608 - constants


def _add_last_failure(connection: sqlite3.Connection) -> None:
    """Tables of a time before versions were counted may have it or not."""
    if "last_failure" not in connection.execute("SELECT * FROM incident").description[-1]:
        connection.execute("ALTER TABLE incident ADD COLUMN last_failure TEXT NOT NULL DEFAULT ''")


_SCHEMA = (statements(_TABLE), _add_last_failure)


@dataclass(frozen=True)
class Incident:
    """All failures with one fingerprint."""

    fingerprint: str
    script: str
    status: IncidentState
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

    def after(self, event: IncidentEvent) -> IncidentState:
        """The state that an event leads to; raises `IllegalTransitionError` where none does."""
        return INCIDENT.next_state(self.fingerprint, self.status, event)


class Incidents:
    """The incidents of one repository, in a SQLite file; a with-block.

    Several threads and processes may use it at once.
    """

    def __init__(self, path: Path) -> None:
        """Opens `path`; it is made when missing."""
        # A power cut loses counts, no incident.
        self._database = SqliteFile(path, _SCHEMA, synchronous="NORMAL")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._database.close()

    def count_failures(
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
        `end_repair`. `after` is how many failures a repair needs; `commit` the one that failed. The
        same `failure` (an id) again is not counted again, and starts what a crash cut short.
        """
        with self._database.transaction() as connection:
            incident = self.find(fingerprint) or Incident(
                fingerprint, script, "counting", 0, 0, 0, now, now, 0.0, commit, ""
            )
            if failure and failure == incident.last_failure:
                if incident.status != "lost":
                    return "counted"
                _store(connection, replace(incident, status=incident.after("start")))
                return "start"
            answer = _answer(incident, now=now, commit=commit, count=count, after=after)
            starts = answer == "start"
            incident = replace(
                incident,
                script=script or incident.script,
                status=incident.after("start" if starts else "count"),
                count=incident.count + count,
                since_start=0 if starts else incident.since_start + count,
                attempts=0 if _code_differs(incident, commit) else incident.attempts,
                last_at=max(now, incident.last_at),
                commit=commit if starts else incident.commit,
                last_failure=failure,
            )
            _store(connection, incident)
        return answer

    def assign_repair(self, fingerprint: str, repair: str) -> None:
        """Says which repair takes care of it; the incident is open from then on."""
        with self._database.transaction() as connection:
            incident = self.find(fingerprint)
            if incident is not None:
                status = incident.after("start")
                _store(connection, replace(incident, status=status, repair=repair))

    def mark_lost(self, fingerprint: str) -> None:
        """Its repair was never opened: the next failure, or the same once more, starts it.

        Raises `IllegalTransitionError` for an incident that is not open.
        """
        with self._database.transaction() as connection:
            incident = self.find(fingerprint)
            if incident is not None:
                _store(connection, replace(incident, status=incident.after("lose")))

    def end_repair(
        self, fingerprint: str, *, is_fixed: bool, now: float, cooldown_s: float
    ) -> float:
        """A repair has ended; gives until when the incident rests (0 when it is fixed).

        Each repair in a row that did not fix it doubles the rest, up to a day.
        """
        with self._database.transaction() as connection:
            incident = self.find(fingerprint)
            if incident is None:
                return 0.0
            if is_fixed:
                status, attempts, until = incident.after("fix"), 0, 0.0
            else:
                doublings = min(incident.attempts, _MAX_DOUBLINGS)
                rest_s = min(cooldown_s * 2.0**doublings, max(MAX_COOLDOWN_S, cooldown_s))
                status, attempts = incident.after("fail"), incident.attempts + 1
                until = now + rest_s
            _store(
                connection,
                replace(incident, status=status, attempts=attempts, rests_until=until),
            )
            return until

    def find(self, fingerprint: str) -> Incident | None:
        """One incident, or None."""
        rows = self._database.query(f"{_SELECT} WHERE fingerprint = ?", (fingerprint,))
        return Incident(*rows[0]) if rows else None

    def list_all(self) -> tuple[Incident, ...]:
        """Every incident, the one that happened last first."""
        rows = self._database.query(f"{_SELECT} ORDER BY last_at DESC")
        return tuple(Incident(*row) for row in rows)


def _store(connection: sqlite3.Connection, incident: Incident) -> None:
    values = astuple(incident)  # in the order of _COLUMNS
    marks = ", ".join("?" * len(values))
    connection.execute(
        f"INSERT OR REPLACE INTO incident ({_COLUMNS}) VALUES ({marks})",  # noqa: S608 - constants
        values,
    )


def _answer(incident: Incident, *, now: float, commit: str, count: int, after: int) -> Answer:
    """What one more failure means; pure."""
    if incident.status == "open":
        return "counted"
    rests = incident.status == "resting" and now < incident.rests_until
    if rests and not _code_differs(incident, commit):
        return "resting"
    if incident.status != "lost" and incident.since_start + count < after:
        return "not yet"
    return "start"


def _code_differs(incident: Incident, commit: str) -> bool:
    """The code is another one than the last repair started from, as far as both are known."""
    return bool(commit) and bool(incident.commit) and commit != incident.commit
