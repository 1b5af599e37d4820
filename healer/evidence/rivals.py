"""Does the evidence single the fix out? Screens its neighbours, and compares those that pass.

Belongs here: which neighbours pass all that the fix passes, and what tells them from it. Does not
belong here: making them (`neighbours`), or what a rival means for the verdict (`healer.judge`).
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import TypeVar

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.operators.mutation import operator_of
from healer.evidence.comparison import Place, compare_with, find_places, make_base, plan_screening
from healer.evidence.crashes import (
    collect_messages,
    fails_by_crashes,
    fails_by_hang,
    find_blamed,
    find_missed_errors,
)
from healer.evidence.examples import (
    ExampleCheck,
    make_example_checks,
)
from healer.evidence.experiment import Experiment
from healer.evidence.hunks import find_line_hunks
from healer.evidence.lost_words import find_brought_words, find_formatted, find_lost_words
from healer.evidence.neighbour import PART, READING, RULE, Neighbour
from healer.evidence.neighbours import find_neighbours
from healer.evidence.pinned_answers import (
    CONTROL,
    OLD_ANSWERS,
    Answer,
    find_other_answers,
    keep_answers,
)
from healer.evidence.screened import OF_COMMAND, screen
from healer.facts.draft import Draft
from healer.judge.facts import Rivals
from healer.judge.kills import MutantEnd, classify_mutant
from healer.support.work_count import show_work
from sandbox.job import ScreenPlan
from sandbox.report import ScreenResult
from sandbox.screen import Screening

MOST_COMPARED = 24
"""Of the neighbours that pass, in each function; those that come first are the likelier ones."""
SCREENING_S = 300.0
"""A fuse and no budget: the work is bounded by the counts in `neighbours`. Where it burns, what was
not tried is said (`cut_short`), and counts against the fix."""
Program = TypeVar("Program")
Programs = Sequence[Neighbour | Answer | ExampleCheck]


def find_rivals(
    experiment: Experiment,
    fail_to_pass: Sequence[str],
    screening: Screening,
    drafts: Iterable[Draft] = (),
) -> Rivals | None:
    """The neighbours that pass all of the fix's tests and act otherwise; None where not all of that
    was seen. Nothing is tried where no test speaks for the fix. Raises SandboxError where the
    sandbox failed, which says nothing of the fix."""
    if not fail_to_pass:
        return Rivals()
    neighbours = find_neighbours(experiment, drafts)
    answers = _make_for_places(experiment, find_other_answers)
    checks = _make_for_places(experiment, make_example_checks)
    keepers = _make_for_places(experiment, keep_answers)
    plan = plan_screening(experiment, fail_to_pass)
    programs: Programs = (*neighbours, *answers, *checks, *keepers)
    count = len(neighbours)
    results = _screen(programs, len(programs) - count, experiment, plan, screening)
    if results is None:
        return None
    tries = [r for r in results if r.outcome != "skipped" and r.index < count]
    passes = {each.index for each in results if each.outcome == "passed"}
    failures = {each.index for each in results if each.outcome not in ("passed", "skipped")}
    survivors = [neighbours[each.index] for each in tries if each.index in passes]
    groups, comparisons = _by_function(survivors, experiment), list[Rivals]()
    tail = enumerate(checks, count + len(answers))
    examples = [f"{check.function}: {check.example}" for n, check in tail if n in failures]
    wrong_before = _find_wrong_before(keepers, len(programs), results, experiment)
    is_crash = fails_by_crashes(experiment, plan.failing)
    lost_words = _find_losses(neighbours, tries, experiment, plan.failing) if is_crash else ()
    for place in dict.fromkeys((*find_places(experiment), *groups)):
        is_right = _is_base_right(place, wrong_before, experiment, plan.failing)
        base = [make_base(place, experiment)] if is_right else []
        more = compare_with(place, [*base, *groups.get(place, [])], experiment, plan, screening)
        if more is None:
            return None
        comparisons.append(more)
        examples += more.failing_examples
    return Rivals(
        tried=len(tries),
        passed=len(survivors),
        rivals=tuple(rival for each in comparisons for rival in each.rivals),
        unpinned=_find_unpinned([a for n, a in enumerate(answers, count) if n in passes]),
        lost_words=lost_words,
        unseen_words=_find_unseen(neighbours, tries, experiment),
        failing_examples=tuple(examples),
        unseen_functions=tuple(name for each in comparisons for name in each.unseen_functions),
        cut_short=len(tries) < count or len(results) < len(programs),
    )


def _is_base_right(
    place: Place, wrong_before: Collection[Place], experiment: Experiment, nodes: Collection[str]
) -> bool:
    """Whether a function's old answers are known to be: where it crashed, unless tests call them
    wrong; where an error is missed, all but those in its place."""
    if fails_by_crashes(experiment, nodes):
        return place not in wrong_before
    return bool(find_missed_errors(experiment, nodes))


def _find_wrong_before(
    keepers: Sequence[Answer], end: int, results: Iterable[ScreenResult], experiment: Experiment
) -> set[Place]:
    """Functions whose old answers the tests call wrong; `end`: the index behind the last keeper."""
    first, controls, kills = end - len(keepers), set[Place](), set[Place]()
    for result in results:
        if result.index >= first:
            keeper = keepers[result.index - first]
            place = (keeper.path, keeper.function)
            if keeper.change == CONTROL and result.outcome == "passed":
                controls.add(place)
            elif keeper.change == OLD_ANSWERS and _end_of(result, experiment) == "killed":
                kills.add(place)
    return kills & controls


def _make_for_places(
    experiment: Experiment, make: Callable[[str, str, str, str], Iterator[Program]]
) -> list[Program]:
    """What `make` makes of each changed function: its path, both texts of the file, its name."""
    places = find_places(experiment)
    return [each for path, name in places for each in make(path, *experiment.texts_of(path), name)]


def _is_mend(neighbour: Neighbour) -> bool:
    """It mends the failure otherwise. No mistake put into the unfixed code: tests may call that
    wrong before they come to what crashes."""
    return operator_of(neighbour.shape) in (PART, READING, RULE)


def _find_losses(
    neighbours: Sequence[Neighbour],
    tries: Iterable[ScreenResult],
    experiment: Experiment,
    nodes: Collection[str],
) -> tuple[str, ...]:
    """What the fix takes away beside what crashed, unless tests call each mend that keeps all of it
    wrong. One that passes as well is the smaller change, whether or not an input was found that
    tells the two apart. Where none of them ran, what the failure itself blames is no loss."""
    if fails_by_hang(experiment, nodes):
        return ()
    paths = experiment.changed_files
    ran = [t for t in tries if _end_of(t, experiment) != "crashed"]
    mends = [(neighbours[t.index], t.outcome) for t in ran if _is_mend(neighbours[t.index])]
    messages = collect_messages(experiment, nodes)
    words: list[str] = []
    for path in paths:
        base, fix = experiment.texts_of(path)
        losses = set(find_lost_words(base, fix, messages))
        keepers = [
            outcome
            for mend, outcome in mends
            if losses and mend.path == path
            if not losses & set(find_lost_words(base, mend.content, messages))
        ]
        is_untried = not keepers and not losses <= find_blamed(experiment, nodes)
        if is_untried:
            words += sorted(losses)
        elif "passed" in keepers:
            words += sorted(losses - find_formatted(base, fix, messages))
    return tuple(words)


def _end_of(result: ScreenResult, experiment: Experiment) -> MutantEnd:
    return classify_mutant(result.outcome, result.detail, experiment.changed_files)


def _find_unseen(
    neighbours: Sequence[Neighbour], tries: Iterable[ScreenResult], experiment: Experiment
) -> tuple[str, ...]:
    """What the fix brings that the first of its parts lacks for which the command alone fails."""
    for result in tries:
        if result.outcome == "failed" and result.detail.partition("\n")[0] == OF_COMMAND:
            part = neighbours[result.index]
            base, fix = experiment.texts_of(part.path)
            if words := find_brought_words(base, fix, part.content):
                return words
    return ()


def _screen(
    programs: Programs,
    tests_only: int,
    experiment: Experiment,
    plan: ScreenPlan,
    screening: Screening,
) -> tuple[ScreenResult, ...] | None:
    """Which programs pass all that the fix passes, so many at their end without the command, which
    seldom says what comes out; None where that could not be measured."""
    if not programs:
        return ()
    contents = [{each.path: each.content} for each in programs]
    plan = plan.model_copy(update={"tests_only": tests_only})
    show_work(f"do the tests single the fix out? {len(programs):,} other answers to them")
    return screen(contents, plan, experiment, screening, SCREENING_S)


def _find_unpinned(passing: Sequence[Answer]) -> tuple[str, ...]:
    """Functions of which no test says what they give where they failed before, each with another
    answer that passes."""
    # What passes although it raises there is asked for by no test: then nothing is unpinned.
    raises = {_key_of(each) for each in passing if each.sees}
    return tuple(
        f"{each.function}: {each.change}"
        for each in passing
        if not each.sees and _key_of(each) not in raises
    )


def _key_of(answer: Answer) -> tuple[str, str, str]:
    return answer.path, answer.function, answer.change


def _by_function(
    survivors: Sequence[Neighbour], experiment: Experiment
) -> dict[Place, list[Neighbour]]:
    """By the outermost functions in which they differ from the fix, or the top level of their
    file."""
    groups: dict[Place, list[Neighbour]] = {}
    for each in survivors:
        for name in _list_functions(each, experiment.texts_of(each.path)[1]):
            group = groups.setdefault((each.path, name), [])
            if len(group) < MOST_COMPARED:
                group.append(each)
    return groups


def _list_functions(neighbour: Neighbour, fix: str) -> list[str]:
    names: dict[str, None] = {}
    for hunk in find_line_hunks(fix, neighbour.content):
        is_gone = hunk.new.start == hunk.new.end
        text, span = (fix, hunk.old) if is_gone else (neighbour.content, hunk.new)
        function = SourceFile(neighbour.path, text).outermost_function_at(span.lines_of(text)[0])
        names[function.name if function else ""] = None
    return list(names)
