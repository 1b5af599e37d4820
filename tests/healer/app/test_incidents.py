"""What can be typed about an incident next follows from its state."""

from dataclasses import replace
from typing import Any

import pytest

from healer.app.incidents import IncidentLife, list_next_commands, seconds_of
from healer.ledger.glance import RepairGlance
from healer.watch.incident import Incident

OPEN = Incident("aa11", "a.py", "open", 3, 1, 0, 0.0, 0.0, 0.0, "c1", "r1")
DRAFT = RepairGlance(
    "r1", "a.py", "waiting", "review", 0.0, 0.0, "aa11", "", "", "KeyError", "'a'", "",
    has_draft=True,
)  # fmt: skip
OTHER = replace(DRAFT, id="r0")
ACK, SNOOZE = "healer ack aa11", "healer snooze aa11 2h"


@pytest.mark.parametrize(
    ("facts", "failures", "commands"),
    [
        ({}, ("f1",), ("healer fix a.py --failure f1", ACK, SNOOZE)),
        ({}, (), ("healer fix a.py", ACK, SNOOZE)),
        ({"acked_by": "Ada"}, (), ("healer fix a.py",)),
        ({"snoozed_until": 99.0}, (), ("healer fix a.py",)),
        ({"state": "repairing"}, (), ("healer show r1",)),
        ({"state": "probation"}, (), ("healer show r1", "healer rollback r1")),
        ({"state": "gone", "repair": ""}, (), ()),
        (
            {"state": "waiting"},
            ("f1",),
            ("healer show r1", "healer approve r1", 'healer reject r1 --reason "…"', ACK, SNOOZE),
        ),
    ],
)
def test_what_can_be_typed(facts: Any, failures: Any, commands: tuple[str, ...]) -> None:
    life = IncidentLife(replace(OPEN, **facts), (), tuple((each, 1.0) for each in failures))
    assert list_next_commands(life, 10.0, (OTHER, DRAFT)) == commands


@pytest.mark.parametrize(
    ("repairs", "commands"),
    [
        ((), ()),
        ((OTHER,), ()),
        ((replace(DRAFT, has_draft=False),), ()),
        ((replace(DRAFT, question="What does f(1) give?"),), ("healer answer r1",)),
    ],
)
def test_without_a_draft_that_passed_there_is_nothing_to_approve(
    repairs: Any, commands: tuple[str, ...]
) -> None:
    life = IncidentLife(replace(OPEN, state="waiting"), (), ())
    rest = ('healer reject r1 --reason "…"', ACK, SNOOZE)
    assert list_next_commands(life, 10.0, repairs) == ("healer show r1", *commands, *rest)


def test_lengths_of_time() -> None:
    assert [seconds_of(each) for each in ("90s", "15m", "2h", "1d")] == [90, 900, 7_200, 86_400]
