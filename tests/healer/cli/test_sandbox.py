"""`healer sandbox`: what it says where there is no Docker Engine, and what its commands are."""

from pathlib import Path

import pytest

from healer.config import ConfigError
from sandbox import SandboxError
from tests.support.command_line import run_command
from tests.support.git import make_repository


def test_its_three_commands_are_told(tmp_path: Path) -> None:
    out = run_command("sandbox", "--help", cwd=tmp_path).out
    assert all(f"\n  {name} " in out for name in ("build", "check", "prune"))


@pytest.mark.parametrize("command", ["build", "check", "prune"])
def test_without_an_engine_each_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    answer = run_command("sandbox", command, cwd=tmp_path)
    assert isinstance(answer.error, SandboxError)
    assert "Docker" in str(answer.error)


def test_a_wrong_configuration_is_named_before_anything_is_built(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n", "healer.toml": "[sandbox]\nimge = 'x'\n"})
    answer = run_command("sandbox", "build", cwd=tmp_path / "repo")
    assert isinstance(answer.error, ConfigError)
    assert "did you mean sandbox.image?" in str(answer.error)
