"""Whatever handles a failure marks every record of its incident, and no other."""

from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from healer.facts.states import INCIDENT, RepairOutcome
from healer.repair.incident_events import EVENT_OF, count_failure, take_records_along
from healer.repair.request import build_request
from healer.repair.run import run_repair
from healer.watch.inbox import Inbox
from tests.support.shop import SCRIPT, Shop, failed, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def test_every_outcome_is_an_event_that_may_come_in_any_state() -> None:
    assert set(EVENT_OF) == set(get_args(RepairOutcome))
    for leads in INCIDENT.transitions.values():
        assert set(EVENT_OF.values()) <= set(leads)


def test_a_command_that_repairs_one_record_marks_them_all(here: Shop) -> None:
    failures = [failed(here) for _ in range(3)]
    other = failed(here, kind="ValueError")
    services = here.services
    request = build_request(services.repository, services.config, SCRIPT, failure=failures[2])
    result = run_repair(services, here.state, request)
    assert Inbox(here.state).list_pending() == (other.id,)
    incident = services.incidents.find(failures[0].fingerprint)
    assert incident is not None
    assert (incident.state, incident.count, incident.repair) == ("waiting", 3, result.repair)
    life = [
        (each.event, each.repair) for each in services.incidents.list_life(failures[0].fingerprint)
    ]
    assert life[-1] == ("ask", result.repair)


def test_a_typed_command_marks_the_records_of_what_it_saw(here: Shop) -> None:
    record = failed(here)
    repair = here.fix().repair
    assert Inbox(here.state).list_pending() == ()
    incident = here.services.incidents.find(record.fingerprint)
    assert incident is not None
    assert (incident.state, incident.repair) == ("waiting", repair)


def test_a_failure_of_code_with_the_fix_is_another_story(here: Shop) -> None:
    before = failed(here)
    row = here.merged()
    after = failed(here)
    assert row.fix_commit == after.commit
    same = Inbox(here.state)
    take_records_along(after.fingerprint, row.fix_commit, here.services)
    assert same.list_pending() == (after.id,)
    assert before.id not in same.list_pending()


def test_what_fails_is_kept_in_a_line(here: Shop) -> None:
    failure = failed(here)
    assert count_failure(failure, here.services) == "start"
    incident = here.services.incidents.find(failure.fingerprint)
    assert incident is not None
    assert incident.summary == f"KeyError: 'te' at {SCRIPT}:4"
    assert len(incident.command) == 8
