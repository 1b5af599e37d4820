"""`healer doctor`: one line for each thing, with its next step; 3 where a repair could not run."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import run_command
from tests.support.git import make_repository


@pytest.fixture
def without_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")


@pytest.mark.usefixtures("without_engine")
def test_what_is_missing_fails_with_its_next_step(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"scripts/a.py": "x\n"})
    answer = run_command("doctor", cwd=tmp_path / "repo")
    assert answer.code == 3
    assert answer.out.splitlines()[0].startswith("✓ git")
    assert any(line.startswith("✗ ") for line in answer.out.splitlines())
    assert "next: " in answer.out


@pytest.mark.usefixtures("without_engine")
def test_programs_get_one_document(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"scripts/a.py": "x\n"})
    document = json.loads(run_command("doctor", "--json", cwd=tmp_path / "repo").out)
    assert document["ok"] is False
    assert document["checks"][0] | {"detail": ""} == {
        "name": "git",
        "status": "pass",
        "detail": "",
        "next_step": "",
    }


def test_outside_of_a_repository_there_is_nothing_more_to_look_at(tmp_path: Path) -> None:
    answer = run_command("doctor", cwd=tmp_path)
    assert answer.code == 3
    (line,) = answer.out.splitlines()
    assert line.startswith("✗ git")


def test_a_wrong_configuration_is_named(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": "targt = 'x'\n"})
    out = run_command("doctor", cwd=tmp_path / "repo").out
    assert "✗ config" in out
    assert "did you mean target?" in out


def test_a_pipe_is_told_each_line_while_the_next_is_awaited(tmp_path: Path) -> None:
    """A model's server that says nothing holds up what comes after it, and nothing before."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/v1"
        settings = f'[model]\ntiers = ["m"]\nbase_url = "{url}"\n'
        root = make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": settings})
        assert run_command("trust", "--yes", cwd=root).code == 0
        with subprocess.Popen(
            [sys.executable, "-m", "healer", "doctor"],
            cwd=root,
            env={**os.environ, "DOCKER_HOST": "unix:///nowhere"},
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            names = [process.stdout.readline().split()[1] for _ in range(5)]
            process.kill()
    assert names == ["git", "trust", "config", "state", "docker"]
