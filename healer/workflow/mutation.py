"""Would the checks notice a small mistake in the changed lines? Screens mutants to see.

Belongs here: running them within the time. Does not belong here: making them (`judge.mutants`),
or what the share means (`judge.verdict`).
"""

import os
from collections.abc import Mapping

from healer.judge import Mutants
from healer.judge.mutants import Mutant, mutants
from healer.workflow.cache import Packed
from sandbox import Fault, Plan, Report
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

MUTANT_SECONDS = 5.0
"""For all mutants of one candidate; what is not tried by then is said (`cut_short`)."""
SLOWER = 5.0
"""How much longer than the candidate itself a mutant may take before it counts as noticed."""


def try_mutants(
    tree: Packed,
    plan: Plan,
    green: Report,
    changed_lines: Mapping[str, tuple[int, ...]],
    screening: Screening,
) -> Mutants | None:
    """All mutants in one container: tests that passed, then the command. `green` is the
    candidate's own report. None: it could not be measured."""
    made = _made(tree, changed_lines)
    passing = tuple(
        r.node for each in green.tests[:1] for r in each.results if r.outcome == "passed"
    )
    if not made or not (passing or plan.command):
        return Mutants()
    screened = screening.screen(
        tree.tar(),
        ScreenPlan(
            tests=plan.tests.model_copy(update={"sentinels": False}) if plan.tests else _NO_TESTS,
            use_tests=bool(passing),
            command=plan.command,
            candidates=tuple({path: mutant.source} for path, mutant in made),
            passing=passing,
            watched=tuple(changed_lines),
            limit_s=_limit(green),
            workers=os.cpu_count() or 1,
        ),
        MUTANT_SECONDS,
    )
    if isinstance(screened, Fault):
        return None
    counted = [each for each in screened if each.outcome != "skipped"]
    survivors = [made[each.index] for each in counted if each.outcome == "passed"]
    return Mutants(
        noticed=len(counted) - len(survivors),
        total=len(counted),
        survivors=tuple(f"{path}:{mutant.line}: {mutant.what}" for path, mutant in survivors),
        cut_short=len(counted) < len(made),
    )


_NO_TESTS = ScreenPlan().tests


def _made(tree: Packed, changed_lines: Mapping[str, tuple[int, ...]]) -> list[tuple[str, Mutant]]:
    made = []
    for path, lines in changed_lines.items():
        source = (tree.read(path) or b"").decode("utf-8", "replace")
        made += [(path, mutant) for mutant in mutants(source, lines)]
    return made


def _limit(green: Report) -> float:
    """Processor time for one mutant, from what the candidate itself took."""
    took = green.step_seconds.get("tests", 0.0) + green.step_seconds.get("command", 0.0)
    return max(1.0, SLOWER * took)
