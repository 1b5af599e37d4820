"""One incident is one repair, however often it comes; it rests longer each time, never for ever."""

import itertools
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import get_args

import pytest

from healer.facts.states import INCIDENT, IllegalTransitionError, IncidentEvent, IncidentState
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.incident import MAX_COOLDOWN_S, Incident
from healer.watch.incident_tables import KEPT_FAILURES
from healer.watch.incidents import Incidents

TRANSITIONS = INCIDENT.transitions


@pytest.fixture(params=["file", "shared"])
def incidents(request: pytest.FixtureRequest, tmp_path: Path, scope: Scope) -> Iterator[Incidents]:
    """Kept in either place: what holds in one holds in the other."""
    with ExitStack() as stack:
        place: Path | SharedTables = tmp_path / "incidents.db"
        if request.param == "shared":
            url = request.getfixturevalue("shared_url")
            place = stack.enter_context(SharedTables(url, scope))
        yield stack.enter_context(Incidents(place))


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
        until = incidents.apply_event("f", "fail", now=now, cooldown_s=300)
        rests.append(until - now)
        assert incidents.count_failures("f", now=until - 1, commit="c1") == "resting"
        now = until
    assert rests[:4] == [300, 600, 1200, 2400]
    assert rests[-1] == MAX_COOLDOWN_S


def test_a_failed_repair_that_is_told_again_after_a_crash_counts_once(
    incidents: Incidents,
) -> None:
    incidents.count_failures("f", now=0)
    incidents.assign_repair("f", "r1", 1)
    told = [
        incidents.apply_event("f", "fail", now=now, repair="r1", reason="no", cooldown_s=300)
        for now in (10, 20, 30)
    ]
    assert told == [310, 310, 310]
    assert [m.event for m in incidents.list_life("f")].count("fail") == 1
    incidents.apply_event("f", "start", now=400, repair="r1")
    assert incidents.apply_event(
        "f", "fail", now=500, repair="r1", reason="no", cooldown_s=300
    ) == (500 + 600)


def test_a_cooldown_longer_than_a_day_is_kept(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    assert incidents.apply_event("f", "fail", now=0, cooldown_s=9e5) == 9e5


def test_failures_while_it_rests_are_counted(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.apply_event("f", "fail", now=0, cooldown_s=300)
    for n in range(10):
        assert incidents.count_failures("f", now=n) == "resting"
    incident = incidents.find("f")
    assert incident and incident.count == 11


def test_a_changed_commit_ends_the_rest_at_once(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0, commit="c1")
    incidents.apply_event("f", "fail", now=0, cooldown_s=300)
    assert incidents.count_failures("f", now=1, commit="c1") == "resting"
    assert incidents.count_failures("f", now=2, commit="") == "resting"
    assert incidents.count_failures("f", now=3, commit="c2") == "start"
    assert incidents.apply_event("f", "fail", now=3, cooldown_s=300) == 303


def test_a_changed_commit_does_not_start_a_second_repair_beside_an_open_one(
    incidents: Incidents,
) -> None:
    incidents.count_failures("f", now=0, commit="c1")
    assert incidents.count_failures("f", now=1, commit="c2") == "counted"


def test_what_was_fixed_and_comes_back_starts_anew(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.apply_event("f", "merge", now=5, cooldown_s=300)
    incident = incidents.find("f")
    assert incident and (incident.state, incident.attempts) == ("probation", 0)
    assert incidents.count_failures("f", now=6) == "start"


def test_the_repair_is_noted(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.assign_repair("f", "r1")
    incident = incidents.find("f")
    assert incident and incident.repair == "r1"


def test_an_unknown_incident_ends_quietly(incidents: Incidents) -> None:
    assert incidents.find("x") is None
    assert incidents.apply_event("x", "merge", now=0, cooldown_s=1) == 0


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
    incidents.apply_event("f", "merge", now=2, cooldown_s=0)
    assert incidents.count_failures("f", now=3, failure="a") == "counted"
    incident = incidents.find("f")
    assert incident and (incident.count, incident.state) == (1, "probation")
    assert incidents.count_failures("f", now=4, failure="b") == "start"


def test_a_repair_that_a_crash_cut_off_before_it_was_opened_starts_once(
    incidents: Incidents,
) -> None:
    assert incidents.count_failures("f", now=0, count=7, after=5, failure="a") == "start"
    incidents.apply_event("f", "lose", now=0)
    assert incidents.count_failures("f", now=1, count=7, after=5, failure="a") == "start"
    assert incidents.count_failures("f", now=2, count=1, after=5, failure="b") == "counted"
    incident = incidents.find("f")
    assert incident and incident.count == 8


def test_a_lost_repair_starts_with_the_next_failure_too(incidents: Incidents) -> None:
    assert incidents.count_failures("f", now=0, count=3, after=3, failure="a") == "start"
    incidents.apply_event("f", "lose", now=0)
    assert incidents.count_failures("f", now=1, after=3, failure="b") == "start"


def test_only_an_open_incident_can_lose_its_repair(incidents: Incidents) -> None:
    incidents.count_failures("f", now=0)
    incidents.apply_event("f", "merge", now=1, cooldown_s=0)
    with pytest.raises(IllegalTransitionError, match="is probation"):
        incidents.apply_event("f", "lose", now=0)
    incident = incidents.find("f")
    assert incident and incident.state == "probation"


PAIRS = list(itertools.product(get_args(IncidentState), get_args(IncidentEvent)))


LEADS_TO: dict[IncidentState, IncidentEvent] = {
    "waiting": "ask", "probation": "merge", "resolved": "confirm", "gone": "vanish",
}  # fmt: skip


def in_state(incidents: Incidents, state: IncidentState) -> Incident:
    """An incident that real events have led into this state."""
    incidents.count_failures("f", now=0, after=2 if state == "open" else 1)
    if state in LEADS_TO:
        incidents.apply_event("f", LEADS_TO[state], now=0)
    incident = incidents.find("f")
    assert incident and incident.state == state
    return incident


@pytest.mark.parametrize(("state", "event"), [p for p in PAIRS if p[1] not in TRANSITIONS[p[0]]])
def test_an_illegal_event_changes_nothing(
    incidents: Incidents, state: IncidentState, event: IncidentEvent
) -> None:
    before = in_state(incidents, state)
    with pytest.raises(IllegalTransitionError):
        incidents.apply_event("f", event, now=5)
    assert incidents.find("f") == before


@pytest.mark.parametrize("state", get_args(IncidentState))
def test_a_repair_that_a_person_starts_may_end_an_incident_in_any_state(
    incidents: Incidents, state: IncidentState
) -> None:
    in_state(incidents, state)
    incidents.assign_repair("f", "r1")
    incidents.apply_event("f", "merge", now=1, cooldown_s=300)
    incident = incidents.find("f")
    assert incident and (incident.state, incident.repair) == ("probation", "r1")


def test_an_unknown_incident_is_left_unknown(incidents: Incidents) -> None:
    incidents.assign_repair("x", "r1")
    incidents.apply_event("x", "lose", now=0)
    assert incidents.find("x") is None
    assert incidents.list_all() == ()


def test_a_clock_that_jumps_ahead_and_back_leaves_nothing_at_rest_for_a_year(
    incidents: Incidents,
) -> None:
    year_s = 365 * 86_400.0
    incidents.count_failures("f", now=year_s, commit="c1")
    incidents.apply_event("f", "fail", now=year_s, cooldown_s=300)
    assert incidents.count_failures("f", now=1_000, commit="c1") == "start"


def test_a_failure_of_code_before_its_fix_is_counted_and_opens_nothing(
    incidents: Incidents,
) -> None:
    before = in_state(incidents, "probation")
    assert incidents.count_failures("f", now=3, is_outdated=True) == "counted"
    incident = incidents.find("f")
    assert incident and (incident.state, incident.count) == ("probation", before.count + 1)


def test_a_snoozed_incident_is_counted_and_starts_when_its_time_is_over(
    incidents: Incidents,
) -> None:
    in_state(incidents, "open")
    incidents.snooze("f", 100.0, "Ada", now=0)
    assert incidents.count_failures("f", now=50) == "snoozed"
    incident = incidents.find("f")
    assert incident and incident.shown_state(50) == "snoozed"
    assert incidents.count_failures("f", now=101) == "start"


def test_a_rerun_is_noted_once_and_changes_no_state(incidents: Incidents) -> None:
    in_state(incidents, "probation")
    for moment in (7, 8):
        incidents.note_rerun("f", "re-ran at 03:12, good (2 s)", now=moment)
    notes = [m for m in incidents.list_life("f") if m.event == "rerun"]
    assert [(m.at, m.detail) for m in notes] == [(7, "re-ran at 03:12, good (2 s)")]
    incident = incidents.find("f")
    assert incident is not None
    assert incident.state == "probation"
    incidents.note_rerun("unknown", "re-ran", now=9)
    assert incidents.list_life("unknown") == ()


def test_an_acknowledgement_lasts_until_it_is_over(incidents: Incidents) -> None:
    in_state(incidents, "waiting")
    incidents.acknowledge("f", "Ada", now=7)
    incident = incidents.find("f")
    assert incident and (incident.acked_by, incident.acked_at) == ("Ada", 7)
    incidents.apply_event("f", "vanish", now=8)
    incident = incidents.find("f")
    assert incident and (incident.acked_by, incident.is_over) == ("", True)


def test_a_life_tells_each_change_once_and_no_counts(incidents: Incidents) -> None:
    incidents.count_failures("f", now=1, failure="a1")
    incidents.assign_repair("f", "r1", 2)
    for n in range(50):
        incidents.count_failures("f", now=3, failure=f"b{n}")
    incidents.apply_event("f", "ask", now=4, reason="the evidence is weak", repair="r1")
    incidents.acknowledge("f", "Ada", now=5)
    incidents.apply_event("f", "vanish", now=6, reason="a run ended well")
    moments = [(m.at, m.event, m.state, m.detail) for m in incidents.list_life("f")]
    assert moments == [
        (1, "start", "repairing", ""),
        (2, "start", "repairing", ""),
        (4, "ask", "waiting", "the evidence is weak"),
        (5, "acknowledge", "waiting", "by Ada"),
        (6, "vanish", "gone", "a run ended well"),
    ]
    assert len(incidents.list_failures("f")) == KEPT_FAILURES


def test_nobody_is_reminded_of_what_is_over(incidents: Incidents) -> None:
    incident = in_state(incidents, "waiting")
    assert not incidents.is_silent(incident.fingerprint, 10)
    incidents.apply_event(incident.fingerprint, "vanish", now=11)
    assert incidents.is_silent(incident.fingerprint, 12)


def test_an_incident_is_found_by_the_beginning_of_any_id_that_was_printed(
    incidents: Incidents,
) -> None:
    incidents.count_failures("abcd", now=1, failure="9f01")
    incidents.count_failures("abff", now=1, failure="9f02")
    incidents.apply_event("abcd", "ask", now=1, repair="77aa")
    incidents.apply_event("abcd", "merge", now=1, repair="88aa")
    found = {word: [each.fingerprint for each in incidents.find_all(word)] for word in
             ("abc", "ab", "9f01", "77", "88aa", "x", "", "*")}  # fmt: skip
    assert {word: sorted(names) for word, names in found.items()} == {
        "abc": ["abcd"], "ab": ["abcd", "abff"], "9f01": ["abcd"], "77": ["abcd"],
        "88aa": ["abcd"], "x": [], "": [], "*": [],
    }  # fmt: skip


def test_what_is_over_is_forgotten_after_a_while_and_nothing_else(incidents: Incidents) -> None:
    for name, event in (("a", "confirm"), ("b", "fail")):
        incidents.apply_event(name, event, now=10, script="a.py")  # type: ignore[arg-type]  # of a table
    incidents.forget(before=10)
    assert len(incidents.list_all()) == 2
    incidents.forget(before=11)
    assert [each.fingerprint for each in incidents.list_all()] == ["b"]
    assert incidents.list_life("a") == ()


def test_an_incident_is_as_old_as_its_failure_however_late_it_is_counted(
    incidents: Incidents,
) -> None:
    incidents.count_failures("f", now=500.0, occurred_at=100.0)
    incident = incidents.find("f")
    assert incident is not None
    assert (incident.first_at, incident.last_at, incident.since) == (100.0, 100.0, 500.0)
