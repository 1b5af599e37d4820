"""Would the checks notice a small mistake in the changed lines? Screens mutants to see.

Belongs here: running them within the time. Does not belong here: making them (`judge.mutants`),
what tells a kill from a crash (`judge.kills`), or what the share means (`judge.weaknesses`).
"""

import ast
import os
import re
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from healer.draft.rules.source_file import SourceFile
from healer.evidence.experiment import Experiment
from healer.evidence.hunks import Span, find_hunks, find_replacement
from healer.evidence.screened import screen
from healer.judge import MutationScore, classify_mutant
from healer.judge.kills import MutantEnd
from healer.judge.mutants import Mutant, make_mutants, make_result_mutants
from healer.support.tree_text import read_text
from healer.support.work_count import show_work
from sandbox import Report
from sandbox.job import ScreenPlan
from sandbox.report import ScreenResult
from sandbox.screen import Screening

SCREENING_S = 300.0
"""A fuse and no budget: `judge.mutants.LIMIT` bounds the work, so that the verdict does not depend
on the load. What is not tried when it burns is said (`cut_short`), and counts against the fix."""
LARGEST_PLAIN_NUMBER = 2
"""Up to here a number needs no origin: nothing, one, a pair, half of it."""
_NUMBER = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?")
WORTH_A_WORKER_S = 2.0
"""Of test runs that mutants need in all, for each process that shares them."""


class _InFile(NamedTuple):
    path: str
    mutant: Mutant

    @property
    def place(self) -> tuple[str, int]:
        return self.path, self.mutant.line

    @property
    def word(self) -> tuple[str, int, str]:
        """What was made another, and where it stands."""
        return self.path, self.mutant.line, self.mutant.before

    @property
    def description(self) -> str:
        return f"{self.path}:{self.mutant.line}: {self.mutant.description}"


def try_mutants(
    experiment: Experiment, fail_to_pass: Sequence[str], screening: Screening
) -> MutationScore | None:
    """All mutants in one container: the tests in `fail_to_pass` first, then the others that passed.
    None: what a command tests cannot always be screened. Raises SandboxError where the sandbox
    failed, which says nothing of the fix."""
    mutants = _make(experiment, make_mutants)
    if not mutants or not fail_to_pass:
        return MutationScore()
    others = tuple(node for node in experiment.witness_nodes if node not in fail_to_pass)
    answers = _screen(experiment, mutants, (tuple(fail_to_pass), others), screening)
    if answers is None:
        return None
    score = _count(mutants, answers, experiment, fail_to_pass)
    if score.killed_by_fail_to_pass or (score.total and not score.killed):
        return score
    return _add_results(score, experiment, fail_to_pass, screening)


def _add_results(
    score: MutationScore, experiment: Experiment, fail_to_pass: Sequence[str], screening: Screening
) -> MutationScore | None:
    """A failing case may come out alike, or crash, for every mistake in the changed lines. What
    matters then is whether its test says what comes out at all: of the changed functions, or where
    what they give has no other value of its kind, of those of the file that call them."""
    results = MutationScore()
    for make in (make_result_mutants, _make_results_of_callers):
        mutants = [] if results.total else _make(experiment, make)
        if mutants:
            answers = _screen(experiment, mutants, (tuple(fail_to_pass), ()), screening)
            if answers is None:
                return None
            results = _count(mutants, answers, experiment, fail_to_pass)
    kills = results.killed_by_fail_to_pass
    return score.model_copy(update={"killed_by_fail_to_pass": kills, "results": results.total})


def _make_results_of_callers(source: str, lines: Iterable[int]) -> tuple[Mutant, ...]:
    """As `make_result_mutants`, of the functions of the file that call what holds these lines."""
    code = SourceFile("", source)
    names = {function.name for line in lines for function in code.functions_at(line)}
    calls = [node for node in code.nodes if isinstance(node, ast.Call)]
    return make_result_mutants(
        source,
        [
            call.lineno
            for call in calls
            if names & {getattr(call.func, "id", ""), getattr(call.func, "attr", "")}
        ],
    )


def _screen(
    experiment: Experiment,
    mutants: list[_InFile],
    tests: tuple[tuple[str, ...], tuple[str, ...]],
    screening: Screening,
) -> tuple[ScreenResult, ...] | None:
    """`tests`: those that are run first, and those after them. Raises SandboxError."""
    plan = ScreenPlan(
        tests=experiment.variant_tests,
        command=experiment.plan.command,
        tests_only=len(mutants) + 1,
        failing=tests[0],
        passing=tests[1],
        watched=tuple(experiment.changed_lines),
        limit_s=experiment.variant_limit_s,
        workers=_workers(len(mutants), experiment.after),
    )
    contents = [{path: mutant.source} for path, mutant in mutants]
    show_work(f"would the tests notice? {len(mutants):,} small mistakes in the changed lines")
    return screen(contents, plan, experiment, screening, SCREENING_S)


def _count(
    mutants: list[_InFile],
    answers: Iterable[ScreenResult],
    experiment: Experiment,
    fail_to_pass: Sequence[str],
) -> MutationScore:
    by_end: dict[MutantEnd, list[_InFile]] = {"killed": [], "crashed": [], "survived": []}
    tried_ones = [each for each in answers if each.outcome != "skipped"]
    kills = 0
    for each in tried_ones:
        end = classify_mutant(each.outcome, each.detail, tuple(experiment.changed_lines))
        by_end[end].append(mutants[each.index])
        kills += end == "killed" and each.detail.partition("\n")[0] in fail_to_pass
    survivors = by_end["survived"]
    told_words = {each.word for each in (*by_end["killed"], *by_end["crashed"])}
    silent_ones = [each for each in survivors if each.word not in told_words]
    with_kill = {each.place for each in (*by_end["killed"], *by_end["crashed"])}
    silent = {each.place: each for each in reversed(survivors) if each.place not in with_kill}
    return MutationScore(
        killed=len(by_end["killed"]),
        total=len(by_end["killed"]) + len(survivors),
        killed_by_fail_to_pass=kills,
        survived=tuple(each.description for each in survivors),
        lines_without_kill=tuple(each.description for _, each in sorted(silent.items())),
        made_up=_find_made_up(silent_ones, experiment, fail_to_pass),
        cut_short=len(tried_ones) < len(mutants),
        tried=len(tried_ones),
    )


def _find_made_up(
    survivors: Iterable[_InFile], experiment: Experiment, fail_to_pass: Sequence[str]
) -> tuple[str, ...]:
    """The numbers among what the survivors change that come from nowhere. `retries = 1000` in place
    of what overflows passes every test, and is wrong for whoever goes on for longer."""
    paths = dict.fromkeys(node.partition("::")[0] for node in fail_to_pass)
    tests = [read_text(experiment.tree, path) for path in paths]
    words: list[str] = []
    for each in survivors:
        number = _read_number(each.mutant.before)
        if number is not None and abs(number) > LARGEST_PLAIN_NUMBER:
            sources = [experiment.texts_of(each.path)[0], *tests]
            if not any(number in _find_numbers(source) for source in sources):
                words.append(each.mutant.before)
    return tuple(dict.fromkeys(words))


def _read_number(text: str) -> float | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        return None
    return value if type(value) in (int, float) else None


def _find_numbers(source: str) -> set[float]:
    """Those of the code, and those in its texts and comments as well."""
    return {float(word.replace("_", "")) for word in _NUMBER.findall(source)}


def _make(
    experiment: Experiment, make: Callable[[str, Iterable[int]], tuple[Mutant, ...]]
) -> list[_InFile]:
    mutants = []
    for path, lines in experiment.changed_lines.items():
        base, source = experiment.texts_of(path)
        spans = [hunk.new for hunk in find_hunks(base, source)]
        has_other_handlers = _count_handlers(base) != _count_handlers(source)
        mutants += [
            _InFile(path, mutant)
            for mutant in make(source, lines)
            if make is not make_mutants or _is_about(mutant, source, spans)
            # That tests need a handler at all says nothing for what a fix suppresses by it.
            if not (mutant.lets_through and has_other_handlers)
        ]
    return mutants


def _count_handlers(source: str) -> int:
    return sum(isinstance(node, ast.ExceptHandler) for node in SourceFile("", source).nodes)


def _is_about(mutant: Mutant, source: str, spans: Sequence[Span]) -> bool:
    """Whether it changes something that the fix brought. What else stands on a changed line is the
    project's own, and whether tests notice a mistake in it says nothing of the fix."""
    place = find_replacement(source, mutant.source)
    return any(place.overlaps(span) for span in spans)


def _workers(count: int, green: Report) -> int:
    """Each further one collects the tests once more, which is only worth it for long work."""
    work_s = count * sum(each.seconds for run in green.tests[:1] for each in run.results)
    return max(1, min(os.cpu_count() or 1, int(work_s / WORTH_A_WORKER_S)))
