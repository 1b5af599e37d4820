"""What could not be judged is taken up again by itself, ever more patiently, and only once."""

import time
from datetime import UTC, datetime
from typing import Any

import pytest

from healer.daemon.tasks.retries import (
    FIRST_WAIT_S,
    LATER_WAIT_S,
    LONGEST_WAIT_S,
    PATIENT_TRIES,
    RetryUnjudged,
    RetryUnpaid,
    wait_s,
)
from healer.draft.llm.endpoint.budget import Budget, Denied
from healer.facts.states import RepairOutcome
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.repair.request import build_request
from healer.services import Services
from tests.support.ledger_rows import add_repair, request_of

SCRIPT = "scripts/a.py"
DAY_S = 86_400.0


def unjudged(services: Services, repair: str, **asked: Any) -> None:
    """A repair that ended without a verdict just now."""
    ended(services, repair, "unjudged", {}, **asked)


def ended(
    services: Services, repair: str, outcome: RepairOutcome, result: dict[str, Any], **asked: Any
) -> None:
    wanted = build_request(services.repository, services.config, SCRIPT, **asked)
    request = wanted.model_copy(update={"repair": repair})
    add_repair(services.ledger, outcome, request=request, **result)


def crash(name: str = "f1") -> Failure:
    return Failure(id="1", script=SCRIPT, source="run", fingerprint=name)


def taken_up(services: Services, after_s: float, task: Any = RetryUnjudged) -> list[str]:
    rows: list[RepairRow] = []
    task(services.ledger, rows.append).run(time.time() + after_s)
    return [row.id for row in rows]


def test_it_rests_first_and_is_then_taken_up(make: Any) -> None:
    services = make()
    unjudged(services, "r1", failure=crash())
    assert taken_up(services, FIRST_WAIT_S - 20) == []
    assert taken_up(services, FIRST_WAIT_S + 1) == ["r1"]


def test_a_changed_scripts_own_checks_are_taken_up_too(make: Any) -> None:
    services = make()
    unjudged(services, "r1")
    assert taken_up(services, FIRST_WAIT_S + 1) == ["r1"]


def test_each_try_in_a_row_doubles_the_rest(make: Any) -> None:
    services = make()
    for repair in ("r1", "r2", "r3"):
        unjudged(services, repair, failure=crash())
    assert taken_up(services, 2 * FIRST_WAIT_S + 1) == []
    assert taken_up(services, 4 * FIRST_WAIT_S + 1) == ["r3"]


@pytest.mark.parametrize("times", [1, 2, 10, 1_000, 100_000])
def test_the_rest_has_an_upper_bound(times: int) -> None:
    assert FIRST_WAIT_S <= wait_s(times) <= LATER_WAIT_S


def test_after_a_day_of_tries_it_is_tried_a_few_times_a_day() -> None:
    day_s, tries = 0.0, 0
    while day_s < DAY_S:
        tries += 1
        day_s += wait_s(tries)
    assert PATIENT_TRIES <= tries <= PATIENT_TRIES + 8
    assert wait_s(PATIENT_TRIES + 1) == LATER_WAIT_S


@pytest.mark.parametrize(("days", "ids"), [(6, ["r1"]), (8, [])])
def test_a_week_after_it_failed_it_waits_for_its_next_failure(
    make: Any, days: int, ids: list[str]
) -> None:
    """Its tries are repairs of their own, and the newest is always young."""
    at = datetime.fromtimestamp(time.time() - days * DAY_S, UTC).isoformat()
    services = make()
    unjudged(services, "r1", failure=crash().model_copy(update={"occurred_at": at}))
    assert taken_up(services, LONGEST_WAIT_S + 1) == ids


def test_other_incidents_have_rests_of_their_own(make: Any) -> None:
    services = make()
    for repair in ("r1", "r2"):
        unjudged(services, repair, failure=crash())
    unjudged(services, "r3", failure=crash("f2"))
    assert taken_up(services, FIRST_WAIT_S + 1) == ["r3"]


def test_what_was_tried_since_is_left_alone(make: Any) -> None:
    services = make()
    unjudged(services, "r1", failure=crash())
    add_repair(services.ledger, request=request_of("r2", failure=crash()))
    assert taken_up(services, LONGEST_WAIT_S + 1) == []


@pytest.mark.parametrize("asked", [{"command": ("python", SCRIPT)}, {"merge": False}])
def test_what_a_person_typed_is_left_to_that_person(make: Any, asked: Any) -> None:
    services = make()
    unjudged(services, "r1", **asked)
    assert taken_up(services, LONGEST_WAIT_S + 1) == []


def unpaid(services: Services, repair: str, key: str, **asked: Any) -> None:
    """A repair that a budget has stopped just now, with the reason that the real one gives."""
    limits = {"usd_per_repair": 9.0, "usd_per_day": 9.0} | {key: 0.01}
    denied = Budget(None, **limits).reserve(repair, "m", 1.0)
    assert isinstance(denied, Denied)
    result = {
        "stopped_by_budget": True,
        "exhausted_budget": denied.budget,
        "reason": f"stopped by budget: {denied.reason}",
    }
    ended(services, repair, "gave_up", result, **asked)


def test_what_the_days_budget_stopped_is_taken_up_on_another_day(make: Any) -> None:
    services = make()
    unpaid(services, "r1", "usd_per_day", failure=crash())
    assert taken_up(services, 0, RetryUnpaid) == []
    assert taken_up(services, DAY_S, RetryUnpaid) == ["r1"]


def test_what_its_own_budget_stopped_or_no_draft_healed_is_not(make: Any) -> None:
    services = make()
    unpaid(services, "r1", "usd_per_repair", failure=crash())
    ended(services, "r2", "gave_up", {"reason": "no draft passed"}, failure=crash("f2"))
    assert taken_up(services, DAY_S, RetryUnpaid) == []


def test_what_lacked_money_and_was_tried_since_or_typed_by_a_person_is_not(make: Any) -> None:
    services = make()
    unpaid(services, "r1", "usd_per_day", failure=crash())
    add_repair(services.ledger, request=request_of("r2", failure=crash()))
    unpaid(services, "r3", "usd_per_day", command=("python", SCRIPT))
    assert taken_up(services, DAY_S, RetryUnpaid) == []


def test_money_that_lacks_on_many_days_is_asked_for_on_each_once(make: Any) -> None:
    services = make()
    for repair in ("r1", "r2"):
        unpaid(services, repair, "usd_per_day", failure=crash())
    assert taken_up(services, DAY_S, RetryUnpaid) == ["r2"]
