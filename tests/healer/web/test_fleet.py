"""The fleet in memory, with which the pages are tested, keeps the contract of the real one."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from healer.app.fleet_view import FleetView
from healer.support.shared_tables import SharedTables
from healer.watch.incidents import Incidents
from healer.web.fleet import Fleet, FleetQuery
from healer.web.repairs import RefusedError
from tests.support.fleet import INCIDENT, JOBS, OTHER, MemoryFleet


@pytest.fixture(params=["in memory", "in a PostgreSQL"])
def fleet(request: pytest.FixtureRequest) -> Iterator[Fleet]:
    if request.param == "in memory":
        yield MemoryFleet()
        return
    url = request.getfixturevalue("shared_url")
    with ExitStack() as stack:
        for scope in (JOBS, OTHER):
            tables = stack.enter_context(SharedTables(url, scope))
            incidents = stack.enter_context(Incidents(tables))
            incidents.count_failures(INCIDENT, now=time.time(), script="scripts/report.py")
        yield stack.enter_context(FleetView(url))


LISTS: tuple[Callable[[Fleet, FleetQuery], tuple[object, ...]], ...] = (
    lambda fleet, query: fleet.overview(query).tenants,
    lambda fleet, query: fleet.overview(query).failures,
    lambda fleet, query: fleet.repositories(query),
    lambda fleet, query: fleet.incidents(query),
)


@pytest.mark.parametrize("ask", LISTS)
def test_a_list_has_only_what_the_person_may_see(
    fleet: Fleet, ask: Callable[[Fleet, FleetQuery], tuple[object, ...]]
) -> None:
    assert len(ask(fleet, FleetQuery((JOBS.tenant, OTHER.tenant)))) == 2
    assert len(ask(fleet, FleetQuery((JOBS.tenant,)))) == 1
    assert len(ask(fleet, FleetQuery(None, tenant=OTHER.tenant))) == 1
    assert ask(fleet, FleetQuery((JOBS.tenant,), tenant=OTHER.tenant)) == ()
    assert ask(fleet, FleetQuery(())) == ()


def test_what_is_not_there_is_none(fleet: Fleet) -> None:
    assert fleet.incident(JOBS, "f" * 16) is None
    assert fleet.repair(JOBS, "none") is None
    found = fleet.incident(JOBS, INCIDENT)
    assert found is not None
    assert found.fingerprint == INCIDENT


def test_no_length_of_time_is_refused(fleet: Fleet) -> None:
    with pytest.raises(RefusedError, match="no length of time"):
        fleet.put_off(JOBS, INCIDENT, "never", by="")
    fleet.put_off(JOBS, INCIDENT, "2h", by="anna")
