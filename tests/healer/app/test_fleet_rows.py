"""Lists over all repositories are of those that the person may see, chosen and cut into pages."""

import secrets
from collections.abc import Iterator

import pytest

from healer.app.fleet_view import FleetView
from healer.app.state import database_url
from healer.ledger.store import Ledger
from healer.services.work import Work, WorkTable
from healer.support.postgres import Scope
from healer.web.fleet import FleetQuery
from tests.healer.app.test_fleet_view import count
from tests.support.ledger_rows import add_repair, request_of


@pytest.fixture
def mine() -> Scope:
    return Scope(f"t{secrets.token_hex(6)}", "git.example.com/shop/jobs")


@pytest.fixture
def view(shared_url: str) -> Iterator[FleetView]:
    with FleetView(shared_url) as view:
        yield view


def test_nobody_sees_another_tenant(view: FleetView, shared_url: str, mine: Scope) -> None:
    count(shared_url, mine, "a" * 16)
    for query in (FleetQuery(("other",)), FleetQuery(()), FleetQuery(("other",), mine.tenant)):
        overview = view.overview(query)
        assert (overview.tenants, overview.failures, overview.troubles) == ((), (), ())
        assert view.repositories(query) == ()
        assert view.incidents(query) == ()
    names = {each.tenant for each in view.overview(FleetQuery(None)).tenants}
    assert mine.tenant in names


def test_lists_are_chosen_by_name_script_state_and_page(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    for number in range(53):
        count(shared_url, mine, f"{number:016x}", script=f"scripts/{number}.py")
    count(shared_url, Scope(mine.tenant, "git.example.com/shop/%web"), "b" * 16)

    def ask(**choice: object) -> FleetQuery:
        return FleetQuery((mine.tenant,), **choice)

    assert len(view.incidents(ask())) == 51
    assert len(view.incidents(ask(page=2))) == 4
    assert [each.script for each in view.incidents(ask(words="s/52"))] == ["scripts/52.py"]
    assert view.incidents(ask(state="waiting")) == ()
    assert len(view.incidents(ask(state="repairing", page=2))) == 4
    assert len(view.incidents(ask(repository="git.example.com/shop/%web"))) == 1
    assert [each.repository for each in view.repositories(ask(words="%"))] == [
        "git.example.com/shop/%web"
    ]
    assert len(view.repositories(ask())) == 2


def test_too_many_reverts_are_shown_as_what_stops_merging(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    with Ledger(database_url(shared_url), mine) as ledger:
        for name in ("r1", "r2"):
            add_repair(ledger, "healed", request=request_of(name))
            ledger.settle(name, "reverted", ledger.repair(name).known_result)
    count(shared_url, mine, "a" * 16)
    (tenant,) = view.overview(FleetQuery((mine.tenant,))).tenants
    assert (tenant.merged, tenant.reverted) == (2, 2)
    assert tenant.breaker.startswith("2 of the 2 fixes")


def test_workers_are_shown_with_what_they_are_at(
    view: FleetView, shared_url: str, mine: Scope
) -> None:
    work = Work(mine.tenant, mine.repository, "https://git.example.com/shop/jobs")
    table = WorkTable(shared_url, (mine.tenant,), name="w", host=mine.tenant, slots=3)
    query = FleetQuery((mine.tenant,))
    with table:
        table.beat()
        table.add(work)
        (known,) = view.repositories(query)
        assert (known.work, known.is_well, known.last_failure) == ("due", True, None)
        assert table.take(1) == [work]
        workers = {each.host: each for each in view.overview(query).workers}
        one = workers[mine.tenant]
        assert (one.slots, one.busy, one.is_alive) == (3, 1, True)
        assert view.repositories(query)[0].work == "a worker is at it"
        table.end(work, "exit 3")
        (known,) = view.repositories(query)
        assert (known.work, known.is_well) == ("exit 3, 1 times in a row", False)
        table.leave()
    assert mine.tenant not in {each.host for each in view.overview(query).workers}
