"""A draft's own test stays where it tells the fix from the fault, and only there."""

import pytest

from healer.config import Config
from healer.evidence.own_test import DISPUTED, check_own_test, run_alone
from healer.evidence.tests import plan_tests
from healer.facts.draft import Draft, ReplaceText, WriteFile
from sandbox import Fault, FaultKind, Job, Report
from sandbox.fake import ScriptedSandbox
from tests.healer.evidence.reports import request
from tests.support.bench import (
    ALWAYS,
    LINE,
    NEVER,
    RIGHT,
    SCRIPT,
    UNREADABLE,
    WITH_FIX,
    Bench,
)

FIX = ReplaceText(path=SCRIPT, find=LINE, replace=RIGHT)


def draft(how: str | None, find: str = LINE) -> Draft:
    text = f"def test_new():\n    '{how}'\n"
    test = WriteFile(path="tests/test_new.py", content=text) if how else None
    fix = ReplaceText(path=SCRIPT, find=find, replace=RIGHT)
    return Draft(drafter="small", edits=(fix,), regression_test=test)


@pytest.mark.parametrize(
    ("how", "is_kept", "why"),
    [
        (WITH_FIX, True, ""),
        (ALWAYS, False, "it passes on the unfixed commit, too"),
        (NEVER, False, "it fails with the fix, too"),
        (UNREADABLE, False, "it cannot be run"),
    ],
)
def test_only_a_test_that_fails_before_and_passes_after_is_kept(
    bench: Bench, how: str, is_kept: bool, why: str
) -> None:
    with bench.opened() as services:
        checked = check_own_test(request(), draft(how), services)
    assert (checked.draft.regression_test is not None) is is_kept
    assert checked.dropped == (f"the draft's own test was dropped: {why}" if why else "")
    assert checked.draft.edits == (FIX,)


def test_a_test_that_fails_with_the_fix_casts_doubt_on_it(bench: Bench) -> None:
    with bench.opened() as services:
        checked = check_own_test(request(), draft(NEVER), services)
        unreadable = check_own_test(request(), draft(UNREADABLE), services)
    assert checked.draft.doubt == DISPUTED
    assert unreadable.draft.doubt == ""


def test_a_draft_without_a_test_costs_nothing(bench: Bench) -> None:
    with bench.opened() as services:
        assert check_own_test(request(), draft(None), services).draft == draft(None)
    assert bench.box.jobs == []


def test_a_draft_whose_edits_do_not_fit_is_refused_as_a_whole_later(bench: Bench) -> None:
    with bench.opened() as services:
        checked = check_own_test(request(), draft(WITH_FIX, find="nowhere"), services)
    assert checked.draft.regression_test is not None


@pytest.mark.parametrize("command", [["make", "test"], []])
def test_without_tests_that_pytest_runs_there_is_none_to_add(
    bench: Bench, command: list[str]
) -> None:
    config = {"tests": {"command": command}}
    with bench.opened(config_of(config)) as services:
        checked = check_own_test(request(), draft(WITH_FIX), services)
    assert checked.dropped.endswith("the repository has no tests that pytest runs")


def config_of(values: dict[str, object]) -> Config:
    return Config.model_validate(values)


def test_a_sandbox_fault_keeps_the_test_for_the_checks_to_meet_again(bench: Bench) -> None:
    bench.box = ScriptedSandbox([Fault(kind=FaultKind.ENGINE, message="gone")])
    with bench.opened() as services:
        checked = check_own_test(request(), draft(WITH_FIX), services)
    assert (checked.dropped, checked.draft.regression_test is None) == ("", False)


def test_it_runs_alone_and_once_and_is_remembered(bench: Bench) -> None:
    test = draft(WITH_FIX).regression_test
    assert test is not None
    with bench.opened() as services:
        base = services.repository.tree("main")
        plan = plan_tests(base, services.config.tests.command)
        assert plan is not None
        reports: list[Report] = [run_alone(test, plan, base, services) for _ in "ab"]
    (job,) = bench.box.jobs
    assert isinstance(job, Job)
    assert job.plan.tests is not None
    assert (job.plan.tests.select, job.plan.tests.seeds) == ((test.path,), (None,))
    assert b"test_new" in job.tree
    assert reports[0] == reports[1]
