"""Mutants that are tried while the checks still run, as if these went well.

Belongs here: what the checks are expected to say, and whether they did. Does not belong here:
trying mutants (`mutation`). What was found ahead counts only where the checks said exactly what was
expected; else it is found again afterwards, so that a wrong guess costs time and nothing else.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from healer.evidence.experiment import Experiment
from healer.evidence.mutation import try_mutants
from healer.judge import Mutants, failing
from sandbox import Report, SandboxError, TestResult
from sandbox.screen import Screening


class Ahead:
    """One candidate's mutants under way; `expected.after` holds what its checks should say."""

    def __init__(self, expected: Experiment, screening: Screening) -> None:
        self._expected = expected
        self._healed = tuple(failing(expected.before.tests))
        pool = ThreadPoolExecutor(1, thread_name_prefix="mutants")
        self._found: Future[Mutants | None] = pool.submit(
            try_mutants, expected, self._healed, screening
        )
        pool.shutdown(wait=False)

    def mutants(self, seen: Experiment, healed: Sequence[str]) -> Mutants | None:
        """What was found; None where the checks said something else, or it could not be tried."""
        as_expected = set(healed) == set(self._healed) and set(seen.passing) == set(
            self._expected.passing
        )
        try:
            return self._found.result() if as_expected else None
        except SandboxError:
            return None


def worth_it(seen: Experiment, *, brings_a_test: bool) -> bool:
    """What the checks will say can be told: tests failed and are to pass, none is new, each has a
    name already, and none hangs."""
    failed = failing(seen.before.tests)
    hung = any(run.ended.timed_out for run in seen.before.tests)
    return bool(failed) and not (brings_a_test or hung) and all("::" in node for node in failed)


def as_expected(before: Report) -> Report:
    """The report on a tree on which those tests pass that fail on the unfixed one."""
    failed = failing(before.tests)

    def now(result: TestResult) -> TestResult:
        return TestResult(node=result.node, outcome="passed") if result.node in failed else result

    runs = [r.model_copy(update={"results": tuple(map(now, r.results))}) for r in before.tests]
    return before.model_copy(update={"tests": tuple(runs)})
