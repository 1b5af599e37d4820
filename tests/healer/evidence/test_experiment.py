"""The tests that pass are those of the first run: the tests as written."""

from healer.evidence.experiment import Experiment
from sandbox import Plan, Report
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
