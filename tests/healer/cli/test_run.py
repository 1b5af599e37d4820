"""`healer run` through the full command line: the same job, and help for what is not plain."""

import subprocess
import sys
from pathlib import Path

import click
import pytest

from tests.support.command_line import run_command
from tests.support.healer_jobs import PROJECT, environment, read_failure, repository


def full_command_line(*words: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
    """Past the short way of `healer.__main__`."""
    start = "import sys; from healer.cli.edge import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", start, *words],
        cwd=cwd,
        env=environment(PYTHONPATH=str(PROJECT)),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_job_runs_as_by_the_short_way(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    process = full_command_line("run", "--", "sh", "-c", "echo out; exit 5", cwd=repo)
    assert (process.returncode, process.stdout) == (5, "out\n")
    assert read_failure(repo).exit_code == 5


def test_options_after_the_jobs_first_word_are_the_jobs(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    process = full_command_line("run", "echo", "--json", "--repo", "x", cwd=repo)
    assert process.stdout == "--json --repo x\n"


def test_the_repository_and_the_time_can_be_given(tmp_path: Path) -> None:
    repo = repository(tmp_path / "repo")
    words = ("run", "--repo", str(repo), "--max-runtime", "2", "--source", "job", "sleep", "60")
    assert full_command_line(*words, cwd=tmp_path).returncode == 143
    failure = read_failure(repo)
    assert (failure.timed_out, failure.source) == (True, "job")


@pytest.mark.parametrize(
    "words",
    [("run",), ("run", "--max-runtime", "0", "x"), ("run", "--source", "cron", "x")],
)
def test_mistakes_are_wrong_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert isinstance(run_command(*words, cwd=tmp_path).error, click.UsageError)
