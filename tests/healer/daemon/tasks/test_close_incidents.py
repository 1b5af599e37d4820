"""An incident that no longer fails is closed once, and nothing that only may have passed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.daemon.tasks.close_incidents import HOUR_S, CloseIncidents
from healer.watch.inbox import Inbox
from healer.watch.incident import Incident
from healer.watch.runner import run_log
from tests.support.shop import BROKEN, FIXED, SCRIPT, Shop, commit, failed, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def given_up(here: Shop, last_at: float = 100.0) -> None:
    here.services.incidents.count_failures("aa", now=last_at, script=SCRIPT, command="c1")
    here.services.incidents.apply_event("aa", "fail", now=last_at, reason="no draft passed")


def ran(here: Shop, at: float, command: str = "c1", code: int = 0) -> None:
    run = run_log.LoggedRun(SCRIPT, here.tip, code, at, 0.1, command=command)
    run_log.append(here.state, run)


def close(here: Shop, now: float = 1_000.0) -> Incident:
    CloseIncidents(here.services).run(now)
    return here.services.incidents.list_all()[0]


def test_a_good_run_closes_what_was_given_up_once(here: Shop) -> None:
    given_up(here)
    ran(here, 150.0)
    for _ in range(2):
        incident = close(here)
    assert incident.state == "gone"
    assert "ended well" in incident.reason
    events = [each.event for each in here.services.incidents.list_life("aa")]
    assert events.count("vanish") == 1


@pytest.mark.parametrize(
    ("at", "command", "code"), [(50.0, "c1", 0), (150.0, "c2", 0), (150.0, "c1", 1)]
)
def test_other_runs_close_nothing(here: Shop, at: float, command: str, code: int) -> None:
    given_up(here)
    ran(here, at, command, code)
    assert close(here).state == "open"


def test_a_failure_that_nobody_has_taken_may_speak_against_it(here: Shop) -> None:
    given_up(here)
    ran(here, 150.0)
    failed(here)
    assert close(here).state == "open"


@pytest.mark.parametrize(
    ("change", "dirty", "state"),
    [(FIXED, False, "gone"), (FIXED, True, "open"), (BROKEN + "# no\n", False, "open")],
)
def test_of_a_repair_that_is_lost_the_last_failure_is_asked_again(
    here: Shop, change: str, dirty: bool, state: str
) -> None:
    """As after a ledger was set aside: its incident was made anew from the failure alone."""
    failure = failed(here, dirty=dirty)
    inbox = Inbox(here.state)
    inbox.claim(failure.id)
    inbox.mark_handled(failure.id)
    now = failure.moment(time.time())
    here.services.incidents.count_recorded(failure, now=now, is_outdated=True)
    assert close(here).state == "open"
    commit(here.folder, SCRIPT, change)
    assert close(here).state == state


def test_an_incident_whose_failure_is_lost_too_stays(here: Shop) -> None:
    given_up(here)
    commit(here.folder, SCRIPT, FIXED)
    assert close(here).state == "open"


def test_an_old_failure_that_is_counted_today_is_news(here: Shop) -> None:
    quiet_s = here.services.config.mail.quiet_h * HOUR_S
    incidents = here.services.incidents
    incidents.count_failures("aa", now=quiet_s, occurred_at=100.0, script=SCRIPT, command="c1")
    incidents.apply_event("aa", "fail", now=quiet_s, reason="no draft passed")
    assert close(here, quiet_s + 200.0).state == "open"
    assert close(here, 2 * quiet_s).state == "gone"


def test_what_waits_for_its_repair_is_not_over_however_long_that_takes(here: Shop) -> None:
    here.services.incidents.count_failures("aa", now=100.0, script=SCRIPT, is_held=True)
    quiet_s = here.services.config.mail.quiet_h * HOUR_S
    assert close(here, 100.0 + 2 * quiet_s).state == "open"


def test_what_nobody_sees_for_long_is_over(here: Shop) -> None:
    given_up(here)
    quiet_s = here.services.config.mail.quiet_h * HOUR_S
    assert close(here, 100.0 + quiet_s - 1).state == "open"
    incident = close(here, 100.0 + quiet_s)
    assert (incident.state, incident.reason) == ("gone", "it was not seen for 8 days")


def test_a_waiting_fix_stays_while_nobody_has_changed_the_code(here: Shop) -> None:
    repair = here.fix().repair
    ran(here, time.time() + 1, command="")
    assert close(here).state == "waiting"
    assert here.services.ledger.repair(repair).state == "waiting"


def test_a_waiting_fix_goes_when_a_colleague_has_mended_it(here: Shop) -> None:
    repair = here.fix().repair
    commit(here.folder, "README.md", "elsewhere")
    ran(here, time.time() + 1, command="")
    assert close(here).state == "waiting"
    commit(here.folder, SCRIPT, FIXED + "# by hand")
    ran(here, time.time() + 2, command="")
    incident = close(here)
    assert (incident.state, incident.repair) == ("gone", repair)
    row = here.services.ledger.repair(repair)
    assert (row.state, row.outcome) == ("ended", "healthy")
    assert row.reason.startswith("fixed elsewhere")


def test_a_job_that_does_not_run_at_all_is_not_over_for_being_quiet(here: Shop) -> None:
    given_up(here)
    ran(here, 100.0, code=1)
    quiet_s = here.services.config.mail.quiet_h * HOUR_S
    assert close(here, 100.0 + 2 * quiet_s).state == "open"
    ran(here, 200.0, command="c2")
    assert close(here, 100.0 + 2 * quiet_s).state == "gone"


def test_what_a_commit_has_mended_is_over_before_its_next_run(here: Shop) -> None:
    repair = here.fix().repair
    assert close(here).state == "waiting"
    commit(here.folder, SCRIPT, BROKEN + "# looked over\n")
    runs = len(here.sandbox.jobs)
    assert close(here).state == "waiting"
    assert len(here.sandbox.jobs) == runs + 1
    commit(here.folder, SCRIPT, FIXED)
    incident = close(here)
    assert (incident.state, incident.reason) == (
        "gone",
        "fixed elsewhere: it no longer fails on today's main",
    )
    assert here.services.ledger.repair(repair).outcome == "healthy"


def test_each_version_of_the_code_is_tried_once(here: Shop) -> None:
    here.fix()
    commit(here.folder, SCRIPT, BROKEN + "# looked over\n")
    task = CloseIncidents(here.services)
    for _ in range(3):
        task.run(1_000.0)
    jobs = len(here.sandbox.jobs)
    task.run(2_000.0)
    assert len(here.sandbox.jobs) == jobs
