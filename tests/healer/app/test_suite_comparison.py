"""Each difference between the tests here and in the sandbox is said, with the right side named."""

import sys
from pathlib import Path

import pytest

from healer.app.diagnosis import Diagnosis
from healer.app.suite_comparison import HostRun, compare_runs
from quarantine.repository import Repository
from sandbox import ProcessEnd, TestResult, TestRun
from sandbox.inside.tree import ROOT
from tests.support.git import make_repository

PYTHON = Path(sys.executable)
UNLOADED = (
    'Traceback (most recent call last):\n  File "/x/tests/test_a.py", line 1, in <module>\n'
    "    import unidecode\n"
    "ModuleNotFoundError: No module named 'unidecode'\n\n"
    "During handling of the above exception, another exception occurred:\n\n"
    'Traceback (most recent call last):\n  File "/x/tests/test_a.py", line 3, in <module>\n'
    "    import text_unidecode\n"
    "ModuleNotFoundError: No module named 'text_unidecode'\n"
)
WRAPPED = UNLOADED + (
    "\nThe above exception was the direct cause of the following exception:\n\n"
    'Traceback (most recent call last):\n  File "/y/_pytest/python.py", line 1, in collect\n'
    "    raise self.CollectError(\n"
    "_pytest.nodes.Collector.CollectError: ImportError while importing test module\n"
)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.open(make_repository(tmp_path / "shop", {"a.py": "x = 1\n"}))


def run(*results: TestResult, code: int = 0, stderr: str = "") -> TestRun:
    end = ProcessEnd(exit_code=code, stderr=stderr)
    return TestRun(results=results, ended=end, collected=tuple(each.node for each in results))


def good(node: str) -> TestResult:
    return TestResult(node=node, outcome="passed")


def bad(node: str, detail: str) -> TestResult:
    return TestResult(node=node, outcome="failed", detail=detail)


def here(*results: TestResult, code: int | None = 0, words: str = "") -> HostRun:
    return HostRun(code, {each.node: each for each in results}, words, PYTHON)


def compare(one: HostRun, other: TestRun, repository: Repository) -> list[Diagnosis]:
    tree, root = repository.tree(repository.resolve("main")), repository.root or Path()
    return list(compare_runs(("pytest", "-q"), one, other, tree, root))


def test_where_all_end_alike_one_line_says_so(repository: Repository) -> None:
    (line,) = compare(here(good("t.py::a")), run(good("t.py::a")), repository)
    assert (line.status, line.detail) == (
        "pass",
        "pytest -q: 1 tests by name end here as in the sandbox",
    )


def test_a_plugin_that_the_sandbox_lacks_is_named(repository: Repository) -> None:
    box = run(code=4, stderr="error: unrecognized arguments: --reruns=2\n")
    (line,) = compare(here(good("t.py::a")), box, repository)
    assert line.status == "fail"
    assert "pytest-rerunfailures" in line.detail
    assert line.next_step


def test_other_numbers_of_tests_are_said_both_ways(repository: Repository) -> None:
    lines = compare(
        here(good("t.py::a"), good("t.py::b")), run(good("t.py::a"), good("u.py::c")), repository
    )
    assert [line.detail for line in lines if line.status == "fail"] == [
        "1 tests run here and not in the sandbox: t.py::b",
        "1 tests run in the sandbox and not here: u.py::c",
    ]
    assert all(line.next_step for line in lines if line.status == "fail")


def test_a_test_that_fails_only_in_the_sandbox_is_told_with_what_it_lacks(
    repository: Repository,
) -> None:
    (Path(repository.root or "") / "rates.csv").write_text("1\n")
    detail = (
        f'Traceback (most recent call last):\n  File "{ROOT}/a.py", line 1, in f\n'
        "FileNotFoundError: [Errno 2] No such file or directory: 'rates.csv'\n"
    )
    (line,) = compare(here(good("t.py::a")), run(bad("t.py::a", detail), code=1), repository)
    assert line.detail.startswith("t.py::a fails only in the sandbox: FileNotFoundError")
    assert "rates.csv is in the working tree and not in git" in line.next_step


def test_a_test_that_fails_only_here_is_told(repository: Repository) -> None:
    detail = "Traceback (most recent call last):\nAssertionError: assert 1 == 2\n"
    (line,) = compare(here(bad("t.py::a", detail), code=1), run(good("t.py::a")), repository)
    assert line.detail.startswith("t.py::a fails only on this machine")


def test_a_command_that_runs_no_test_here_is_no_suite(repository: Repository) -> None:
    (line,) = compare(here(code=2, words="no such file"), run(good("t.py::a")), repository)
    assert "ends with 2 without a test: no such file" in line.detail
    assert "[tests] command" in line.next_step


def test_many_differences_are_counted(repository: Repository) -> None:
    tests = [f"t.py::t{n}" for n in range(14)]
    box = run(*(bad(node, "no") for node in tests), code=1)
    lines = compare(here(*map(good, tests)), box, repository)
    assert lines[-1].detail == "and 4 more tests that end otherwise"


def test_of_a_command_without_names_the_exit_status_is_compared(repository: Repository) -> None:
    box = TestRun(results=(), ended=ProcessEnd(exit_code=1, stderr="x: no\n"), is_of_command=True)
    (line,) = compare(here(), box, repository)
    assert line.detail == "the command ends with 0 here and with 1 in the sandbox: x: no"


def unloaded(node: str) -> TestResult:
    return TestResult(node=node, outcome="error", detail=UNLOADED)


def test_what_the_python_here_lacks_is_told_as_missing_here(repository: Repository) -> None:
    result = TestResult(node="test_a.py", outcome="error", detail=WRAPPED)  # as a command's pytest
    (line,) = compare(here(result, code=1), run(good("test_a.py::a")), repository)
    assert line.status == "note"  # a repair runs in the sandbox, which has it
    assert line.detail == (
        f"the tests of test_a.py cannot be loaded here, by {PYTHON}; the sandbox runs them: "
        "ModuleNotFoundError: No module named 'text_unidecode'"
    )
    assert "[sandbox] python" in line.next_step


def test_what_the_sandbox_lacks_is_told_as_missing_there(repository: Repository) -> None:
    box = run(unloaded("test_a.py"), good("test_b.py::b"), code=1)
    lines = compare(here(good("test_a.py::a"), good("test_b.py::b")), box, repository)
    assert [(line.status, "in the sandbox" in line.detail) for line in lines] == [
        ("fail", True),
        ("pass", True),
    ]
    assert lines[0].detail.startswith("the tests of test_a.py cannot be loaded in the sandbox: Mod")
    assert lines[1].detail.startswith("pytest -q: 1 tests")


def test_modules_that_load_nowhere_are_no_tests_that_end_alike(repository: Repository) -> None:
    modules = [unloaded(f"tests/test_{name}.py") for name in "abcd"]
    (line,) = compare(here(*modules, code=2), run(*modules, code=1), repository)
    assert line.status == "fail"
    assert line.detail.startswith(
        "the tests of tests/test_a.py, tests/test_b.py, tests/test_c.py and 1 more can be "
        "loaded neither here nor in the sandbox: ModuleNotFoundError"
    )


def test_what_fails_at_both_places_is_named_and_no_difference(repository: Repository) -> None:
    results = (good("t.py::a"), bad("t.py::b", "AssertionError"))
    (line,) = compare(here(*results, code=1), run(*results, code=1), repository)
    assert (line.status, line.detail) == (
        "note",
        "pytest -q: 2 tests by name end here as in the sandbox, 1 of them fail: t.py::b",
    )
