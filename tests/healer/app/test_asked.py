"""A worker's turn does what a person has decided on the page: what they saw, and nothing else."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from healer.app.asked import carry_out_asked
from healer.services import Services
from healer.services.decisions import MOST_TRIES, Action, Decision, Decisions
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.support.shop import Shop, shop

BY = "anna@example.com (signed on at login.example.com)"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


@pytest.fixture
def decisions(shared_url: str, scope: Scope) -> Iterator[Decisions]:
    with SharedTables(shared_url, scope) as tables:
        yield Decisions(tables)


def decide(here: Shop, decisions: Decisions, action: Action, **more: object) -> str:
    """What came of a decision on the shop's repair."""
    row = here.services.ledger.page(1)[0]
    word = Decision(row.id, action, BY, commit=row.known_result.commit or "")
    assert decisions.ask(word._replace(**more))
    services = with_decisions(here, decisions)
    assert carry_out_asked(services, here.state) == 1
    assert carry_out_asked(services, here.state) == 0
    last = decisions.find_last(row.id)
    assert last is not None
    assert last.is_over
    return last.answer


def with_decisions(here: Shop, decisions: Decisions) -> Services:
    return replace(here.services, decisions=decisions)


def test_an_approval_merges_and_says_who(here: Shop, decisions: Decisions) -> None:
    repair = here.fix().repair
    before = here.tip
    assert decide(here, decisions, "approve").startswith("Done: approved by anna@example.com")
    assert here.tip != before
    rows = {e.kind: e.detail for e in here.services.ledger.entries(repair)}
    assert rows["approval"] == f"by {BY}"
    answer = decide(here, decisions, "rollback", argument="it sums wrongly")
    assert answer.startswith("Done: ")
    assert here.services.ledger.repair(repair).outcome == "reverted"


def test_a_rejection_keeps_its_reason(here: Shop, decisions: Decisions) -> None:
    here.fix()
    before = here.tip
    answer = decide(here, decisions, "reject", argument="it is meant so")
    assert answer == f"Done: rejected by {BY}: it is meant so."
    assert here.tip == before


def test_a_fix_that_the_person_has_not_seen_is_not_merged(here: Shop, decisions: Decisions) -> None:
    here.fix()
    before = here.tip
    assert "another one by now" in decide(here, decisions, "approve", commit="c" * 40)
    assert here.tip == before
    assert here.services.ledger.page(1)[0].state == "waiting"


def test_what_cannot_be_done_is_said(here: Shop, decisions: Decisions) -> None:
    here.fix()
    assert decide(here, decisions, "answer", argument="1").startswith("Not done: ")
    assert decide(here, decisions, "rollback", argument="x").startswith("Not done: ")
    assert here.services.ledger.page(1)[0].state == "waiting"


def test_one_that_was_cut_short_again_and_again_is_given_up(
    here: Shop, decisions: Decisions, shared_url: str, scope: Scope
) -> None:
    here.fix()
    row = here.services.ledger.page(1)[0]
    decisions.ask(Decision(row.id, "approve", BY, commit=row.known_result.commit or ""))
    with SharedTables(shared_url, scope) as tables:
        tables.query("UPDATE decision SET tries = ? RETURNING 1", (MOST_TRIES,))
    before = here.tip
    carry_out_asked(with_decisions(here, decisions), here.state)
    last = decisions.find_last(row.id)
    assert last is not None
    assert "cut short 3 times" in last.answer
    assert here.tip == before


def test_without_a_shared_database_there_is_nothing_to_do(here: Shop) -> None:
    assert carry_out_asked(here.services, here.state) == 0
