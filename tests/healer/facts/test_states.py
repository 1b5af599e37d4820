"""What may follow what: every pair of states is allowed or refused, and the picture agrees."""

from itertools import product
from pathlib import Path

import pytest

from healer.facts.states import (
    INCIDENT,
    REPAIR,
    STATE_AFTER,
    IllegalTransitionError,
    RepairOutcome,
    StateTable,
)

DOCS = Path(__file__).parents[3] / "docs" / "states.md"
TABLES = pytest.mark.parametrize("table", [REPAIR, INCIDENT], ids=lambda table: table.noun)

REPAIR_MAY = {
    "open": {"waiting", "merged", "ended"},
    "waiting": {"merged", "rejected"},
    "merged": {"reverted"},
    "rejected": set(),
    "reverted": set(),
    "ended": set(),
}
INCIDENT_MAY = {
    "counting": {"open", "resting", "fixed"},
    "open": {"resting", "fixed", "lost"},
    "resting": {"open", "fixed"},
    "fixed": {"open", "resting"},
    "lost": {"open", "resting", "fixed"},
}


@pytest.mark.parametrize(
    ("table", "current", "new", "is_allowed"),
    [
        pytest.param(table, old, new, old == new or new in may[old], id=f"{table.noun} {old} {new}")
        for table, may in ((REPAIR, REPAIR_MAY), (INCIDENT, INCIDENT_MAY))
        for old, new in product(may, repeat=2)
    ],
)
def test_each_pair_is_allowed_or_refused(
    table: StateTable[str], current: str, new: str, is_allowed: bool
) -> None:
    if is_allowed:
        table.check("x1", current, new)
        return
    with pytest.raises(IllegalTransitionError, match=f"x1 is {current} and cannot become {new}"):
        table.check("x1", current, new)


@TABLES
def test_no_state_is_left_out_here_and_none_is_out_of_reach(table: StateTable[str]) -> None:
    expected = {"repair": REPAIR_MAY, "incident": INCIDENT_MAY}[table.noun]
    assert set(table.states) == set(expected)
    reached = {table.first}
    for _ in table.states:
        reached |= {new for old, new in table.transitions if old in reached}
    assert reached == set(table.states)


def test_a_refusal_names_what_may_follow_instead() -> None:
    with pytest.raises(IllegalTransitionError) as refusal:
        REPAIR.check("3fa1", "waiting", "reverted")
    assert str(refusal.value) == (
        "repair 3fa1 is waiting and cannot become reverted: only merged or rejected may follow"
    )
    with pytest.raises(IllegalTransitionError, match="nothing follows it"):
        REPAIR.check("3fa1", "rejected", "merged")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("healthy", "ended"),
        ("healed", "merged"),
        ("review", "waiting"),
        ("escalated", "waiting"),
        ("gave_up", "ended"),
        ("unjudged", "ended"),
        ("rejected", "rejected"),
        ("reverted", "reverted"),
    ],
)
def test_an_outcome_leaves_a_repair_in_one_state(outcome: RepairOutcome, state: str) -> None:
    assert STATE_AFTER[outcome] == state


@TABLES
def test_the_picture_in_the_documents_is_drawn_from_the_table(table: StateTable[str]) -> None:
    assert f"```mermaid\n{table.draw()}```" in DOCS.read_text(encoding="utf-8")


@TABLES
def test_the_picture_shows_each_transition_once_and_where_it_all_ends(
    table: StateTable[str],
) -> None:
    lines = table.draw().splitlines()
    assert lines[:2] == ["stateDiagram-v2", f"    [*] --> {table.first}"]
    for (old, new), why in table.transitions.items():
        assert lines.count(f"    {old} --> {new}: {why}") == 1
    last = {state for state in table.states if f"    {state} --> [*]" in lines}
    assert last == {s for s in table.states if not any(old == s for old, _ in table.transitions)}
