"""Tests that tracing alone makes fail: those that measure how long something takes.

The lines of a fix are traced while its tests run, and those of the unfixed commit are not. Before
Python 3.12 that makes code some times slower (https://peps.python.org/pep-0669/), and a test that
allows a second for something ends as if the fix had broken it.

Belongs here: running the checks on a fix, and telling these tests from what it breaks. Does not
belong here: time limits of whole runs (`baseline.is_base_in_time`).
"""

from collections.abc import Collection
from dataclasses import replace

from healer.evidence.experiment import Experiment
from healer.judge.outcomes import BAD, GOOD, compare_tests
from healer.services.runner import SandboxRunner
from sandbox import Plan, Report, TestRun


def run_fix(experiment: Experiment, runner: SandboxRunner) -> Experiment:
    """With the report of the same checks on the fix. What takes long on the unfixed commit may take
    longer here. Tests that tracing alone makes fail count as none that it breaks."""
    after = runner.run(experiment.tree, experiment.plan, known_s=experiment.before.seconds)
    return _set_slowed_aside(replace(experiment, after=after), runner)


def _set_slowed_aside(experiment: Experiment, runner: SandboxRunner) -> Experiment:
    """Where tests fail with the fix that passed before: those of them that pass with it when
    nothing is traced, and fail without it when the same is, count as ones whose outcome differs
    from run to run. Nothing is run where no test is lost."""
    plan, before = experiment.plan, experiment.before
    comparison = compare_tests(before.tests, experiment.after.tests, lambda _: True)
    nodes = set(comparison.pass_to_fail)
    if not nodes or not plan.trace or plan.tests is None:
        return experiment
    fix = runner.run(experiment.tree, Plan(tests=plan.tests), known_s=before.seconds)
    nodes &= _list_nodes(fix, {GOOD}) - _list_nodes(fix, BAD)
    if nodes:
        base_plan = Plan(tests=plan.tests, trace=plan.trace)
        nodes &= _list_nodes(runner.run(experiment.base, base_plan, known_s=before.seconds), BAD)
    if not nodes:
        return experiment
    again = tuple(_let_fail(run, nodes) for run in before.tests[:1])
    tests = (*before.tests, *again)
    return replace(experiment, before=before.model_copy(update={"tests": tests}))


def _list_nodes(report: Report, outcomes: Collection[str]) -> set[str]:
    """Names of the tests that end so in some run; none of a report with a fault."""
    results = [result for run in report.tests for result in run.results]
    return {result.node for result in results if result.outcome in outcomes}


def _let_fail(run: TestRun, nodes: set[str]) -> TestRun:
    results = tuple(
        each.model_copy(update={"outcome": "failed"}) if each.node in nodes else each
        for each in run.results
    )
    return run.model_copy(update={"results": results})
