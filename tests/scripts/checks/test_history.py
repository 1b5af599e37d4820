"""Subjects of commits, in a real repository."""

import subprocess
from pathlib import Path

import pytest

from scripts.checks.history import SUBJECT_CHARACTERS, find_long_subjects


def git(folder: Path, *words: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", *identity, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, subject: str) -> str:
    git(folder, "commit", "-q", "--allow-empty", "-m", subject, "-m", "x" * 200)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    return tmp_path


@pytest.mark.parametrize(
    ("length", "count"), [(SUBJECT_CHARACTERS, 0), (SUBJECT_CHARACTERS + 1, 1)]
)
def test_a_subject_has_at_most_so_many_characters(
    repository: Path, length: int, count: int
) -> None:
    base = commit(repository, "y" * 200)
    commit(repository, "ü" * length)
    assert len(list(find_long_subjects(repository, base))) == count


def test_the_commit_is_named(repository: Path) -> None:
    base = commit(repository, "Begin")
    long = commit(repository, "y" * 80)
    commit(repository, "Go on")
    (problem,) = find_long_subjects(repository, base)
    assert long.startswith(problem.path.removeprefix("commit "))
    assert "80 characters" in problem.text


def test_a_history_that_does_not_reach_back_is_not_held_against_anybody(
    repository: Path,
) -> None:
    commit(repository, "y" * 80)
    assert list(find_long_subjects(repository, "0" * 39 + "1")) == []
