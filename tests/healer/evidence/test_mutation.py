"""Mutants are run by the tests for real, in a plain process."""

from dataclasses import replace

import pytest

from healer.evidence.experiment import Experiment
from healer.evidence.mutation import try_mutants
from sandbox import Plan, ProcessEnd, Report, TestPlan, TestResult, TestRun
from tests.support.local_screening import LocalScreening
from tests.support.memory_tree import MemoryTree

FIND = """def find(values, wanted):
    place = 0
    while place < len(values):
        if values[place] == wanted:
            return place
        place += 1
    return -1
"""
FOUND = """from job import find

def test_found():
    assert find([5, 7], 7) == 1

def test_beyond():
    assert find([5, 7], 9) {beyond}
"""
FAIL_TO_PASS = "test_job.py::test_beyond"


def experiment(tests: str) -> Experiment:
    """The loop's condition is what was changed; `test_beyond` failed before."""
    tree = MemoryTree({"job.py": FIND, "test_job.py": tests})
    nodes = ("test_job.py::test_found", FAIL_TO_PASS)
    results = tuple(TestResult(node=node, outcome="passed") for node in nodes)
    after = Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=0)),))
    plan = Plan(tests=TestPlan())
    base = MemoryTree({"job.py": FIND.replace("<", "<="), "test_job.py": tests})
    return Experiment(base, tree, ("job.py",), {"job.py": (3,)}, plan, after, after)


@pytest.mark.parametrize(
    ("beyond", "kills"),
    [
        pytest.param("== -1", 1, id="the result is asserted"),
        pytest.param("< 2", 0, id="any result will do"),
    ],
)
def test_where_mistakes_in_the_lines_end_alike_the_result_of_the_function_must_be_asserted(
    beyond: str, kills: int
) -> None:
    found = try_mutants(experiment(FOUND.format(beyond=beyond)), [FAIL_TO_PASS], LocalScreening())
    assert found is not None
    assert found.killed
    assert found.killed_by_fail_to_pass == kills
    assert found.results >= 1


def test_mistakes_that_only_the_test_of_an_earlier_repair_notices_are_noticed_by_none() -> None:
    seen = experiment(FOUND.format(beyond="< 2"))
    left = replace(seen, files_of_repairs=frozenset({"test_job.py"}))
    scores = [try_mutants(each, [FAIL_TO_PASS], LocalScreening()) for each in (seen, left)]
    kills = [score.killed if score else -1 for score in scores]
    assert kills[0] > kills[1]


HOURS = """import argparse


def options(words):
    parser = argparse.ArgumentParser()
    parser.add_argument("--days", default=7, type=int)
    return parser.parse_args(words)


def hours(words):
    return 24 * options(words).days
"""


@pytest.mark.parametrize(("asserts", "kills"), [("== 48", 1), ("> 1", 0)])
def test_what_has_no_other_value_of_its_kind_is_asked_of_its_callers(
    asserts: str, kills: int
) -> None:
    tests = f"""from job import hours

def test_given():
    assert hours(["--days", "2"]) {asserts}

def test_default():
    assert hours([]) == 168
"""
    base = HOURS.replace(", type=int", "")
    trees = [MemoryTree({"job.py": text, "test_job.py": tests}) for text in (base, HOURS)]
    nodes = ("test_job.py::test_default", "test_job.py::test_given")
    results = tuple(TestResult(node=node, outcome="passed") for node in nodes)
    after = Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=0)),))
    case = Experiment(
        trees[0], trees[1], ("job.py",), {"job.py": (6,)}, Plan(tests=TestPlan()), after, after
    )
    found = try_mutants(case, [nodes[1]], LocalScreening())
    assert found is not None
    assert found.killed_by_fail_to_pass == kills


WAIT = """def wait(base, attempt, most=3600):
    return min(most, base ** (attempt - 1))
"""
WAITS = """from job import wait

def test_soon():
    assert wait(2, 3) == 4

def test_late():
    assert wait(2.0, 5000) == 3600
"""


@pytest.mark.parametrize(
    ("expression", "tests", "words"),
    [
        pytest.param("min(attempt - 1, 1000)", WAITS, ("1000",), id="from nowhere"),
        pytest.param("min(attempt - 1, 4_000 // 4)", WAITS, ("4_000",), id="computed"),
        pytest.param(
            "min(attempt - 1, 12)",
            f"{WAITS}    assert wait(1.5, 99) > 129\n",
            (),
            id="asserted from below",
        ),
        pytest.param("min(attempt - 1, 500)", f"{WAITS}# up to 500\n", (), id="in the tests"),
        pytest.param(
            "min(attempt - 1, most)",
            WAITS.replace("5000) == 3600", "5000, 900) == 900"),
            (),
            id="a name",
        ),
        pytest.param(
            "min(attempt - 1, 20)",
            f"{WAITS}    assert 1.5 ** 20 - 1 < wait(1.5, 99) < 1.5 ** 20 + 1\n",
            (),
            id="asserted",
        ),
    ],
)
def test_a_number_from_nowhere_must_be_told_from_its_neighbours(
    expression: str, tests: str, words: tuple[str, ...]
) -> None:
    base = MemoryTree({"job.py": WAIT, "test_job.py": tests})
    fix = WAIT.replace("(attempt - 1)", f"({expression})")
    tree = MemoryTree({"job.py": fix, "test_job.py": tests})
    nodes = ("test_job.py::test_soon", "test_job.py::test_late")
    results = tuple(TestResult(node=node, outcome="passed") for node in nodes)
    after = Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=0)),))
    plan = Plan(tests=TestPlan())
    changed = Experiment(base, tree, ("job.py",), {"job.py": (2,)}, plan, after, after)
    score = try_mutants(changed, nodes[1:], LocalScreening())
    assert score is not None
    assert score.made_up == words


CATCH = "def f(a):\n    try:\n        return a()\n    except {name}:\n        return 0\n"
CAUGHT = """from job import f
def test_caught():
    def fail():
        raise OSError
    assert f(fail) == 0
    assert f(lambda: 1) == 1
"""


@pytest.mark.parametrize(
    ("base", "is_measured"),
    [
        pytest.param(CATCH.format(name="OsError"), True, id="what it catches is changed"),
        pytest.param("def f(a):\n    return a()\n", False, id="it is new"),
    ],
)
def test_a_handler_that_was_there_is_measured_by_what_it_lets_through(
    base: str, *, is_measured: bool
) -> None:
    texts = {"job.py": CATCH.format(name="OSError"), "test_job.py": CAUGHT}
    node = "test_job.py::test_caught"
    results = (TestResult(node=node, outcome="passed"),)
    after = Report(tests=(TestRun(results=results, ended=ProcessEnd(exit_code=0)),))
    trees = MemoryTree({**texts, "job.py": base}), MemoryTree(texts)
    lines = {"job.py": (4,)}
    found = try_mutants(
        Experiment(*trees, ("job.py",), lines, Plan(tests=TestPlan()), after, after),
        [node],
        LocalScreening(),
    )
    assert found is not None
    assert found.is_measured is is_measured
    assert bool(found.killed_by_fail_to_pass) is is_measured
