"""The tables of incidents: what is kept of each, its life, and the ids of its failures.

Belongs here: columns, what an earlier healer wrote or will read, and rows to facts and back. Does
not belong here: what changes an incident (`incidents`).
"""

import sqlite3
from dataclasses import astuple, fields, replace
from typing import get_args

from healer.facts.states import IncidentEvent, IncidentState
from healer.support.sqlite_file import statements
from healer.support.tables import Statements
from healer.watch.incident import Incident

KEPT_EVENTS = 200
"""Of one incident; the oldest give way."""
KEPT_FAILURES = 20
"""Ids of recorded failures that are listed of one incident, the newest."""

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
    repair TEXT NOT NULL
) STRICT
"""
_LIFE = (
    """
CREATE TABLE IF NOT EXISTS incident_event (
    number INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    at REAL NOT NULL,
    event TEXT NOT NULL,
    state TEXT NOT NULL,
    repair TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT
""",
    "CREATE INDEX IF NOT EXISTS incident_event_of ON incident_event (fingerprint)",
    """
CREATE TABLE IF NOT EXISTS incident_failure (
    failure TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    at REAL NOT NULL
) STRICT
""",
    "CREATE INDEX IF NOT EXISTS incident_failure_of ON incident_failure (fingerprint)",
)
_NEW_COLUMNS = (
    "last_failure TEXT NOT NULL DEFAULT ''",
    "state TEXT NOT NULL DEFAULT ''",
    "since REAL NOT NULL DEFAULT 0",
    "reason TEXT NOT NULL DEFAULT ''",
    "is_due INTEGER NOT NULL DEFAULT 0",
    "rests_from REAL NOT NULL DEFAULT 0",
    "summary TEXT NOT NULL DEFAULT ''",
    "command TEXT NOT NULL DEFAULT ''",
    "acked_by TEXT NOT NULL DEFAULT ''",
    "acked_at REAL NOT NULL DEFAULT 0",
    "snoozed_until REAL NOT NULL DEFAULT 0",
)
_STATUS: dict[IncidentState, str] = {
    "open": "resting",
    "repairing": "open",
    "waiting": "open",
    "probation": "fixed",
    "resolved": "fixed",
    "gone": "fixed",
}
"""The column `status` says to an earlier healer as much as it knows."""
_STATE_OF: dict[str, IncidentState] = {
    "counting": "open",
    "resting": "open",
    "lost": "open",
    "open": "repairing",
    "fixed": "resolved",
}
"""What a row means that an earlier healer wrote."""


def _add_columns(connection: sqlite3.Connection) -> None:
    """Those that are missing: tables of a time before versions were counted may have some."""
    names = {row[1] for row in connection.execute("PRAGMA table_info(incident)")}
    for column in _NEW_COLUMNS:
        if column.partition(" ")[0] not in names:
            connection.execute(f"ALTER TABLE incident ADD COLUMN {column}")


SCHEMA = (statements(_TABLE), _add_columns, statements(*_LIFE), _add_columns)
"""The columns are added twice: a file of an earlier healer has taken the second step already."""

_NAMES = tuple(field.name for field in fields(Incident))
_COLUMNS = ", ".join({"state": "state", "commit": "commit_id"}.get(name, name) for name in _NAMES)
SELECT = f"SELECT status, {_COLUMNS} FROM incident"  # noqa: S608 - constants


def read_row(row: tuple[object, ...]) -> Incident:
    status, *values = row
    incident = Incident(*values)  # type: ignore[arg-type]  # in the order of _COLUMNS
    is_known = incident.state in get_args(IncidentState)
    if is_known and _STATUS[incident.state] == status:
        return incident
    state = _STATE_OF.get(str(status), "open")  # an earlier healer has written it since
    return replace(incident, state=state, is_due=int(status == "lost"))


def store(connection: Statements, incident: Incident) -> None:
    values = (_STATUS[incident.state], *astuple(incident))  # in the order of _COLUMNS
    marks = ", ".join("?" * len(values))
    connection.execute("DELETE FROM incident WHERE fingerprint = ?", (incident.fingerprint,))
    connection.execute(
        f"INSERT INTO incident (status, {_COLUMNS})"  # noqa: S608 - constants
        f" VALUES ({marks})",
        values,
    )


def note_event(
    connection: Statements,
    before: Incident,
    incident: Incident,
    event: IncidentEvent,
    now: float,
) -> None:
    """Only what changed something: a count is none."""
    is_new = incident.state != before.state or incident.repair != before.repair
    if is_new or not before.count or event == "fail":
        insert_event(connection, incident, event, now, incident.reason)


def insert_event(
    connection: Statements, incident: Incident, event: str, now: float, detail: str
) -> None:
    connection.execute(
        "INSERT INTO incident_event (fingerprint, at, event, state, repair, detail)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (incident.fingerprint, now, event, incident.state, incident.repair, detail),
    )
    connection.execute(
        "DELETE FROM incident_event WHERE fingerprint = ?1 AND number <= (SELECT number FROM"
        " incident_event WHERE fingerprint = ?1 ORDER BY number DESC LIMIT 1 OFFSET ?2)",
        (incident.fingerprint, KEPT_EVENTS),
    )


def note_failure(connection: Statements, fingerprint: str, failure: str, now: float) -> None:
    connection.execute("DELETE FROM incident_failure WHERE failure = ?", (failure,))
    connection.execute(
        "INSERT INTO incident_failure (failure, fingerprint, at) VALUES (?, ?, ?)",
        (failure, fingerprint, now),
    )
    connection.execute(
        "DELETE FROM incident_failure WHERE fingerprint = ?1 AND rowid <= (SELECT rowid FROM"
        " incident_failure WHERE fingerprint = ?1 ORDER BY rowid DESC LIMIT 1 OFFSET ?2)",
        (fingerprint, KEPT_FAILURES),
    )
