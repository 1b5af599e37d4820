"""The tests run here as their owner runs them, and each difference from the sandbox is said."""

import sys
from pathlib import Path

import pytest

from healer.app.diagnosis import Diagnosis
from healer.app.suite import HostRun, compare_runs, run_here
from quarantine.repository import Repository
from sandbox import ProcessEnd, TestResult, TestRun
from sandbox.inside.tree import ROOT
from tests.support.git import make_repository, write_files

PYTHON = Path(sys.executable)
CASE = (
    "import unittest\n\nclass A(unittest.TestCase):\n    def test_good(self): pass\n"
    "    def test_bad(self): self.fail()\n"
)


@pytest.mark.parametrize(
    "command",
    [
        ("python", "-m", "unittest"),
        ("python", "-m", "pytest", "-q", "-p", "no:cacheprovider"),
        ("pytest", "-q", "-p", "no:cacheprovider"),
        ("env", "A=1", "python3", "-m", "unittest"),
        ("PYTHONPATH=.", "python", "-m", "unittest"),
    ],
)
def test_each_test_is_known_whatever_runs_it(tmp_path: Path, command: tuple[str, ...]) -> None:
    write_files(tmp_path, {"test_a.py": CASE})
    run = run_here(command, PYTHON, tmp_path, 60.0)
    assert {node: each.outcome for node, each in run.results.items()} == {
        "test_a.py::A::test_good": "passed",
        "test_a.py::A::test_bad": "failed",
    }
    assert run.exit_code == 1


def test_a_run_that_does_not_end_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    write_files(tmp_path, {"wait.sh": "sleep 60 & sleep 60\n"})
    assert run_here(("sh", "wait.sh"), PYTHON, tmp_path, 0.2).exit_code is None


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
    return HostRun(code, {each.node: each for each in results}, words)


def compare(one: HostRun, other: TestRun, repository: Repository) -> list[Diagnosis]:
    tree, root = repository.tree(repository.resolve("main")), repository.root or Path()
    return list(compare_runs(("pytest", "-q"), one, other, tree, root))


def test_where_all_end_alike_one_line_says_so(repository: Repository) -> None:
    (line,) = compare(here(good("t.py::a")), run(good("t.py::a")), repository)
    assert (line.status, line.detail) == (
        "pass",
        "pytest -q: 1 tests by name, all end as in the sandbox",
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
    assert [line.detail for line in lines] == [
        "1 tests run here and not in the sandbox: t.py::b",
        "1 tests run in the sandbox and not here: u.py::c",
    ]
    assert all(line.status == "fail" and line.next_step for line in lines)


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
