"""What one more failure means for an incident, by its state, its rest, and the code."""

import itertools
from dataclasses import replace
from typing import Any, get_args

import pytest

from healer.facts.states import INCIDENT, IllegalTransitionError, IncidentEvent, IncidentState
from healer.watch.incident import Incident, add_count, choose_answer, enter, rest

TRANSITIONS = INCIDENT.transitions
PAIRS = list(itertools.product(get_args(IncidentState), get_args(IncidentEvent)))
OPEN = Incident("f", "a.py", "open", 3, 1, 0, 0.0, 0.0, 0.0, "c1", "r1")


@pytest.mark.parametrize(("state", "event"), PAIRS)
def test_an_event_leads_where_the_table_says_or_raises(
    state: IncidentState, event: IncidentEvent
) -> None:
    incident = Incident("f", "a.py", state, 1, 1, 0, 0.0, 0.0, 0.0, "", "")
    if event in TRANSITIONS[state]:
        assert incident.after(event) == TRANSITIONS[state][event]
    else:
        with pytest.raises(IllegalTransitionError, match=f"f is {state}: '{event}' cannot"):
            incident.after(event)


def test_every_state_can_be_reached_and_left() -> None:
    targets = {to for row in TRANSITIONS.values() for to in row.values()}
    assert targets == set(get_args(IncidentState)) == set(TRANSITIONS)
    assert all(set(row.values()) - {state} for state, row in TRANSITIONS.items())


@pytest.mark.parametrize(
    ("facts", "commit", "answer"),
    [
        ({}, "c1", "start"),
        ({"since_start": 0}, "c1", "not yet"),
        ({"since_start": 0, "is_due": 1}, "c1", "start"),
        ({"state": "repairing"}, "c2", "counted"),
        ({"state": "waiting"}, "c2", "counted"),
        ({"state": "gone"}, "c1", "start"),
        ({"rests_until": 50.0}, "c1", "resting"),
        ({"rests_until": 50.0}, "c2", "start"),
        ({"rests_until": 50.0}, "", "resting"),
        ({"rests_until": 9e9, "rests_from": 8e9}, "c1", "start"),
        ({"snoozed_until": 50.0}, "c2", "snoozed"),
        ({"snoozed_until": 50.0, "state": "resolved"}, "c1", "start"),
    ],
)
def test_one_more_failure(facts: Any, commit: str, answer: str) -> None:
    incident = replace(OPEN, **facts)
    assert choose_answer(incident, now=10.0, commit=commit, count=1, after=2) == answer


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "open"),
        ({"acked_by": "Ada"}, "open, Ada is at it"),
        ({"acked_by": "Ada", "state": "waiting"}, "waits for a person, Ada is at it"),
        ({"acked_by": "Ada", "snoozed_until": 50.0}, "snoozed, Ada is at it"),
        ({"acked_by": "Ada", "state": "gone"}, "no longer fails"),
    ],
)
def test_a_list_says_who_is_at_it(facts: Any, words: str) -> None:
    assert replace(OPEN, **facts).describe_state(10.0) == words


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "open"),
        ({"state": "waiting"}, "waits for a person"),
        ({"state": "probation"}, "on probation"),
        ({"state": "gone"}, "no longer fails"),
        ({"snoozed_until": 50.0}, "snoozed"),
        ({"snoozed_until": 50.0, "state": "gone"}, "no longer fails"),
    ],
)
def test_a_person_reads_its_state(facts: Any, words: str) -> None:
    assert replace(OPEN, **facts).shown_state(10.0) == words


def test_a_new_state_begins_now_and_its_reason_is_its_own() -> None:
    before = replace(OPEN, reason="no draft passed", since=1.0)
    again = enter(before, "count", 9.0)
    assert (again.since, again.reason) == (1.0, "no draft passed")
    other = enter(before, "merge", 9.0)
    assert (other.state, other.since, other.reason) == ("probation", 9.0, "")


def test_rests_double_and_counts_begin_anew_with_a_repair() -> None:
    first = rest(OPEN, 100.0, 300)
    assert (first.rests_from, first.rests_until, first.attempts) == (100.0, 400.0, 1)
    assert rest(first, 1_000.0, 300).rests_until == 1_600.0
    begun = add_count(first, 4, "c1", 7.0, starts=True)
    assert (begun.count, begun.since_start, begun.attempts) == (7, 0, 1)
    assert add_count(first, 1, "c2", 7.0, starts=False).attempts == 0
