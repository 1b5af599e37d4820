"""The file of incidents is read whichever healer wrote it last, and it does not grow for ever."""

import sqlite3
from pathlib import Path

import pytest

from healer.watch.incident_tables import KEPT_EVENTS, KEPT_FAILURES
from healer.watch.incidents import Incidents


@pytest.mark.parametrize(
    ("status", "state", "is_due"),
    [("counting", "open", 0), ("resting", "open", 0), ("lost", "open", 1),
     ("open", "repairing", 0), ("fixed", "resolved", 0)],
)  # fmt: skip
def test_what_an_earlier_healer_wrote_since_is_believed(
    tmp_path: Path, status: str, state: str, is_due: int
) -> None:
    path = tmp_path / "i.sqlite"
    first = "waiting" if status in ("counting", "resting", "lost", "fixed") else "gone"
    with Incidents(path) as incidents:
        incidents.count_failures("f", now=0)
        incidents.apply_event("f", "ask" if first == "waiting" else "vanish", now=1)
    old = sqlite3.connect(path)
    old.execute("UPDATE incident SET status = ?", (status,))
    old.commit()
    old.close()
    with Incidents(path) as incidents:
        incident = incidents.find("f")
    assert incident and (incident.state, incident.is_due) == (state, is_due)


@pytest.mark.parametrize("has_column", [True, False])
def test_a_file_of_an_earlier_version_is_read_on(tmp_path: Path, has_column: bool) -> None:
    path = tmp_path / "old.sqlite"
    with Incidents(path) as first:
        first.count_failures("f", now=0)
    old = sqlite3.connect(path)
    if not has_column:
        old.execute("ALTER TABLE incident DROP COLUMN last_failure")
    old.execute("PRAGMA user_version = 0")  # it counted no versions
    old.commit()
    old.close()
    with Incidents(path) as again:
        assert again.count_failures("f", now=1, failure="a") == "counted"


def test_a_life_does_not_grow_for_ever(tmp_path: Path) -> None:
    incidents = Incidents(tmp_path / "i.sqlite")
    for n in range(KEPT_FAILURES + 5):
        incidents.count_failures("f", now=0, failure=f"b{n}")
    assert len(incidents.list_failures("f")) == KEPT_FAILURES
    for n in range(KEPT_EVENTS + 50):
        incidents.apply_event("f", "fail", now=float(n), script="a.py")
    assert len(incidents.list_life("f")) == KEPT_EVENTS
    incidents.close()
