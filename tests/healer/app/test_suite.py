"""The tests run here as their owner runs them."""

import sys
from pathlib import Path

import pytest

from healer.app.suite import examine_suite, run_here
from healer.config import Config
from quarantine.repository import Repository
from tests.support.git import git, make_repository, write_files

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


@pytest.mark.parametrize(
    ("target", "image", "why"),
    [
        ("master", "an image", "the target branch 'master' does not exist"),
        ("main", "", "there is no sandbox to compare with (above)"),
    ],
)
def test_what_stands_above_is_not_told_once_more(
    tmp_path: Path, target: str, image: str, why: str
) -> None:
    repository = Repository.open(make_repository(tmp_path / "shop", {"test_a.py": CASE}))
    (line,) = examine_suite(repository, Config(target=target), image)
    assert (line.status, line.detail) == ("note", f"not run: {why}")


def test_a_bare_repository_is_told_from_a_branch_that_is_not_there(tmp_path: Path) -> None:
    root = make_repository(tmp_path / "shop", {"test_a.py": CASE})
    git(tmp_path, "clone", "-q", "--bare", str(root), "bare")
    (line,) = examine_suite(Repository.open(tmp_path / "bare"), Config(), "an image")
    assert line.detail == "not run: a bare repository has no working tree"
