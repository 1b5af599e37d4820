"""Several candidates for one question: checked side by side, ordered, and held against each other.

Belongs here: which of several fixes is believed, and whether they agree. Does not belong here:
checking one (`prove`), or running functions on inputs (`sandbox.screen`).
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from healer.draft.search.behaviour_groups import group_by_behaviour
from healer.draft.search.screen_plan import make_screen_plan, pack_tree
from healer.evidence.changed_lines import find_changed_functions
from healer.facts.draft import Difference
from healer.facts.repair import Attempt, Baseline, Judged, QuarantinedPatch, Request
from healer.failure import Fact
from healer.repair import propose
from healer.services import Services
from sandbox import Fault

UNCOMPARED = "several drafts pass every check, and what else they do could not be compared"


class Together(Fact):
    """The verdicts on several candidates, in their order."""

    proved: tuple[Judged, ...] = ()


class Agreement(Fact):
    """Whether fixes that pass every check do the same."""

    doubt: str = ""
    """Why a person has to choose; empty where they do the same on every input tried."""


def prove_all(
    ready: Sequence[QuarantinedPatch], prove: Callable[[QuarantinedPatch], Judged]
) -> Together:
    """Every candidate checked, all at the same time."""
    if not ready:
        return Together()
    with ThreadPoolExecutor(len(ready)) as pool:
        return Together(proved=tuple(pool.map(prove, ready)))


def strongest_first(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Fixes before others, strong evidence before weak; equals stay in the drafter's order."""

    def rank(attempt: Attempt) -> tuple[bool, bool, bool, int]:
        verdict = attempt.verdict
        fixed = verdict.kind == "fixed"
        held = bool(attempt.protected or attempt.draft.doubt)
        return not fixed, not (fixed and verdict.strong), held, len(verdict.reasons)

    return sorted(attempts, key=rank)


def agreement(
    request: Request, examined: Baseline, fixed: Sequence[Attempt], services: Services
) -> Agreement:
    """Compares what the fixes do on inputs like those of the tests."""
    base = services.repository.tree(request.base)
    case = propose.case_of(request, examined, (), services)
    plan = make_screen_plan(case)
    trees = [services.repository.tree(a.candidate.commit) for a in fixed if a.candidate]
    paths = {path for a in fixed if a.candidate for path in a.candidate.paths}
    touched = [find_changed_functions(base, tree, sorted(paths)) for tree in trees]
    targets = {place for each in touched for place in each}
    if plan is None or not plan.use_tests or len(targets) != 1:
        return Agreement(doubt=UNCOMPARED)
    (target,) = targets
    contents = [{target[0]: (tree.read(target[0]) or b"").decode()} for tree in trees]
    asked = plan.model_copy(update={"candidates": tuple(contents), "compare": target})
    behaved = services.runner.open_screening().compare(pack_tree(base), asked)
    if isinstance(behaved, Fault) or sum(bool(b.pairs) for b in behaved) != len(contents):
        return Agreement(doubt=UNCOMPARED)
    _, rows = group_by_behaviour(range(len(contents)), behaved)
    return Agreement(doubt=_said(rows[0], len(contents)) if rows else "")


def _said(row: Difference, count: int) -> str:
    answers = " or ".join(dict.fromkeys(row.results))
    return (
        f"{count} drafts pass every check and behave differently: for {row.given} the result is "
        f"{answers}; a person has to choose"
    )
