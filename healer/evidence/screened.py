"""Screens programs with the tests of an experiment, as far as the fix itself passes them there.

Belongs here: the fix beside the other programs, which shows what the screening is worth. Does not
belong here: which programs are tried (`mutation`, `rivals`), or what their ends mean.

A screening runs the tests otherwise than a project does: those that must turn green first, each
with fixtures of its own, by pytest whatever the project's command is. A test that needs what
another left behind fails there with any program, and one that looks at the file's text (its style,
its digest) with any but the fix: each would seem to call every other program wrong. So the fix is
tried with a comment of its own.
"""

from collections.abc import Mapping, Sequence

from healer.evidence.experiment import Experiment
from sandbox.job import ScreenPlan
from sandbox.report import ScreenResult
from sandbox.screen import Screening

MOST_UNSTEADY = 12
"""Tests that the fix itself fails in a screening and that are left out of it."""
COMMENT = "\n#as-it-is\n"
"""Changes what a file says and nothing that it does; no style allows it."""
OF_COMMAND = "(command)"
"""In place of a test, as the sandbox says it: all tests passed, and the command failed."""


def screen(
    candidates: Sequence[Mapping[str, str]],
    plan: ScreenPlan,
    experiment: Experiment,
    screening: Screening,
    limit_s: float,
) -> tuple[ScreenResult, ...] | None:
    """What came of each candidate, its index as its place among them, by the tests that the fix
    itself passes when it is tried beside them. None where it does not come through those that it
    heals, nor with a few of the others left out. Raises SandboxError."""
    tree, fix = experiment.tree.tar(), make_control(experiment)
    tries = (fix, *map(dict, candidates))
    if plan.tests_only == len(candidates):
        plan = plan.model_copy(update={"tests_only": len(tries)})
    results = screening.screen(tree, plan.model_copy(update={"candidates": tries}), limit_s)
    if _passes(results):
        return _leave_out_fix(results)
    for _ in range(MOST_UNSTEADY):
        smaller = _leave_out_first_failing(plan, results)
        if smaller is None:
            return None
        plan = smaller
        tests_only = int(plan.tests_only == len(tries))
        alone = plan.model_copy(update={"candidates": (fix,), "tests_only": tests_only})
        results = screening.screen(tree, alone, limit_s)
        if _passes(results):
            results = screening.screen(tree, plan.model_copy(update={"candidates": tries}), limit_s)
            return _leave_out_fix(results) if _passes(results) else None
    return None


def make_control(experiment: Experiment) -> dict[str, str]:
    """The fix as a candidate."""
    return {path: experiment.texts_of(path)[1] + COMMENT for path in experiment.changed_files}


def _find_fix(results: Sequence[ScreenResult]) -> ScreenResult | None:
    return next((each for each in results if each.index == 0), None)


def _passes(results: Sequence[ScreenResult]) -> bool:
    fix = _find_fix(results)
    return fix is not None and fix.outcome == "passed"


def _leave_out_fix(results: Sequence[ScreenResult]) -> tuple[ScreenResult, ...]:
    others = (each for each in results if each.index > 0)
    return tuple(each.model_copy(update={"index": each.index - 1}) for each in others)


def _leave_out_first_failing(
    plan: ScreenPlan, results: Sequence[ScreenResult]
) -> ScreenPlan | None:
    """The plan without what the fix failed first; None where that is what speaks for it."""
    fix = _find_fix(results)
    name = fix.detail.partition("\n")[0] if fix else ""
    if name == OF_COMMAND and plan.failing:
        return plan.model_copy(update={"command": None})
    if name not in plan.passing:
        return None
    return plan.model_copy(update={"passing": tuple(n for n in plan.passing if n != name)})
