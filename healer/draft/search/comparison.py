"""What survivors do on inputs like those of the tests: those that behave alike become one group.

Belongs here: running the comparison, and which survivors give way by it. Does not belong here:
telling results apart (`behaviour_groups`), trust in the program's old answers (`answers_trusted`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from healer.draft.rules.source_file import FunctionNode, SourceFile
from healer.draft.search.answers_trusted import (
    FEWEST_ANSWERS,
    are_all_crashes,
    count_answers,
    keep_conservative,
)
from healer.draft.search.behaviour_groups import group_by_behaviour, pick_least_work
from healer.draft.search.search_facts import SearchResult, SearchTask
from healer.draft.search.variant_maker import Variant
from healer.facts.draft import Difference
from sandbox import Behaviour, SandboxError
from sandbox.screen import Screening

_UNCHANGED: dict[str, str] = {}
"""The candidate that changes nothing."""


@dataclass(frozen=True)
class Comparison:
    """Survivors by behaviour."""

    groups: Sequence[Sequence[int]]
    """Places in the list of survivors; the one that is drafted is the first of its group."""
    differences: tuple[Difference, ...] = ()
    """Inputs that tell the groups apart."""
    complete: bool = True
    """Every survivor was seen on some inputs."""


def compare_survivors(
    screening: Screening, task: SearchTask, result: SearchResult, survivors: Sequence[Variant]
) -> Comparison:
    """The survivors in groups; each in its own, not complete, where they could not be compared."""
    count = len(survivors)
    if count == 1:
        return Comparison([[0]])
    unknown = Comparison([[index] for index in range(count)], complete=False)
    function = _find_function(survivors[0], task.codes)
    if function is None or result.plan is None or not result.plan.use_tests:
        return unknown
    path = survivors[0].path
    update = {
        "candidates": (*({v.path: v.content} for v in survivors), _UNCHANGED),
        "compare": (path, function.name),
    }
    try:
        behaviours = screening.compare(task.tree, result.plan.model_copy(update=update))
    except SandboxError:
        return unknown
    complete = sum(bool(b.pairs) for b in behaviours if b.index < count) == count
    remaining: Sequence[int] = range(count)
    if complete:
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        answers_trusted = _trusts_answers(result, task.codes, path, lines)
        remaining = keep_conservative(count, behaviours, answers_trusted=answers_trusted)
    groups, differences = group_by_behaviour(remaining, behaviours)
    drafted_first = [_put_drafted_first(group, behaviours) for group in groups]
    return Comparison(drafted_first, tuple(differences), complete)


def _find_function(variant: Variant, codes: Mapping[str, SourceFile]) -> FunctionNode | None:
    code = codes.get(variant.path)  # a file that does not parse has no functions
    return code.outermost_function_at(variant.line) if code else None


def _trusts_answers(
    result: SearchResult, codes: Mapping[str, SourceFile], path: str, lines: range
) -> bool:
    """The failure is a crash, and enough passing tests have seen the function answer."""
    answers = count_answers(result.spectrum, path, lines)
    return answers >= FEWEST_ANSWERS and are_all_crashes(result.spectrum, codes)


def _put_drafted_first(group: list[int], behaviours: Sequence[Behaviour]) -> list[int]:
    choice = pick_least_work(group, behaviours)
    return [choice, *(index for index in group if index != choice)]
