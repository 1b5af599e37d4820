"""Which event leads where: each pair of state and event, legal or refused, and the picture."""

from itertools import product
from pathlib import Path
from typing import get_args

import pytest

from healer.facts.states import (
    INCIDENT,
    REPAIR,
    STATE_AFTER,
    IllegalTransitionError,
    IncidentEvent,
    IncidentState,
    RepairOutcome,
    RepairState,
    StateTable,
)

DOCS = Path(__file__).parents[3] / "docs" / "states.md"
TABLES = pytest.mark.parametrize("table", [REPAIR, INCIDENT], ids=lambda table: table.noun)
ENDS = {"healthy": "ended", "gave_up": "ended", "unjudged": "ended"}
ASKS = {"review": "waiting", "escalated": "waiting"}
REPAIR_LEADS = {
    "open": {"healed": "merged"} | ENDS | ASKS,
    "waiting": {"healed": "merged", "rejected": "rejected", "healthy": "ended"},
    "merged": {"reverted": "reverted"},
    "rejected": {},
    "reverted": {},
    "ended": {},
}
IN_ANY = {
    "start": "repairing", "ask": "waiting", "merge": "probation", "fail": "open",
    "confirm": "resolved", "vanish": "gone",
}  # fmt: skip
INCIDENT_LEADS = {
    "open": IN_ANY | {"count": "open"},
    "repairing": IN_ANY | {"count": "repairing", "lose": "open"},
    "waiting": IN_ANY | {"count": "waiting", "lose": "open"},
    "probation": IN_ANY | {"count": "open"},
    "resolved": IN_ANY | {"count": "open"},
    "gone": IN_ANY | {"count": "open"},
}
EXPECTED = {"repair": REPAIR_LEADS, "incident": INCIDENT_LEADS}


@pytest.mark.parametrize(
    ("table", "state", "event"),
    [
        pytest.param(table, state, event, id=f"{table.noun} {state} {event}")
        for table, states, events in (
            (REPAIR, get_args(RepairState), get_args(RepairOutcome)),
            (INCIDENT, get_args(IncidentState), get_args(IncidentEvent)),
        )
        for state, event in product(states, events)
    ],
)
def test_each_event_leads_to_one_state_or_is_refused(
    table: StateTable[str, str], state: str, event: str
) -> None:
    target = EXPECTED[table.noun][state].get(event)
    if target is not None:
        assert table.next_state("x1", state, event) == target
        return
    with pytest.raises(IllegalTransitionError, match=f"x1 is {state}: '{event}' cannot happen"):
        table.next_state("x1", state, event)


@TABLES
def test_every_state_is_in_the_table_and_can_be_reached(table: StateTable[str, str]) -> None:
    assert set(table.transitions) == set(EXPECTED[table.noun])
    reached = {table.first}
    for _ in table.transitions:
        reached |= {new for state in reached for new in table.transitions[state].values()}
    assert reached == set(table.transitions)


def test_a_refusal_names_what_is_legal_instead() -> None:
    with pytest.raises(IllegalTransitionError) as refusal:
        REPAIR.next_state("3fa1", "waiting", "reverted")
    assert str(refusal.value) == (
        "repair 3fa1 is waiting: 'reverted' cannot happen to it, only healed, rejected, healthy"
    )
    with pytest.raises(IllegalTransitionError, match="only nothing"):
        REPAIR.next_state("3fa1", "rejected", "healed")


@pytest.mark.parametrize("outcome", get_args(RepairOutcome))
def test_an_outcome_leads_to_the_same_state_from_wherever_it_is_legal(
    outcome: RepairOutcome,
) -> None:
    targets = {leads[outcome] for leads in REPAIR_LEADS.values() if outcome in leads}
    assert targets == {STATE_AFTER[outcome]}


@TABLES
def test_the_picture_in_the_documents_is_drawn_from_the_table(table: StateTable[str, str]) -> None:
    assert f"```mermaid\n{table.draw()}```" in DOCS.read_text(encoding="utf-8")


@TABLES
def test_the_documents_say_what_each_state_is(table: StateTable[str, str]) -> None:
    text = DOCS.read_text(encoding="utf-8")
    for state in table.transitions:
        assert f"| {state} | " in text


def test_a_picture_has_an_arrow_for_each_change_and_none_for_what_changes_nothing() -> None:
    table: StateTable[str, str] = StateTable(
        noun="door",
        first="shut",
        transitions={
            "shut": {"push": "open", "pull": "open", "knock": "shut"},
            "open": {"slam": "broken", "push": "shut"},
            "broken": {},
        },
    )
    assert table.draw().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> shut",
        "    shut --> open: push, pull",
        "    open --> broken: slam",
        "    open --> shut: push",
        "    broken --> [*]",
    ]
