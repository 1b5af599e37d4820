"""`healer trust` shows what is new, asks, and allows it; the other commands wait for it."""

import json
from pathlib import Path

import pytest

from healer.app.trust import TrustError
from tests.support.command_line import run_command
from tests.support.git import git, make_repository

JOB = '[[job]]\nscript = "sync.py"\nevery = "1h"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A clone whose healer.toml had a job added since the first use."""
    folder = make_repository(tmp_path / "shop", {"sync.py": "x = 1\n"})
    run_command("trust", "--yes", cwd=folder)
    run_command("daemon", "--once", cwd=folder)
    (folder / "healer.toml").write_text(JOB)
    return folder


def test_without_a_terminal_it_shows_and_allows_nothing(folder: Path) -> None:
    answer = run_command("trust", cwd=folder)
    assert answer.code == 1
    assert answer.out == "job sync.py = python sync.py (every 1h)\n    starts it\n"
    assert "give --yes" in answer.err


def test_yes_allows_it_for_the_other_commands(folder: Path) -> None:
    assert isinstance(run_command("daemon", "--once", cwd=folder).error, TrustError)
    assert run_command("trust", "--yes", cwd=folder).code == 0
    assert run_command("daemon", "--once", cwd=folder).error is None
    answer = run_command("trust", cwd=folder)
    assert answer.out.startswith("allowed: job sync.py = python sync.py (every 1h)\n")
    assert "all that healer.toml has" in answer.out


def test_json_says_what_waits_and_asks_nothing(folder: Path) -> None:
    answer = run_command("trust", "--json", cwd=folder)
    waiting = {"key": "job sync.py", "value": "python sync.py (every 1h)", "effect": "starts it"}
    assert json.loads(answer.out) == {"allowed": {}, "waiting": [waiting]}
    assert answer.code == 1


@pytest.mark.parametrize(
    "words", [("trial",), ("sandbox", "build"), ("sandbox", "check"), ("mcp",)]
)
def test_what_acts_by_healer_toml_waits_for_it(folder: Path, words: tuple[str, ...]) -> None:
    error = run_command(*words, cwd=folder).error
    assert isinstance(error, TrustError)
    assert "job sync.py" in str(error)


def test_the_doctor_names_it_and_runs_no_suite(folder: Path) -> None:
    suite = '[tests]\ncommand = ["touch", "was-run"]\n'
    (folder / "healer.toml").write_text(suite + JOB)
    answer = run_command("doctor", "--suite", "--json", cwd=folder)
    checks = {each["name"]: each["status"] for each in json.loads(answer.out)["checks"]}
    checks.pop("images", "")  # where Docker Engine is
    here = {"git": "pass", "trust": "fail", "daemon": "note", "disk": "pass", "suite": "note"}
    assert (answer.code, checks) == (3, here)
    assert not (folder / "was-run").exists()


def test_a_patch_is_not_judged_by_a_committed_configuration_that_nobody_allowed(
    folder: Path,
) -> None:
    git(folder, "add", "healer.toml")
    git(folder, "commit", "-q", "-m", "Plan a job")
    for path in ("sync.py", "healer.toml"):  # a change of the configuration is judged by the old
        with (folder / path).open("a") as file:
            file.write("# more\n")
        assert isinstance(run_command("check", cwd=folder).error, TrustError)
