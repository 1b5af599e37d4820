"""`healer daemon --once` drains what waits and ends."""

from pathlib import Path

import click

from tests.support.command_line import run_command
from tests.support.git import make_repository


def test_where_nothing_waits_it_says_so_and_ends(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    answer = run_command("daemon", "--once", cwd=tmp_path / "repo")
    assert (answer.code, answer.out, answer.error) == (0, "", None)
    assert "0 repair(s) followed to their end" in answer.err


def test_it_takes_no_arguments(tmp_path: Path) -> None:
    assert isinstance(run_command("daemon", "x", cwd=tmp_path).error, click.UsageError)
