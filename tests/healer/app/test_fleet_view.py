"""The pages of a fleet show what the stores of its repositories have, each person's own alone."""

import secrets
import time
from collections.abc import Iterator

import pytest

from healer.app.fleet_view import FleetView
from healer.app.state import database_url
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from healer.services.decisions import Decisions
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.incidents import Incidents
from healer.web.fleet import FleetQuery
from healer.web.repairs import AwayError, RefusedError, Word
from tests.support.ledger_rows import add_repair, request_of


@pytest.fixture
def mine() -> Scope:
    return Scope(f"t{secrets.token_hex(6)}", "git.example.com/shop/jobs")


@pytest.fixture
def view(shared_url: str) -> Iterator[FleetView]:
    with FleetView(shared_url) as view:
        yield view


def count(url: str, scope: Scope, fingerprint: str, **more: object) -> None:
    with SharedTables(url, scope) as tables, Incidents(tables) as incidents:
        facts = {"script": "scripts/report.py", "summary": "KeyError: 'x'", **more}
        incidents.count_failures(fingerprint, now=time.time(), **facts)


def test_an_incident_is_found_from_its_tenant_down(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    count(shared_url, mine, "a" * 16)
    query = FleetQuery((mine.tenant,))
    overview = view.overview(query)
    (tenant,) = overview.tenants
    assert (tenant.tenant, tenant.repositories) == (mine.tenant, 1)
    assert (tenant.counts.repairing, tenant.counts.open) == (1, 0)
    assert tenant.breaker == ""
    (repository,) = view.repositories(query)
    assert (repository.repository, repository.last_summary) == (mine.repository, "KeyError: 'x'")
    (line,) = view.incidents(query)
    assert overview.failures == (line,)
    shown = view.incident(Scope(line.tenant, line.repository), line.fingerprint)
    assert shown is not None
    assert shown.script == "scripts/report.py"
    assert shown.life


def test_a_snooze_is_in_the_incidents_life_and_in_the_ledger_with_who_and_how(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    with Ledger(database_url(shared_url), mine) as ledger:
        add_repair(ledger, "review", request=request_of("r1"))
    count(shared_url, mine, "a" * 16)
    with SharedTables(shared_url, mine) as tables, Incidents(tables) as incidents:
        incidents.apply_event("a" * 16, "ask", now=time.time(), repair="r1")
    by = "anna@example.com (signed on at login.example.com)"
    view.put_off(mine, "a" * 16, "2h", by=by)
    view.put_off(mine, "a" * 16, "", by="")
    (line,) = view.incidents(FleetQuery((mine.tenant,)))
    assert line.state == "snoozed"
    shown = view.incident(mine, "a" * 16)
    assert shown is not None
    assert any(by in each for each in shown.life)
    with Ledger(database_url(shared_url), mine) as ledger:
        rows = {e.kind: e.detail for e in ledger.entries("r1")}
    assert rows["snooze"] == f"by {by}: for 2h"
    assert rows["acknowledgement"] == "by somebody (by the printed token)"


@pytest.mark.parametrize("duration", ["never", "2", "91d"])
def test_what_is_no_length_of_time_changes_nothing(
    view: FleetView, shared_url: str, mine: Scope, duration: str
) -> None:
    count(shared_url, mine, "a" * 16)
    with pytest.raises(RefusedError):
        view.put_off(mine, "a" * 16, duration, by="")
    with pytest.raises(RefusedError, match="is not there"):
        view.put_off(mine, "b" * 16, "2h", by="")
    (line,) = view.incidents(FleetQuery((mine.tenant,)))
    assert line.state == "repairing"


def test_a_repair_is_shown_to_its_own_repository_alone(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    with Ledger(database_url(shared_url), mine) as ledger:
        add_repair(ledger, "review", request=request_of("r1"))
        ledger.record(Entry(repair="r1", kind="approval", outcome="asked", detail="by anna"))
    shown = view.repair(mine, "r1")
    assert shown is not None
    assert shown.state == "review"
    assert "by anna" in shown.history[-1]
    assert view.repair(Scope(mine.tenant, "git.example.com/other"), "r1") is None
    assert view.repair(mine, "r2") is None


def test_a_database_that_is_away_is_said_in_one_sentence() -> None:
    view = FleetView("postgresql://nobody@127.0.0.1:1/none")
    view._pool.__enter__()
    for ask in (
        lambda: view.overview(FleetQuery(None)),
        lambda: view.repair(Scope("a", "b"), "r1"),
    ):
        with pytest.raises(AwayError, match="cannot be reached"):
            ask()


def test_a_decision_waits_for_a_machine_and_stands_in_the_ledger(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    with Ledger(database_url(shared_url), mine) as ledger:
        add_repair(
            ledger, "review", request=request_of("r1"), commit="c" * 40, branch="quarantine/x"
        )
    approve = Word(action="approve", commit="c" * 40)
    for word, said in (
        (Word(action="rollback", argument="x", commit="c" * 40), "does not wait for that"),
        (Word(action="answer", argument="1", commit="c" * 40), "does not wait for that"),
        (Word(action="push", commit="c" * 40), "does not wait for that"),
        (Word(action="reject", commit="c" * 40), "no reason given"),
        (Word(action="approve", commit="d" * 40), "another one by now"),
    ):
        with pytest.raises(RefusedError, match=said):
            view.decide(mine, "r1", word, by="anna (signed on)")
    with pytest.raises(RefusedError, match="there is no repair"):
        view.decide(Scope(mine.tenant, "other"), "r1", approve, by="anna (signed on)")
    view.decide(mine, "r1", approve, by="anna (signed on)")
    shown = view.repair(mine, "r1")
    assert shown is not None
    assert shown.state == "running"
    assert "approve, as anna (signed on) has decided" in shown.step
    assert "asked: approve by anna (signed on)" in shown.history[-1]
    with pytest.raises(RefusedError, match="does not wait"):
        view.decide(mine, "r1", approve, by="bert")
    with SharedTables(shared_url, mine) as tables:
        (one,) = Decisions(tables).list_open()
        assert one.decision.commit == "c" * 40
        Decisions(tables).end(one.number, "Not done: the tests fail.")
    again = view.repair(mine, "r1")
    assert again is not None
    assert (again.state, again.step) == ("review", "Not done: the tests fail.")
