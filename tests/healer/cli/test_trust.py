"""`healer trust` shows what is new, asks, and allows it; the other commands wait for it."""

import json
from pathlib import Path

import pytest

from healer.app.trust import TrustError
from tests.support.command_line import run_command
from tests.support.git import make_repository

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
