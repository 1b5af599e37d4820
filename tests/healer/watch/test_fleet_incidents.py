"""What concerns many is one incident, told once; what is usual, or belated, is none."""

import secrets
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from healer.failure import Failure, Frame, Raised, fingerprint
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.watch.fleet_incidents import (
    KEPT_S,
    LEAST_RUSH,
    MOST_REPOSITORIES,
    QUIET_S,
    SLOT_S,
    FleetIncident,
    FleetIncidents,
)
from healer.watch.record import new_id
from healer.watch.shared_inbox import SharedInbox

NOW = 1_800_000_000.0 // SLOT_S * SLOT_S


class Fleet:
    """Repositories of a tenant that no other test has."""

    def __init__(self, tables: SharedTables) -> None:
        self.tables, self.tenant = tables, secrets.token_hex(8)
        self.incidents = FleetIncidents(tables)

    def fail(self, repository: str, *, at: float = NOW, message: str = "x", count: int = 1) -> None:
        self.tables.enter(Scope(self.tenant, repository))
        frame = Frame(file=f"{repository}.py", line=1, function="f", source="get()", own=True)
        library = Frame(file="/x/site-packages/requests/api.py", line=7, function="get")
        chain = (Raised(type="ConnectionError", message=message, frames=(frame, library)),)
        failure = Failure(
            id=new_id(), script=f"{repository}.py", source="run", chain=chain, count=count,
            occurred_at=datetime.fromtimestamp(at, UTC).isoformat(),
        )  # fmt: skip
        failure = failure.model_copy(update={"fingerprint": fingerprint(failure)})
        SharedInbox(self.tables).receive(failure, now=at, host="job1")
        self.incidents.note_failure(failure, now=at)

    def opened(self) -> list[FleetIncident]:
        return [each for each in self.incidents.list_all() if each.tenant == self.tenant]


@pytest.fixture
def fleet(shared_url: str) -> Iterator[Fleet]:
    with SharedTables(shared_url, Scope("", "")) as tables:
        yield Fleet(tables)


def test_one_cause_in_many_repositories_is_one_incident(fleet: Fleet) -> None:
    for n in range(MOST_REPOSITORIES):
        fleet.fail(f"r{n}")
        fleet.fail(f"r{n}")
    assert fleet.opened() == []
    for n in range(MOST_REPOSITORIES, MOST_REPOSITORIES + 3):
        fleet.fail(f"r{n}", at=NOW + n)
    (incident,) = fleet.opened()
    assert incident.kind == "common cause"
    assert (incident.first_at, incident.last_at) == (NOW + 5, NOW + 7)
    assert "6 repositories fail alike within 10 minutes: ConnectionError" in incident.detail
    assert incident.detail.endswith("look for what they share: r0, r1, r2, r3, r4")


def test_one_of_long_ago_is_forgotten_once_another_opens(fleet: Fleet) -> None:
    other = Fleet(fleet.tables)
    for each, message, at in (
        (fleet, "x", NOW),
        (other, "x", NOW),
        (fleet, "y", NOW + KEPT_S),
        (fleet, "z", NOW + KEPT_S + 60),
    ):
        for n in range(MOST_REPOSITORIES + 1):
            each.fail(f"{message}{n}", at=at, message=message)
    assert [each.first_at for each in fleet.opened()] == [NOW + KEPT_S + 60, NOW + KEPT_S]
    assert [each.first_at for each in other.opened()] == [NOW]


def test_different_causes_or_times_are_none(fleet: Fleet) -> None:
    for n in range(MOST_REPOSITORIES + 3):
        fleet.fail(f"r{n}", message="abcdefgh"[n] * 3)
        fleet.fail(f"s{n}", at=NOW + 700 * n)
    assert fleet.opened() == []


def test_a_repository_that_fails_far_more_than_usual_is_one_incident(fleet: Fleet) -> None:
    for n in range(1, 5):
        fleet.fail("r", at=NOW - n * SLOT_S, count=40)
    fleet.fail("r", count=400)
    assert fleet.opened() == []
    fleet.fail("r")
    fleet.fail("r")
    (incident,) = fleet.opened()
    assert (incident.kind, incident.subject) == ("rush", "r")
    assert "401 failures in 5 minutes, usually 40.0" in incident.detail


def test_few_failures_are_no_rush_and_many_of_a_new_repository_are(fleet: Fleet) -> None:
    fleet.fail("r", count=LEAST_RUSH)
    assert fleet.opened() == []
    fleet.fail("r")
    assert [each.kind for each in fleet.opened()] == ["rush"]


def test_what_was_spooled_for_hours_is_no_rush(fleet: Fleet) -> None:
    for n in range(20):
        fleet.fail("r", at=NOW + n * SLOT_S, count=LEAST_RUSH)
    assert fleet.opened() == []


def test_after_an_hour_of_quiet_the_same_is_a_new_incident(fleet: Fleet) -> None:
    fleet.fail("r", count=LEAST_RUSH + 1)
    fleet.fail("r", at=NOW + SLOT_S + QUIET_S, count=1_000)
    assert len(fleet.opened()) == 2


def test_each_is_told_once(fleet: Fleet) -> None:
    fleet.fail("r", count=LEAST_RUSH + 1)
    (incident,) = [each for each in fleet.incidents.list_untold() if each.tenant == fleet.tenant]
    fleet.incidents.mark_told(incident, now=NOW + 1)
    fleet.fail("r")
    assert [each.told_at for each in fleet.opened()] == [NOW + 1]
