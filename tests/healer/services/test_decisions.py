"""A decision is carried out once, by one, and one that was cut short is begun once more."""

from collections.abc import Iterator

import pytest

from healer.services.decisions import Decision, Decisions
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables

APPROVE = Decision("r1", "approve", "anna (signed on)", value="'x'", commit="c" * 40, overrule=True)


@pytest.fixture
def tables(shared_url: str, scope: Scope) -> Iterator[SharedTables]:
    with SharedTables(shared_url, scope) as tables:
        yield tables


def test_a_decision_is_given_to_one_alone_and_its_answer_kept(tables: SharedTables) -> None:
    decisions = Decisions(tables)
    assert decisions.find_last("r1") is None
    assert decisions.ask(APPROVE)
    (one,) = decisions.list_open()
    assert (one.decision, one.tries, one.is_over) == (APPROVE, 0, False)
    assert decisions.begin(one.number)
    assert not decisions.begin(one.number)
    assert decisions.list_open() == ()
    decisions.end(one.number, "Done: merged.")
    last = decisions.find_last("r1")
    assert last is not None
    assert (last.is_over, last.answer, last.tries) == (True, "Done: merged.", 1)
    assert not decisions.begin(one.number)


def test_two_decisions_on_one_repair_are_not_under_way_at_once(tables: SharedTables) -> None:
    decisions = Decisions(tables)
    assert decisions.ask(APPROVE)
    reject = APPROVE._replace(action="reject", argument="no")
    assert not decisions.ask(reject)
    assert decisions.ask(reject._replace(repair="r2"))
    decisions.end(decisions.list_open()[0].number, "Not done.")
    assert decisions.ask(reject)
    assert [one.decision.repair for one in decisions.list_open()] == ["r2", "r1"]


def test_one_that_was_cut_short_is_begun_once_more(tables: SharedTables) -> None:
    decisions = Decisions(tables)
    decisions.ask(APPROVE)
    (one,) = decisions.list_open()
    decisions.begin(one.number)
    tables.query("UPDATE decision SET begun_at = begun_at - 901 RETURNING 1")
    (again,) = decisions.list_open()
    assert (again.number, again.tries) == (one.number, 1)
    assert decisions.begin(again.number)


def test_what_is_over_goes_in_time_but_not_of_a_repair_that_waits(tables: SharedTables) -> None:
    decisions = Decisions(tables)
    for repair in ("r1", "r2", "r3", "r4"):
        decisions.ask(APPROVE._replace(repair=repair))
    numbers = {one.decision.repair: one.number for one in decisions.list_open()}
    for repair in ("r1", "r2", "r4"):
        decisions.end(numbers[repair], "Not done.")
    tables.query("UPDATE decision SET at = 1, ended_at = least(ended_at, 9) RETURNING 1")
    tables.query("UPDATE decision SET ended_at = 99 WHERE repair = 'r4' RETURNING 1")
    decisions.forget(50.0, keep={"r2"})
    left = {repair for repair in ("r1", "r2", "r3", "r4") if decisions.find_last(repair)}
    assert left == {"r2", "r3", "r4"}


def test_another_repository_sees_nothing_of_it(tables: SharedTables, shared_url: str) -> None:
    Decisions(tables).ask(APPROVE)
    with SharedTables(shared_url, Scope("test", "another")) as others:
        assert Decisions(others).find_last("r1") is None


def test_a_decision_makes_its_repository_due(tables: SharedTables, scope: Scope) -> None:
    tables.query(
        "INSERT INTO healer.all_work (tenant, repository, url, due_at)"
        " VALUES (?, ?, 'u', 'infinity') RETURNING 1",
        scope,
    )
    Decisions(tables).ask(APPROVE)
    query = "SELECT due_at <= now() FROM healer.all_work WHERE tenant = ? AND repository = ?"
    assert tables.query(query, scope) == [(True,)]
