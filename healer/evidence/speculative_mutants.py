"""Mutants and rivals that are tried while the checks still run, as if these went well.

Belongs here: what the checks are expected to say, and whether they did. Does not belong here:
trying mutants (`mutation`) and rivals (`rivals`). What was found ahead counts only where the checks
said exactly what was predicted; else it is found again afterwards, so that a wrong guess costs time
and nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from healer.evidence.crashes import find_tests_through
from healer.evidence.experiment import Experiment
from healer.evidence.mutation import try_mutants
from healer.evidence.rivals import find_rivals
from healer.facts.draft import Draft
from healer.judge import MutationScore, Rivals, find_failing_tests
from healer.support.parse_lock import serialise_parsing
from sandbox import Report, SandboxError, TestResult
from sandbox.screen import Screening

Found = TypeVar("Found")


class SpeculativeRun:
    """One candidate's mutants and then its rivals under way; `prediction.after` holds what its
    checks should say."""

    def __init__(
        self, prediction: Experiment, screening: Screening, draft: Callable[[], Iterable[Draft]]
    ) -> None:
        """Starts at once, in a thread of its own that nobody has to wait for. `draft` gives other
        drafts for the same failure."""
        serialise_parsing()  # whoever called this parses meanwhile
        self._prediction = prediction
        self._screening = screening
        self._draft = draft
        failing = find_failing_tests(prediction.before.tests)
        self._fail_to_pass = tuple(node for node in failing if node in prediction.witness_nodes)
        pool = ThreadPoolExecutor(1, thread_name_prefix="mutants")
        self._score: Future[MutationScore | None] = pool.submit(
            try_mutants, prediction, self._fail_to_pass, screening
        )
        self._rivals: Future[Rivals | None] = pool.submit(self._find_rivals)
        pool.shutdown(wait=False)

    def score(self, experiment: Experiment, fail_to_pass: Sequence[str]) -> MutationScore | None:
        """What was found; None where the checks said something else, or it could not be tried."""
        return self._take(self._score, experiment, fail_to_pass)

    def rivals(self, experiment: Experiment, fail_to_pass: Sequence[str]) -> Rivals | None:
        """As `score`; None also where the mutants did not look as if it would come to this."""
        return self._take(self._rivals, experiment, fail_to_pass)

    def _find_rivals(self) -> Rivals | None:
        score = self._score.result()
        if score is None or not score.killed_by_fail_to_pass or score.lines_without_kill:
            return None
        return find_rivals(self._prediction, self._fail_to_pass, self._screening, self._draft())

    def _take(
        self, result: Future[Found | None], experiment: Experiment, fail_to_pass: Sequence[str]
    ) -> Found | None:
        is_as_predicted = set(fail_to_pass) == set(self._fail_to_pass) and set(
            experiment.passing_nodes
        ) == set(self._prediction.passing_nodes)
        if not is_as_predicted:
            self._rivals.cancel()  # they take seconds of the machine that the second try needs
            return None
        try:
            return result.result()
        except SandboxError:
            return None


def is_predictable(before: Report, *, brings_a_test: bool) -> bool:
    """What the checks will say can be told: tests failed and are to pass, none is new, each has a
    name already, and none hangs."""
    failing = find_failing_tests(before.tests)
    hangs = any(run.ended.timed_out for run in before.tests)
    return bool(failing) and not (brings_a_test or hangs) and all("::" in node for node in failing)


def expect_success(experiment: Experiment) -> Experiment:
    """The same, with the report to hope for on the fixed tree: of the tests that fail on the
    unfixed one those pass that failed in what the fix changes."""
    before = experiment.before
    goals = {*find_tests_through(experiment, tuple(find_failing_tests(before.tests)))}

    def predict(result: TestResult) -> TestResult:
        return TestResult(node=result.node, outcome="passed") if result.node in goals else result

    runs = [r.model_copy(update={"results": tuple(map(predict, r.results))}) for r in before.tests]
    return replace(experiment, after=before.model_copy(update={"tests": tuple(runs)}))
