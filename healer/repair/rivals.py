"""Several candidates for one question: checked side by side, ordered, and held against each other.

Belongs here: which of several fixes is believed, and whether they agree. Does not belong here:
checking one (`healer.evidence.gather`), or running functions on inputs (`sandbox.screen`).
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
from quarantine.candidate import Candidate
from sandbox import SandboxError

UNCOMPARED = "several drafts pass every check, and what else they do could not be compared"


class JudgedTogether(Fact):
    """The verdicts on several candidates, in their order."""

    proved: tuple[Judged, ...] = ()


class Agreement(Fact):
    """Whether fixes that pass every check do the same."""

    doubt: str = ""
    """Why a person has to choose; empty where they do the same on every input tried."""


def prove_together(
    patches: Sequence[QuarantinedPatch], prove: Callable[[QuarantinedPatch], Judged]
) -> JudgedTogether:
    """Every candidate checked, all at the same time."""
    if not patches:
        return JudgedTogether()
    with ThreadPoolExecutor(len(patches)) as pool:
        return JudgedTogether(proved=tuple(pool.map(prove, patches)))


def strongest_first(attempts: Sequence[Attempt]) -> list[Attempt]:
    """Fixes before others, strong evidence before weak; equals stay in the drafter's order."""

    def rank(attempt: Attempt) -> tuple[bool, bool, bool, int]:
        verdict = attempt.verdict
        is_fix = verdict.kind == "fixed"
        needs_person = bool(attempt.protected or attempt.draft.doubt)
        return not is_fix, not (is_fix and verdict.strong), needs_person, len(verdict.reasons)

    return sorted(attempts, key=rank)


def compare_fixes(
    request: Request, baseline: Baseline, fixes: Sequence[Attempt], services: Services
) -> Agreement:
    """Compares what the fixes do on inputs like those of the tests."""
    candidates = [fix.candidate for fix in fixes if fix.candidate]
    function = _only_function(request, candidates, services)
    base = services.repository.tree(request.base)
    plan = make_screen_plan(propose.case_of(request, baseline, (), base, services))
    if plan is None or not plan.use_tests or function is None:
        return Agreement(doubt=UNCOMPARED)
    path = function[0]
    trees = [services.repository.tree(candidate.commit) for candidate in candidates]
    contents = tuple({path: (tree.read(path) or b"").decode()} for tree in trees)
    comparison = plan.model_copy(update={"candidates": contents, "compare": function})
    try:
        behaviours = services.runner.open_screening().compare(pack_tree(base), comparison)
    except SandboxError:
        return Agreement(doubt=UNCOMPARED)
    if sum(bool(b.pairs) for b in behaviours) != len(contents):
        return Agreement(doubt=UNCOMPARED)
    _, differences = group_by_behaviour(range(len(contents)), behaviours)
    return Agreement(doubt=_describe(differences[0], len(contents)) if differences else "")


def _only_function(
    request: Request, candidates: Sequence[Candidate], services: Services
) -> tuple[str, str] | None:
    """Path and name of the one function that all candidates change; None where it is not one."""
    base = services.repository.tree(request.base)
    paths = sorted({path for candidate in candidates for path in candidate.paths})
    trees = [services.repository.tree(candidate.commit) for candidate in candidates]
    functions = {place for tree in trees for place in find_changed_functions(base, tree, paths)}
    return functions.pop() if len(functions) == 1 else None


def _describe(difference: Difference, count: int) -> str:
    answers = " or ".join(dict.fromkeys(difference.results))
    return (
        f"{count} drafts pass every check and behave differently: for {difference.given} the "
        f"result is {answers}; a person has to choose"
    )
