"""What was tried before the checks were done counts only if they said what was expected."""

from dataclasses import replace

import pytest

from healer.evidence import speculative_mutants
from healer.evidence.experiment import Experiment
from healer.evidence.speculative_mutants import SpeculativeRun, expect_success, is_predictable
from healer.judge import MutationScore
from sandbox import Plan, ProcessEnd, Report, SandboxError, TestPlan, TestResult, TestRun
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree

FOUND = MutationScore(killed=2, total=3, killed_by_fail_to_pass=1)


def report(hung: bool = False, **outcomes: str) -> Report:
    results = tuple(
        TestResult.model_validate({"node": f"t.py::{name}", "outcome": outcome})
        for name, outcome in outcomes.items()
    )
    return Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=1, timed_out=hung)),))


BEFORE = report(a="failed", b="passed", c="skipped")


def experiment(before: Report) -> Experiment:
    """A repair of `job.py`, with what its checks are expected to say."""
    base, tree = MemoryTree({"job.py": "1\n", "other.py": ""}), MemoryTree({"job.py": "2\n"})
    plan = Plan(tests=TestPlan())
    return expect_success(Experiment(base, tree, ("job.py",), {}, plan, before, before))


def expect(before: Report) -> dict[str, str]:
    return {r.node: r.outcome for r in experiment(before).after.tests[0].results}


def test_the_failing_tests_are_expected_to_pass_and_no_others() -> None:
    assert expect(BEFORE) == {"t.py::a": "passed", "t.py::b": "passed", "t.py::c": "skipped"}


def test_a_test_that_fails_in_another_file_than_the_fix_changes_is_expected_to_fail() -> None:
    frame = 'Traceback (most recent call last):\n  File "/job/tree/{}", line 1, in f\n    f()\n'
    results = [
        TestResult(node=f"t.py::{path}", outcome="failed", detail=f"{frame.format(path)}KeyError\n")
        for path in ("job.py", "other.py")
    ]
    before = Report(tests=(TestRun(results=tuple(results), ended=ProcessEnd(exit_code=1)),))
    assert expect(before) == {"t.py::job.py": "passed", "t.py::other.py": "failed"}
    other = before.tests[0].model_copy(update={"results": tuple(results[1:])})
    only_other = before.model_copy(update={"tests": (other,)})
    assert expect(only_other) == {"t.py::other.py": "passed"}, "some say only what was wrong"


@pytest.mark.parametrize(
    ("after", "healed", "counts"),
    [
        (report(a="passed", b="passed", c="skipped"), ("t.py::a",), True),
        (report(a="passed", b="failed", c="skipped"), ("t.py::a",), False),
        (report(a="passed", b="passed", c="passed"), ("t.py::a",), False),
        (report(a="passed", b="passed", c="skipped"), (), False),
        (report(a="passed", b="passed", d="passed"), ("t.py::a",), False),
    ],
    ids=["as expected", "one is broken", "one more", "nothing speaks for it", "a new one"],
)
def test_what_was_found_ahead_counts_only_where_the_checks_say_what_was_expected(
    monkeypatch: pytest.MonkeyPatch, after: Report, healed: tuple[str, ...], counts: bool
) -> None:
    asked: list[object] = []

    def tried(seen: Experiment, nodes: tuple[str, ...], screening: object) -> MutationScore:
        asked.append((seen.passing_nodes, nodes, screening))
        return FOUND

    monkeypatch.setattr(speculative_mutants, "try_mutants", tried)
    expected, screening = experiment(BEFORE), LocalScreening()
    found = SpeculativeRun(expected, screening, tuple).score(replace(expected, after=after), healed)
    assert found == (FOUND if counts else None)
    assert asked == [(("t.py::a", "t.py::b"), ("t.py::a",), screening)]


def test_a_sandbox_that_fails_ahead_is_asked_again_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fails(*_: object) -> MutationScore:
        raise SandboxError("gone")

    monkeypatch.setattr(speculative_mutants, "try_mutants", fails)
    expected = experiment(BEFORE)
    assert SpeculativeRun(expected, LocalScreening(), tuple).score(expected, ("t.py::a",)) is None


@pytest.mark.parametrize(
    ("before", "brings_a_test", "worth"),
    [
        (BEFORE, False, True),
        (BEFORE, True, False),
        (report(a="passed"), False, False),
        (report(hung=True, a="failed"), False, False),
    ],
    ids=["tests fail", "a test of its own", "no test fails", "a test hangs"],
)
def test_nothing_is_tried_ahead_where_it_is_not_known_what_will_pass(
    before: Report, brings_a_test: bool, worth: bool
) -> None:
    assert is_predictable(before, brings_a_test=brings_a_test) == worth


def test_a_module_that_cannot_be_collected_has_no_tests_to_try() -> None:
    error = TestResult(node="t.py", outcome="error")
    before = Report(tests=(TestRun(results=(error,), ended=ProcessEnd(exit_code=2)),))
    assert not is_predictable(before, brings_a_test=False)
