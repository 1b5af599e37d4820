"""What changed functions answered before and answer otherwise now: tried for real, in a process."""

import pytest

from healer.evidence.comparison import compare_with_base, find_places
from healer.evidence.experiment import Experiment
from sandbox import Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree

TEST = "test_job.py::test_it"
STOCK = "def left(stock, sold):\n    return max(0, stock - sodl)\n"


@pytest.mark.parametrize(
    ("fix", "answers"),
    [
        (("max(0, stock - sodl)", "max(0, stock - sold)"), []),
        (("max(0, stock - sodl)", "stock - sold"), [("base", False)]),
    ],
)
def test_where_nothing_failed_the_code_as_it_was_is_the_rival(
    fix: tuple[str, str], answers: list[tuple[str, bool]]
) -> None:
    right = STOCK.replace("sodl", "sold")
    text = STOCK.replace(*fix)
    tests = "import job\n\n\ndef test_it():\n    assert job.left(5, 2) == 3\n"
    trees = [MemoryTree({"job.py": each, "test_job.py": tests}) for each in (right, text)]
    run = TestRun(results=(TestResult(node=TEST, outcome="passed"),), ended=ProcessEnd(exit_code=0))
    after = Report(tests=(run,))
    experiment = Experiment(
        trees[0], trees[1], ("job.py",), {"job.py": (2,)}, Plan(tests=TestPlan()), after, after
    )
    found = compare_with_base(experiment, [TEST], LocalScreening())
    assert found is not None
    assert [(e.shape, e.fix_gives == e.rival_gives) for e in found.rivals] == answers


def test_each_changed_function_is_compared_and_no_other_text() -> None:
    base = "X = 1\n\n\ndef a():\n    return 1\n\n\ndef b():\n    return 2\n"
    fix = base.replace("X = 1", "X = 4").replace("return 2", "return 3")
    trees = [MemoryTree({"job.py": each}) for each in (base, fix)]
    lines = {"job.py": (1, 9)}
    experiment = Experiment(trees[0], trees[1], ("job.py",), lines, Plan(), Report(), Report())
    assert find_places(experiment) == [("job.py", "b")]
