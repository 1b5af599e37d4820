"""`healer worker` says what it lacks."""

import pytest

from healer.cli.edge import main


def test_without_a_database_it_names_the_variable(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NOT_SET", raising=False)
    assert main(["worker", "--state-env", "NOT_SET"]) == 2
    assert "NOT_SET is not set" in capsys.readouterr().err


def test_a_database_that_is_away_is_exit_3(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("STATE", "postgresql://nobody:s3cret@127.0.0.1:1/x")
    assert main(["worker", "--state-env", "STATE", "--mirrors", f"{tmp_path}/m"]) == 3
    said = capsys.readouterr().err
    assert "cannot be reached" in said
    assert "s3cret" not in said
