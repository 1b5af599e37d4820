"""The tests that pass are those of the first run: the tests as written."""

import pytest

from healer.evidence.experiment import Experiment
from sandbox import Plan, ProcessEnd, Report, TestRun
from tests.healer.evidence.reports import report, result, run
from tests.support.memory_tree import MemoryTree

TREE = MemoryTree({})


def passing(after: Report) -> tuple[str, ...]:
    return Experiment(TREE, TREE, (), {}, Plan(), Report(), after).passing_nodes


def test_only_what_passed_as_written_is_passing() -> None:
    first = run(result("a"), result("b", "failed"), result("c", "skipped"), result("d", "xpassed"))
    assert passing(report(first, run(result("b")))) == ("a",)


def test_without_a_run_nothing_passes() -> None:
    assert passing(report()) == ()


def test_a_test_that_a_repair_left_passes_and_is_no_witness() -> None:
    before = report(run(result("left.py::a", "failed"), result("mine.py::b", "failed")))
    after = report(run(result("left.py::a"), result("mine.py::b"), result("left.py::c")))
    left = frozenset({"left.py"})
    experiment = Experiment(TREE, TREE, (), {}, Plan(), before, after, left)
    assert experiment.passing_nodes == ("left.py::a", "mine.py::b", "left.py::c")
    assert experiment.witness_nodes == ("mine.py::b",)
    assert experiment.nodes_of_repairs == ("left.py::a",)


@pytest.mark.parametrize(
    ("seconds", "limit_s"),
    [({}, 1.0), ({"tests": 0.1}, 1.0), ({"tests": 2.0, "command": 1.0, "lint": 9.0}, 15.0)],
)
def test_a_variant_may_take_five_times_as_long_as_the_fix(
    seconds: dict[str, float], limit_s: float
) -> None:
    after = Report(step_seconds=seconds)
    experiment = Experiment(TREE, TREE, (), {}, Plan(), Report(), after)
    assert experiment.variant_limit_s == limit_s
    assert not experiment.variant_tests.sentinels


def test_a_changed_line_counts_once_whether_the_command_or_a_test_ran_it() -> None:
    by_tests = ProcessEnd(exit_code=0, executed={"job.py": (1, 2), "other.py": (3,)})
    by_command = ProcessEnd(exit_code=0, executed={"job.py": (2, 4)})
    after = Report(tests=(TestRun(results=(), ended=by_tests),), command=by_command)
    lines = {"job.py": (2, 4, 5)}
    assert Experiment(TREE, TREE, (), lines, Plan(), Report(), after).count_executed() == 2
