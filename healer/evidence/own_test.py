"""A draft's own test: it must fail on the base and pass with the fix, or it is dropped.

Belongs here: running it on both, and what is said of one that is dropped. Does not belong here:
whether the fix holds (`gather`, which runs the kept test again with everything else).
"""

from healer.draft.edits import EditRefused, apply
from healer.evidence.overlay import Overlay
from healer.evidence.tests import has_test_files, plan_tests, run_once
from healer.facts.draft import Draft, WriteFile
from healer.facts.repair import Request
from healer.failure import Fact
from healer.services import Services
from healer.services.runner import PackableTree
from sandbox import Plan, Report, TestPlan

DISPUTED = "the draft's own test fails with the fix; a person has to say which of them is right"


class CheckedDraft(Fact):
    """A draft, with its test where that tells the fix from the fault."""

    draft: Draft
    dropped: str = ""
    """Why the test was dropped: part of the evidence. Empty: it was kept, or there was none."""
    reproduction: WriteFile | None = None
    """The test where it tells the fix from the fault, also where the repository takes none in."""


def check_own_test(request: Request, draft: Draft, services: Services) -> CheckedDraft:
    """The draft, without its test where that is none."""
    test = draft.regression_test
    if test is None:
        return CheckedDraft(draft=draft)
    base = services.repository.tree(request.base)
    plan = plan_tests(base, services.config.tests.command)
    if plan is None or plan.command:
        return _drop(draft, "the repository has no tests that pytest runs")
    try:
        fixed_tree = Overlay(base, apply(draft.edits, base))
    except EditRefused:
        return CheckedDraft(draft=draft)  # it is refused as a whole, with the reason
    before = run_alone(test, plan, base, services)
    after = run_alone(test, plan, fixed_tree, services)
    check = _keep_or_drop(draft, test, before, after)
    if check.draft.regression_test is None or has_test_files(base):
        return check
    alone = _drop(draft, "the repository has no tests that pytest runs")
    return alone.model_copy(update={"reproduction": check.reproduction})


def _keep_or_drop(draft: Draft, test: WriteFile, before: Report, after: Report) -> CheckedDraft:
    """What the two runs say of the test. A sandbox fault keeps it: `gather` meets it again."""
    if before.fault or after.fault:
        return CheckedDraft(draft=draft)
    if not _fails(before, test):
        return _drop(draft, "it passes on the unfixed commit, too")
    if not _fails(after, test):
        return CheckedDraft(draft=draft, reproduction=test)
    if not _is_collected(after, test):
        return _drop(draft, "it cannot be run")
    doubtful = draft.model_copy(update={"doubt": draft.doubt or DISPUTED})
    return _drop(doubtful, "it fails with the fix, too")


def run_alone(test: WriteFile, plan: TestPlan, tree: PackableTree, services: Services) -> Report:
    """The draft's test alone on one tree."""
    with_test = Overlay(tree, {test.path: test.content.encode()})
    return services.runner.run(with_test, Plan(tests=run_once(plan, test.path)), from_cache=True)


def _drop(draft: Draft, why: str) -> CheckedDraft:
    return CheckedDraft(
        draft=draft.model_copy(update={"regression_test": None}),
        dropped=f"the draft's own test was dropped: {why}",
    )


def _results(report: Report, test: WriteFile) -> list[tuple[str, str]]:
    return [
        (result.node, result.outcome)
        for run in report.tests
        for result in run.results
        if result.node.startswith(test.path)
    ]


def _is_collected(report: Report, test: WriteFile) -> bool:
    """Some test of the file ran; a file that cannot be imported is an error of its path."""
    return any("::" in node and outcome != "skipped" for node, outcome in _results(report, test))


def _fails(report: Report, test: WriteFile) -> bool:
    """Not all of it passes; a test that never reported did not pass."""
    results = _results(report, test)
    return not results or any(outcome != "passed" for _, outcome in results)
