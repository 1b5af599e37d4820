"""Whichever command comes first in a repository, what it keeps is for the user alone.

The command that makes a folder or a database decides its mode: so each that may be the first is
tried in a repository where healer has never been, under a umask that would let everybody read.
"""

import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import run_command
from tests.support.git import make_repository

OTHERS = stat.S_IRWXG | stat.S_IRWXO
FILES = {"job.py": "print(1)\n", "broken.py": "raise ValueError(1)\n", "healer.toml": ""}
TRACEBACK = """Traceback (most recent call last):
  File "broken.py", line 1, in <module>
    raise ValueError(1)
ValueError: 1
"""


@pytest.fixture(autouse=True)
def open_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repo", FILES)
    return tmp_path / "repo"


def list_open(repo: Path) -> list[str]:
    """What others may read of the state directory, it too; no link counts."""
    state_dir = repo / ".git" / "healer"
    paths = [state_dir, *state_dir.rglob("*")]
    assert state_dir.is_dir(), "the command has kept nothing: it does not belong here"
    return sorted(
        f"{path.relative_to(repo / '.git')} {path.stat().st_mode & 0o777:o}"
        for path in paths
        if path.lstat().st_mode & OTHERS
    )


@pytest.mark.parametrize(
    "words",
    [
        ("run", "--", sys.executable, "broken.py"),
        ("run", "--", sys.executable, "job.py"),
        ("report",),
        ("status",),
        ("log",),
        ("costs",),
        ("show", "0123"),
        ("approve", "0123"),
        ("reject", "0123", "--reason", "x"),
        ("rollback", "0123"),
        pytest.param(("fix", "broken.py", "--drafter", "rules"), marks=pytest.mark.docker),
        ("daemon", "--once"),
        ("consolidate",),
    ],
    ids=lambda words: " ".join(word for word in words if "/" not in word),
)
def test_the_first_command_keeps_everything_for_the_user_alone(
    repo: Path, words: tuple[str, ...]
) -> None:
    run_command(*words, cwd=repo, stdin=TRACEBACK)
    assert list_open(repo) == []


def test_what_an_earlier_version_left_open_is_closed(repo: Path) -> None:
    state_dir = repo / ".git" / "healer"
    state_dir.mkdir(0o755)
    run_command("status", cwd=repo)
    assert list_open(repo) == []
