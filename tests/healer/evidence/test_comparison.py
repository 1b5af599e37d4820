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


@pytest.mark.parametrize(
    ("old", "new", "names"),
    [
        ("return 2", "return 3", ["b"]),
        ("X = 1", "X = 4", ["", "a"]),
        ("LIMIT = 5", "LIMIT = 6", ["", "c"]),
        ("print(X)", "print(X + 1)", [""]),
        ("    n = 1\n", "    n = 2\n", ["d"]),
        ("x: x\n", "x: x + 1\n", ["", "<lambda>", "e"]),
    ],
)
def test_what_changes_and_what_uses_it_is_compared(old: str, new: str, names: list[str]) -> None:
    base = (
        "X = 1\n\n\ndef a():\n    return X\n\n\ndef b():\n    return 2\n\n\n"
        "class C:\n    LIMIT = 5\n\n    def c(self):\n        return self.LIMIT\n\n\n"
        "def d():\n    n = 1\n    return n\n\n\nsame = lambda x: x\n\n\n"
        "def e():\n    return sorted([], key=lambda y: same(y))\n\n\nprint(X)\n"
    )
    fix = base.replace(old, new)
    line = next(n for n, each in enumerate(fix.split("\n"), 1) if new.strip() in each)
    trees = [MemoryTree({"job.py": each}) for each in (base, fix)]
    lines = {"job.py": (line,)}
    experiment = Experiment(trees[0], trees[1], ("job.py",), lines, Plan(), Report(), Report())
    assert find_places(experiment) == [("job.py", name) for name in names]
