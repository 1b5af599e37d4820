"""Candidates are screened by the tests that the fix itself passes when it is tried beside them."""

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.screened import COMMENT, MOST_UNSTEADY, OF_COMMAND, screen
from sandbox import Plan, ProcessEnd, Report, ScreenResult, TestPlan, TestResult, TestRun
from sandbox.job import Command, ScreenPlan
from sandbox.screen import Screening
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree
from tests.support.table_screening import TableScreening

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


STEPS = """import unittest
import pytest
import job

def test_total():
    assert job.total([1, 2]) == 3

@pytest.fixture(scope="module")
def box():
    return []

def test_one(box):
    box.append(1)

def test_two(box):
    assert box == [1]

class Steps(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.box = []

    def test_1(self):
        self.box.append(1)

    def test_2(self):
        self.assertEqual(self.box, [1])
"""


STYLE = """import pathlib
import job

def test_total():
    assert job.total([1, 2]) == 3

def test_style():
    text = pathlib.Path(job.__file__).read_text()
    assert "#as" not in text and "list" not in text and "len" not in text
"""


@pytest.mark.parametrize(
    ("tests", "names"),
    [
        (STEPS, ("test_total", "test_one", "test_two", "Steps::test_1", "Steps::test_2")),
        (STYLE, ("test_total", "test_style")),
    ],
    ids=["others before them", "the text of the file"],
)
def test_tests_that_other_programs_cannot_pass_tell_nothing(
    tests: str, names: tuple[str, ...]
) -> None:
    """Each is run with fixtures of its own there: all programs fail them, and one that differs from
    the fix would seem to be called wrong."""
    tree = MemoryTree({"job.py": "def total(rows):\n    return sum(rows)\n", "test_job.py": tests})
    nodes = tuple(f"test_job.py::{name}" for name in names)
    results = tuple(TestResult(node=node, outcome="passed") for node in nodes)
    report = Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=0)),))
    plan = Plan(tests=TestPlan())
    experiment = Experiment(tree, tree, ("job.py",), {"job.py": (2,)}, plan, report, report)
    wrong = {"job.py": "def total(rows):\n    return len(rows)\n"}
    other = {"job.py": "def total(rows):\n    return sum(list(rows))\n"}
    screening = ScreenPlan(
        tests=experiment.variant_tests, failing=nodes[:1], passing=nodes[1:], watched=("job.py",)
    )
    answers = screen((wrong, other), screening, experiment, LocalScreening(), 60.0)
    assert answers is not None
    assert sorted((each.index, each.outcome) for each in answers) == [(0, "failed"), (1, "passed")]


FIX = {"job.py": f"x = 0\n{COMMENT}"}


class Unsteady(TableScreening):
    """The fix fails what is named, the first of it first; other programs pass."""

    def __init__(self, *names: str, is_cut_off: bool = False) -> None:
        super().__init__()
        self.names, self.is_cut_off = names, is_cut_off
        self.plans: list[ScreenPlan] = []

    def screen(self, tree: bytes, plan: ScreenPlan, budget_s: float) -> tuple[ScreenResult, ...]:
        self.plans.append(plan)
        asked = (*plan.failing, *plan.passing, *([OF_COMMAND] if plan.command else ()))
        failing = [name for name in self.names if name in asked]
        results = []
        for index, candidate in enumerate(plan.candidates):
            fails = bool(failing) and candidate == FIX
            detail = f"{failing[0]}\nAssertionError" if fails else ""
            outcome = "failed" if fails else "passed"
            result = {"index": index, "outcome": outcome, "detail": detail}
            results.append(ScreenResult.model_validate(result))
        return tuple(results[1:] if self.is_cut_off else results)


PLAN = ScreenPlan(
    failing=("t::bad",),
    passing=tuple(f"t::{n}" for n in range(20)),
    command=Command(argv=("python", "job.py")),
    tests_only=2,
)
OTHER = {"job.py": "x = 1\n"}


def screened(screening: Screening, tests_only: int = 0) -> tuple[ScreenResult, ...] | None:
    tree = MemoryTree({"job.py": "x = 0\n"})
    experiment = Experiment(tree, tree, ("job.py",), {}, Plan(), Report(), Report())
    plan = PLAN.model_copy(update={"tests_only": tests_only})
    return screen((OTHER, OTHER), plan, experiment, screening, 60.0)


@pytest.mark.parametrize(("tests_only", "of_all"), [(0, 0), (1, 1), (2, 3)])
def test_the_fix_is_tried_beside_the_others_as_they_are(tests_only: int, of_all: int) -> None:
    screening = Unsteady()
    answers = screened(screening, tests_only)
    assert answers is not None
    assert [each.index for each in answers] == [0, 1]
    assert [(plan.candidates[0], plan.tests_only) for plan in screening.plans] == [(FIX, of_all)]


def test_what_the_fix_fails_is_left_out_and_the_command_too() -> None:
    screening = Unsteady("t::3", "t::7", OF_COMMAND)
    answers = screened(screening)
    assert answers is not None
    assert [each.index for each in answers] == [0, 1]
    last = screening.plans[-1]
    assert ("t::3" in last.passing, "t::7" in last.passing, last.command) == (False, False, None)
    assert len(last.passing) == len(PLAN.passing) - 2
    assert [len(plan.candidates) for plan in screening.plans] == [3, 1, 1, 1, 3]


@pytest.mark.parametrize(
    "screening",
    [
        Unsteady("t::bad"),
        Unsteady("t::elsewhere", "t::bad"),
        Unsteady(*(f"t::{n}" for n in range(MOST_UNSTEADY + 1))),
        Unsteady(is_cut_off=True),
    ],
    ids=["what it heals", "what it heals, too", "too many", "no time for it"],
)
def test_where_the_fix_does_not_come_through_nothing_is_known(screening: Unsteady) -> None:
    assert screened(screening) is None
