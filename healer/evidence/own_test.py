"""A draft's own test: it must fail on the base and pass with the fix, or it is dropped.

Belongs here: running it on both, and what is said of one that is dropped. Does not belong here:
whether the fix holds (`prove`, which runs the kept test again with everything else).
"""

from healer.draft.edits import EditRefused, apply
from healer.evidence import plan as planning
from healer.evidence.overlay import Overlay
from healer.facts.draft import Draft, WriteFile
from healer.facts.repair import Request
from healer.failure import Fact
from healer.services import Services
from healer.services.runner import Packed
from sandbox import Plan, Report, TestPlan

DISPUTED = "the draft's own test fails with the fix; a person has to say which of them is right"


class Tested(Fact):
    """A draft, with its test where that tells the fix from the fault."""

    draft: Draft
    dropped: str = ""
    """Why the test was dropped: part of the evidence. Empty: it was kept, or there was none."""


def tested(request: Request, draft: Draft, services: Services) -> Tested:
    """The draft, without its test where that is none."""
    test = draft.regression_test
    if test is None:
        return Tested(draft=draft)
    base = services.repository.tree(request.base)
    plan = planning.test_plan(base, services.config.tests.command)
    if plan is None or plan.command:
        return _dropped(draft, "the repository has no tests that pytest runs")
    try:
        fixed = Overlay(base, apply(draft.edits, base))
    except EditRefused:
        return Tested(draft=draft)  # it is refused as a whole, with the reason
    before = only_this(test, plan, base, services)
    return _held(draft, test, before, only_this(test, plan, fixed, services))


def _held(draft: Draft, test: WriteFile, before: Report, after: Report) -> Tested:
    """What the two runs say of the test. A sandbox fault keeps it: `prove` meets it again."""
    if before.fault or after.fault:
        return Tested(draft=draft)
    if not _fails(before, test):
        return _dropped(draft, "it passes on the unfixed commit, too")
    if not _fails(after, test):
        return Tested(draft=draft)
    if not _collected(after, test):
        return _dropped(draft, "it cannot be run")
    disputed = draft.model_copy(update={"doubt": draft.doubt or DISPUTED})
    return _dropped(disputed, "it fails with the fix, too")


def only_this(test: WriteFile, plan: TestPlan, tree: Packed, services: Services) -> Report:
    """The draft's test alone on one tree."""
    alone = plan.model_copy(update={"select": (test.path,), "seeds": (None,)})
    with_test = Overlay(tree, {test.path: test.content.encode()})
    return services.runner.run(with_test, Plan(tests=alone), cached=True)


def _dropped(draft: Draft, why: str) -> Tested:
    return Tested(
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


def _collected(report: Report, test: WriteFile) -> bool:
    """Some test of the file ran; a file that cannot be imported is an error of its path."""
    return any("::" in node and how != "skipped" for node, how in _results(report, test))


def _fails(report: Report, test: WriteFile) -> bool:
    """Not all of it passes; a test that never reported did not pass."""
    found = _results(report, test)
    return not found or any(outcome != "passed" for _, outcome in found)
