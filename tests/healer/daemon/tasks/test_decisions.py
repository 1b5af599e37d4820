"""Each decision of the fleet's page is one command; its last line is what came of it."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.daemon.tasks.decisions import CarryOutDecisions, list_words
from healer.services.decisions import Decision, Decisions
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.support.shop import Shop, shop


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (Decision("r1", "approve", "anna"), ("approve", "--by=anna", "--", "r1")),
        (
            Decision("r1", "approve", "anna", overrule=True),
            ("approve", "--yes", "--by=anna", "--", "r1"),
        ),
        (
            Decision("-r", "reject", "--yes", "--no"),
            ("reject", "--reason=--no", "--by=--yes", "--", "-r"),
        ),
        (Decision("r1", "answer", "anna", "2"), ("answer", "--by=anna", "--", "r1", "2")),
        (
            Decision("r1", "answer", "anna", "none", "[3]"),
            ("answer", "--value=[3]", "--by=anna", "--", "r1", "none"),
        ),
        (
            Decision("r1", "rollback", "anna", "wrong"),
            ("rollback", "--reason=wrong", "--by=anna", "--", "r1"),
        ),
    ],
)
def test_the_command_does_the_same(decision: Decision, words: tuple[str, ...]) -> None:
    assert list_words(decision) == words


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


@pytest.fixture
def decisions(shared_url: str, scope: Scope) -> Iterator[Decisions]:
    with SharedTables(shared_url, scope) as tables:
        yield Decisions(tables)


def run_until_over(task: CarryOutDecisions, decisions: Decisions, repair: str) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        task.run(0.0)
        last = decisions.find_last(repair)
        if last is not None and last.is_over:
            return last.answer
        time.sleep(0.1)
    pytest.fail("it has no end")


def test_a_decision_is_carried_out_by_a_command(here: Shop, decisions: Decisions) -> None:
    repair = here.fix().repair
    commit = here.services.ledger.repair(repair).known_result.commit or ""
    task = CarryOutDecisions(here.services, decisions)
    task.run(0.0)
    decisions.ask(Decision(repair, "reject", "anna (signed on)", "no", commit=commit))
    answer = run_until_over(task, decisions, repair)
    assert answer.startswith("Done: ")
    assert here.services.ledger.repair(repair).reason == "rejected by anna (signed on): no"
    decisions.ask(Decision(repair, "reject", "anna (signed on)", "no", commit=commit))
    assert run_until_over(task, decisions, repair).startswith("Not done: ")


def test_another_fix_than_was_shown_begins_no_command(here: Shop, decisions: Decisions) -> None:
    repair = here.fix().repair
    decisions.ask(Decision(repair, "approve", "anna", commit="c" * 40))
    decisions.ask(Decision("none", "approve", "anna", commit="c" * 40))
    task = CarryOutDecisions(here.services, decisions)
    task.run(0.0)
    for name in (repair, "none"):
        last = decisions.find_last(name)
        assert last is not None
        assert "another one by now" in last.answer
    assert here.services.ledger.repair(repair).state == "waiting"
