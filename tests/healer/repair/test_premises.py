"""A recorded failure speaks of today's code, or of code that was mended since."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.facts.draft import Case, Drafts, Source
from healer.facts.repair import Baseline
from healer.failure import Failure, Raised
from healer.nights.expectations import BROKEN_EXPECTATION
from healer.repair.premises import find_good_run, is_mended, look_at_tip, why_outdated
from healer.repair.request import build_request
from healer.repair.run import run_repair
from healer.watch.runner import run_log
from healer.watch.runner.run_log import LoggedRun, digest_of
from sandbox import ProcessEnd, Report
from tests.support.git import git
from tests.support.shop import FIXED, SCRIPT, OneDraft, Shop, commit, failed, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def test_a_failure_on_todays_commit_speaks_of_it(here: Shop) -> None:
    assert why_outdated(failed(here), here.services) == ""


def test_a_failure_from_before_the_fix_of_its_incident_does_not(here: Shop) -> None:
    before = failed(here)
    row = here.merged()
    assert row.incident == before.fingerprint
    assert f"repair {row.id} was merged since" in why_outdated(before, here.services)


def test_a_line_that_a_colleague_has_mended_speaks_of_nothing(here: Shop) -> None:
    before = failed(here)
    commit(here.folder, SCRIPT, FIXED)
    assert "its line is not in today's main any more" in why_outdated(before, here.services)


def test_a_job_that_ran_well_since_speaks_of_nothing(here: Shop) -> None:
    before = failed(here)
    at = time.time()
    for command in ("other", digest_of(before.argv)):
        assert why_outdated(before, here.services) == ""
        run = LoggedRun(SCRIPT, here.tip, 0, at + 1, 0.1, command=command)
        run_log.append(here.state, run)
    assert why_outdated(before, here.services) == "it ran well since"


RUN = LoggedRun(SCRIPT, "c", 0, 10.0, 0.1, command="aa")


@pytest.mark.parametrize(
    ("script", "command", "since", "is_found"),
    [
        (SCRIPT, "aa", 9.0, True),
        (SCRIPT, "", 9.0, True),
        (SCRIPT, "bb", 9.0, False),
        (SCRIPT, "aa", 10.0, False),
        ("other.py", "aa", 9.0, False),
        ("", "aa", 9.0, False),
    ],
)
def test_a_good_run_is_one_of_the_same_command_later(
    script: str, command: str, since: float, is_found: bool
) -> None:
    assert (find_good_run(script, command, since, [RUN]) is RUN) == is_found


def test_a_repair_begins_from_todays_tip(here: Shop) -> None:
    services = here.services
    request = build_request(services.repository, services.config, SCRIPT)
    assert look_at_tip(request, services).base == ""
    tip = commit(here.folder, "README.md", "new\n")
    assert look_at_tip(request, services).base == tip
    git(here.folder, "rm", "-q", SCRIPT)
    git(here.folder, "commit", "-q", "-m", "Remove it")
    assert look_at_tip(request, services).base == ""


def test_what_a_colleague_mends_while_it_is_repaired_is_told_to_nobody(here: Shop) -> None:
    class Colleague(OneDraft):
        """Mends it by hand while the draft is made."""

        def draft(self, case: Case, source: Source) -> Drafts:
            commit(here.folder, SCRIPT, FIXED + "# by hand\n")
            return super().draft(case, source)

    here.drafter = Colleague()
    record = failed(here)
    services = here.services
    request = build_request(services.repository, services.config, SCRIPT, failure=record)
    result = run_repair(services, here.state, request)
    assert result.outcome == "healthy"
    assert result.reason.startswith("fixed elsewhere")
    incident = services.incidents.find(record.fingerprint)
    assert incident is not None
    assert incident.state == "gone"


def test_a_commit_elsewhere_changes_nothing(here: Shop) -> None:
    before = failed(here)
    commit(here.folder, "README.md", "new\n")
    assert why_outdated(before, here.services) == ""


@pytest.mark.parametrize("facts", [{"commit": ""}, {"commit": "f" * 40}, {"dirty": True}])
def test_what_is_not_known_is_not_said_to_be_outdated(here: Shop, facts: dict[str, object]) -> None:
    before = failed(here, **facts)
    commit(here.folder, SCRIPT, FIXED)
    assert why_outdated(before, here.services) == ""


@pytest.mark.parametrize(("is_shown", "is_over"), [(True, False), (False, True)])
def test_what_goes_wrong_without_failing_is_mended_when_it_is_not_shown(
    is_shown: bool, is_over: bool
) -> None:
    wrong = Failure(
        id="f1", script=SCRIPT, source="run", exit_code=0,
        chain=(Raised(type=BROKEN_EXPECTATION, message="`a.csv`: column `b` is empty"),),
    )  # fmt: skip
    before = Baseline(
        failure=wrong, reproduced=True, command=("python", SCRIPT),
        report=Report(command=ProcessEnd(exit_code=0)),
    )  # fmt: skip
    today = before.model_copy(update={"reproduced": is_shown})
    assert is_mended(before, today) == is_over
