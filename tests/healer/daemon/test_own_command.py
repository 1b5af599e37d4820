"""A command beside the daemon: its input, its end, its last word."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.daemon.own_command import CommandEnd, OwnCommand
from quarantine.repository import Repository
from tests.support.git import make_repository


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Repository]:
    yield Repository.open(make_repository(tmp_path / "repo", {"a.py": "print(1)\n"}))


def test_its_last_line_is_its_word(repository: Repository) -> None:
    end = OwnCommand(repository, ("incidents",)).finish()
    assert end == CommandEnd(0, "no incident is open")


def test_one_that_is_refused_says_so(repository: Repository) -> None:
    code, sentence = OwnCommand(repository, ("show", "no-such-id")).finish()
    assert code == 2
    assert "no-such-id" in sentence


def test_it_has_the_environment_that_it_is_given(repository: Repository) -> None:
    environment = {**os.environ, "PYTHONPATH": "/nowhere", "PYTHONHOME": "/nowhere"}
    broken = OwnCommand(repository, ("status",), environment=environment)
    assert broken.finish().exit_code == 1  # no interpreter starts so


def test_it_is_over_when_it_has_ended(repository: Repository) -> None:
    command = OwnCommand(repository, ("status",))
    command._process.wait()
    assert command.is_over
    command.finish()
