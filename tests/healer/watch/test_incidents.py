"""One incident is one repair, however often it comes; it rests longer each time, never for ever."""

import itertools
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from healer.facts.states import INCIDENT, IllegalTransitionError, IncidentEvent, IncidentState
from healer.watch.incidents import MAX_COOLDOWN_S, Incident, Incidents

TRANSITIONS = INCIDENT.transitions


@pytest.fixture
def incidents(tmp_path: Path) -> Iterator[Incidents]:
    with Incidents(tmp_path / "incidents.db") as incidents:
        yield incidents


def test_a_failure_every_minute_for_a_day_is_one_repair_and_1440_counts(
    incidents: Incidents,
) -> None:
    answers = Counter(incidents.count_failures("f", now=60.0 * n) for n in range(1_440))
    assert answers == {"start": 1, "counted": 1_439}
    incident = incidents.find("f")
    assert incident is not None
    assert (incident.count, incident.first_at, incident.last_at) == (1_440, 0.0, 60.0 * 1_439)


def test_a_repair_starts_with_the_nth_failure(incidents: Incidents) -> None:
    answers = [incidents.count_failures("f", now=n, after=3) for n in range(4)]
    assert answers == ["not yet", "not yet", "start", "counted"]


def test_a_storm_that_comes_as_one_record_counts_whole(incidents: Incidents) -> None:
    assert incidents.count_failures("f", now=0, count=5_000, after=10) == "start"
    incident = incidents.find("f")
    assert incident and incident.count == 5_000


def test_incidents_are_apart(incidents: Incidents) -> None:
    assert [incidents.count_failures(name, now=0) for name in "abc"] == ["start"] * 3
    assert {each.fingerprint for each in incidents.list_all()} == {"a", "b", "c"}


def test_what_could_not_be_fixed_rests_twice_as_long_each_time_up_to_a_day(
    incidents: Incidents,
) -> None:
    now, rests = 0.0, []
    for _ in range(12):
        assert incidents.count_failures("f", now=now, commit="c1") == "start"
        until = incidents.end_repair("f", is_fixed=False, now=now, cooldown_s=300)
        rests.append(until - now)
        assert incidents.count_failures("f", now=until - 1, commit="c1") == "resting"
        now = until
    assert rests[:4] == [300, 600, 1200, 2400]
    assert rests[-1] == MAX_COOLDOWN_S


def test_a_cooldown_longer_than_a_day_is_kept(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    assert incidents.end_repair("f", is_fixed=False, now=0, cooldown_s=9e5) == 9e5


def test_failures_while_it_rests_are_counted(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.end_repair("f", is_fixed=False, now=0, cooldown_s=300)
    for n in range(10):
        assert incidents.count_failures("f", now=n) == "resting"
    incident = incidents.find("f")
    assert incident and incident.count == 11


def test_a_changed_commit_ends_the_rest_at_once(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0, commit="c1")
    incidents.end_repair("f", is_fixed=False, now=0, cooldown_s=300)
    assert incidents.count_failures("f", now=1, commit="c1") == "resting"
    assert incidents.count_failures("f", now=2, commit="") == "resting"
    assert incidents.count_failures("f", now=3, commit="c2") == "start"
    assert incidents.end_repair("f", is_fixed=False, now=3, cooldown_s=300) == 303


def test_a_changed_commit_does_not_start_a_second_repair_beside_an_open_one(
    incidents: Incidents,
) -> None:
    incidents.count_failures("f", now=0, commit="c1")
    assert incidents.count_failures("f", now=1, commit="c2") == "counted"


def test_what_was_fixed_and_comes_back_starts_anew(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.end_repair("f", is_fixed=True, now=5, cooldown_s=300)
    incident = incidents.find("f")
    assert incident and (incident.status, incident.attempts) == ("fixed", 0)
    assert incidents.count_failures("f", now=6) == "start"


def test_the_repair_is_noted(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.assign_repair("f", "r1")
    incident = incidents.find("f")
    assert incident and incident.repair == "r1"


def test_an_unknown_incident_ends_quietly(incidents: Incidents) -> None:
    assert incidents.find("x") is None
    assert incidents.end_repair("x", is_fixed=True, now=0, cooldown_s=1) == 0


def test_everything_survives_a_restart(tmp_path: Path) -> None:
    first = Incidents(tmp_path / "i.db")
    first.count_failures("f", now=1, script="a.py", commit="c")
    before = first.find("f")
    first.close()
    second = Incidents(tmp_path / "i.db")
    assert second.find("f") == before
    second.close()


@pytest.mark.parametrize("shared", [True, False])
def test_of_many_at_once_exactly_one_is_told_to_start(tmp_path: Path, shared: bool) -> None:
    """Whether the threads share one object, or have one each as processes do."""
    answers: Counter[str] = Counter()
    last = Incidents(tmp_path / "i.db")

    def report() -> None:
        mine = last if shared else Incidents(tmp_path / "i.db")
        for n in range(50):
            answers[mine.count_failures("f", now=n)] += 1
            mine.list_all()
        if not shared:
            mine.close()

    threads = [threading.Thread(target=report) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"start": 1, "counted": 199}
    incident = last.find("f")
    last.close()
    assert incident and incident.count == 200


def test_the_same_failure_after_a_crash_is_not_counted_again(incidents: Incidents) -> None:
    assert incidents.count_failures("f", now=0, failure="a") == "start"
    incidents.assign_repair("f", "r1")
    assert incidents.count_failures("f", now=1, failure="a") == "counted"
    incidents.end_repair("f", is_fixed=True, now=2, cooldown_s=0)
    assert incidents.count_failures("f", now=3, failure="a") == "counted"
    incident = incidents.find("f")
    assert incident and (incident.count, incident.status) == (1, "fixed")
    assert incidents.count_failures("f", now=4, failure="b") == "start"


def test_a_repair_that_a_crash_cut_off_before_it_was_opened_starts_once(
    incidents: Incidents,
) -> None:
    assert incidents.count_failures("f", now=0, count=7, after=5, failure="a") == "start"
    incidents.mark_lost("f")
    assert incidents.count_failures("f", now=1, count=7, after=5, failure="a") == "start"
    assert incidents.count_failures("f", now=2, count=1, after=5, failure="b") == "counted"
    incident = incidents.find("f")
    assert incident and incident.count == 8


def test_a_lost_repair_starts_with_the_next_failure_too(incidents: Incidents) -> None:
    assert incidents.count_failures("f", now=0, count=3, after=3, failure="a") == "start"
    incidents.mark_lost("f")
    assert incidents.count_failures("f", now=1, after=3, failure="b") == "start"


def test_only_an_open_incident_can_lose_its_repair(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.end_repair("f", is_fixed=True, now=1, cooldown_s=0)
    with pytest.raises(IllegalTransitionError, match="is fixed"):
        incidents.mark_lost("f")
    incident = incidents.find("f")
    assert incident and incident.status == "fixed"


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


PAIRS = list(itertools.product(get_args(IncidentState), get_args(IncidentEvent)))


@pytest.mark.parametrize(("status", "event"), PAIRS)
def test_an_event_leads_where_the_table_says_or_raises(
    status: IncidentState, event: IncidentEvent
) -> None:
    incident = Incident("f", "a.py", status, 1, 1, 0, 0.0, 0.0, 0.0, "", "")
    if event in TRANSITIONS[status]:
        assert incident.after(event) == TRANSITIONS[status][event]
    else:
        with pytest.raises(IllegalTransitionError, match=f"f is {status}: '{event}' cannot"):
            incident.after(event)


def in_status(incidents: Incidents, status: IncidentState) -> Incident:
    """An incident that real events have led into this status."""
    incidents.count_failures("f", now=0, after=2 if status == "counting" else 1)
    if status == "lost":
        incidents.mark_lost("f")
    elif status in ("fixed", "resting"):
        incidents.end_repair("f", is_fixed=status == "fixed", now=0, cooldown_s=300)
    incident = incidents.find("f")
    assert incident and incident.status == status
    return incident


@pytest.mark.parametrize(("status", "event"), [p for p in PAIRS if p[1] not in TRANSITIONS[p[0]]])
def test_an_illegal_event_changes_nothing(
    incidents: Incidents, status: IncidentState, event: IncidentEvent
) -> None:
    before = in_status(incidents, status)
    with pytest.raises(IllegalTransitionError):
        before.after(event)
    if event == "lose":
        with pytest.raises(IllegalTransitionError):
            incidents.mark_lost("f")
    assert incidents.find("f") == before


@pytest.mark.parametrize("status", get_args(IncidentState))
def test_a_repair_that_a_person_starts_may_end_an_incident_in_any_status(
    incidents: Incidents, status: IncidentState
) -> None:
    in_status(incidents, status)
    incidents.assign_repair("f", "r1")
    incidents.end_repair("f", is_fixed=True, now=1, cooldown_s=300)
    incident = incidents.find("f")
    assert incident and (incident.status, incident.repair) == ("fixed", "r1")


def test_every_status_can_be_reached_and_left() -> None:
    targets = {to for row in TRANSITIONS.values() for to in row.values()}
    assert targets == set(get_args(IncidentState)) == set(TRANSITIONS)
    assert all(set(row.values()) - {status} for status, row in TRANSITIONS.items())


def test_an_unknown_incident_is_left_unknown(incidents: Incidents) -> None:
    incidents.assign_repair("x", "r1")
    incidents.mark_lost("x")
    assert incidents.find("x") is None
    assert incidents.list_all() == ()
