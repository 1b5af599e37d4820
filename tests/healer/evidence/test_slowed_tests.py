"""Tests that fail because lines are traced are none that a fix breaks, and all others are."""

from typing import cast

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.slowed_tests import run_fix
from healer.judge.outcomes import compare_tests
from healer.services.runner import PackableTree, SandboxRunner
from sandbox import Fault, FaultKind, Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from tests.support.memory_tree import MemoryTree

QUICK, OTHER = "test_job.py::test_quick", "test_job.py::test_other"
BASE, FIX = MemoryTree({"job.py": "A = 1\n"}), MemoryTree({"job.py": "A = 2\n"})


def report(quick: str, other: str = "passed") -> Report:
    results = (TestResult(node=QUICK, outcome=quick), TestResult(node=OTHER, outcome=other))
    return Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=1)),))


class ScriptedRunner:
    """Answers by tree and by whether lines are traced."""

    def __init__(self, fix: Report, plain: Report, base: Report) -> None:
        self.reports = {("fix", True): fix, ("fix", False): plain, ("base", True): base}
        self.runs: list[tuple[str, bool]] = []

    def run(self, tree: PackableTree, plan: Plan, *, known_s: float) -> Report:
        assert known_s == 0.0
        self.runs.append(("base" if tree is BASE else "fix", bool(plan.trace)))
        return self.reports[self.runs[-1]]


def find_lost(
    runner: ScriptedRunner, trace: dict[str, tuple[int, ...]] | None = None
) -> tuple[str, ...]:
    lines: dict[str, tuple[int, ...]] = {"job.py": (1,)} if trace is None else trace
    plan = Plan(tests=TestPlan(), trace=lines)
    before = report("passed")
    experiment = Experiment(BASE, FIX, ("job.py",), {"job.py": (1,)}, plan, before, before)
    experiment = run_fix(experiment, cast("SandboxRunner", runner))
    comparison = compare_tests(experiment.before.tests, experiment.after.tests, lambda _: True)
    assert set(comparison.flaky) <= {QUICK}
    return comparison.pass_to_fail


def test_one_that_tracing_alone_makes_fail_is_set_aside() -> None:
    runner = ScriptedRunner(report("failed"), report("passed"), report("failed"))
    assert find_lost(runner) == ()


def test_another_one_that_is_lost_beside_it_stays_lost() -> None:
    runner = ScriptedRunner(
        report("failed", "failed"), report("passed", "failed"), report("failed", "passed")
    )
    assert find_lost(runner) == (OTHER,)


FAULT = Report(fault=Fault(kind=FaultKind.ENGINE, message="gone"))


@pytest.mark.parametrize(
    ("plain", "base"),
    [
        (report("failed"), report("failed")),
        (report("passed"), report("passed")),
        (FAULT, report("failed")),
        (report("passed"), FAULT),
        (Report(), Report()),
    ],
    ids=["fails-untraced", "base-passes-traced", "plain-fault", "base-fault", "no-results"],
)
def test_one_that_the_fix_may_have_broken_is_lost(plain: Report, base: Report) -> None:
    assert find_lost(ScriptedRunner(report("failed"), plain, base)) == (QUICK,)


def test_nothing_more_is_run_where_no_test_is_lost_or_nothing_is_traced() -> None:
    runner = ScriptedRunner(report("passed"), FAULT, FAULT)
    assert find_lost(runner) == ()
    assert runner.runs == [("fix", True)]
    runner = ScriptedRunner(FAULT, report("failed"), FAULT)
    assert find_lost(runner, {}) == (QUICK,)
    assert runner.runs == [("fix", False)]
