"""`healer worker` says what it lacks."""

from pathlib import Path

import pytest

from healer.facts.errors import UsageError
from healer.support.postgres import explain
from tests.support.command_line import run_command


def test_without_a_database_it_names_the_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    answer = run_command("worker", "--state-env", "NOT_SET", cwd=tmp_path)
    assert isinstance(answer.error, UsageError)
    assert "NOT_SET is not set" in str(answer.error)


def test_a_database_that_is_away_is_named_without_its_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATE", "postgresql://nobody:s3cret@127.0.0.1:1/x")
    words = ("worker", "--state-env", "STATE", "--mirrors", "m")
    error = run_command(*words, cwd=tmp_path).error
    assert error is not None
    assert "cannot be reached" in explain(error)
    assert "s3cret" not in explain(error)
