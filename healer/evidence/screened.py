"""Screens programs with the tests of an experiment, where they can be screened at all.

Belongs here: the one program beside the others that shows it. Does not belong here: which programs
are tried (`mutation`, `rivals`), or what their ends mean.
"""

from collections.abc import Mapping, Sequence

from healer.evidence.experiment import Experiment
from sandbox.job import ScreenPlan
from sandbox.report import ScreenResult
from sandbox.screen import Screening


def screen(
    candidates: Sequence[Mapping[str, str]],
    plan: ScreenPlan,
    experiment: Experiment,
    screening: Screening,
    limit_s: float,
) -> tuple[ScreenResult, ...] | None:
    """What came of each candidate, its index as its place among them. None: the tests are run by
    the project's own command, and pytest does not run them as it does: the fix itself, which is
    tried beside the candidates then, does not pass. Raises SandboxError."""
    own = experiment.plan.tests.command if experiment.plan.tests else ()
    first: tuple[dict[str, str], ...] = ({},) if own else ()
    tries = (*first, *map(dict, candidates))
    plan = plan.model_copy(update={"candidates": tries})
    results = screening.screen(experiment.tree.tar(), plan, limit_s)
    if not own:
        return results
    if not any(each.index == 0 and each.outcome == "passed" for each in results):
        return None
    others = (each.model_copy(update={"index": each.index - 1}) for each in results)
    return tuple(each for each in others if each.index >= 0)
