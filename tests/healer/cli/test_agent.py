"""`healer agent --once` says what it brought, or that the hub is away."""

from pathlib import Path

import pytest

from healer.failure import Failure
from healer.watch.inbox import Inbox
from tests.support.command_line import run_command
from tests.support.git import git, make_repository
from tests.support.scripted_hub import run_hub


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = make_repository(tmp_path / "jobs", {"a.py": "1 / 0\n"})
    git(root, "remote", "add", "origin", "https://example.com/shop/jobs.git")
    Inbox(root / ".git/healer").put(Failure(id="", script="a.py", source="run", exit_code=1))
    return root


def test_it_says_how_many_failures_it_brought(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HEALER_HUB_TOKEN", "healer-x")
    with run_hub() as hub:
        (root / "healer.toml").write_text(f'[agent]\nhub = "{hub.url}"\nenvironment = false\n')
        answers = [run_command("agent", "--once", cwd=root) for _ in range(2)]
        assert len(hub.documents("/v1/failures")) == 1
    assert [each.code for each in answers] == [0, 0]
    assert "1 failure(s) brought to the hub" in answers[0].err
    assert "0 failure(s) brought to the hub" in answers[1].err


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("", "hub is not set"),
        ('[agent]\nhub = "http://example.com"\n', "https://"),
        ('[agent]\nhub = "http://127.0.0.1:1"\nenvironment = false\n', "cannot be reached"),
    ],
)
def test_why_nothing_was_brought_is_said(
    root: Path, monkeypatch: pytest.MonkeyPatch, toml: str, sentence: str
) -> None:
    monkeypatch.setenv("HEALER_HUB_TOKEN", "healer-x")
    (root / "healer.toml").write_text(toml)
    answer = run_command("agent", "--once", cwd=root)
    assert sentence in str(answer.error)
    assert len(Inbox(root / ".git/healer").list_all()) == 1
