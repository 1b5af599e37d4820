"""Candidates are screened only where the screen runs the tests as the project's command does."""

from healer.evidence.experiment import Experiment
from healer.evidence.screened import screen
from sandbox import Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from sandbox.job import ScreenPlan
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree

CASE = """import unittest
import job

class Job(unittest.TestCase):
    def test(self):
        self.assertEqual(job.total([1, 2]), {total})
"""
NODE = "qa/check_job.py::Job::test"
COMMAND = ("python", "-m", "unittest", "discover", "-s", "qa", "-p", "check_*.py", "-t", ".")


def ends(total: int, command: tuple[str, ...] = COMMAND) -> list[tuple[int, str]] | None:
    files = {"job.py": "def total(rows):\n    return sum(rows)\n", "qa/__init__.py": ""}
    tree = MemoryTree({**files, "qa/check_job.py": CASE.format(total=total)})
    result = TestResult(node=NODE, outcome="passed")
    report = Report(tests=(TestRun(results=(result,), ended=ProcessEnd(exit_code=0)),))
    plan = Plan(tests=TestPlan(command=command))
    experiment = Experiment(tree, tree, ("job.py",), {"job.py": (2,)}, plan, report, report)
    wrong = {"job.py": "def total(rows):\n    return len(rows)\n"}
    right = {"job.py": "def total(rows):\n    return sum(list(rows))\n"}
    screening = ScreenPlan(tests=experiment.variant_tests, failing=(NODE,), watched=("job.py",))
    answers = screen((wrong, right), screening, experiment, LocalScreening(), 60.0)
    if answers is None:
        return None
    return sorted((each.index, each.outcome) for each in answers)


def test_tests_that_a_command_runs_are_run_by_pytest() -> None:
    assert ends(3) == [(0, "failed"), (1, "passed")]


def test_where_the_fix_itself_does_not_pass_so_nothing_is_known() -> None:
    assert ends(4) is None
