"""`healer costs`: money and tokens in groups."""

import json
from pathlib import Path

import click
import pytest

from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command
from tests.support.git import make_repository


@pytest.mark.parametrize("by", ["day", "script", "model", "outcome"])
def test_each_group_is_a_line(repairs: Repairs, by: str) -> None:
    header, *lines = run_command("costs", "--by", by, cwd=repairs.folder).out.splitlines()
    assert header.split()[0] == by.upper()
    groups = json.loads(run_command("costs", "--by", by, "--json", cwd=repairs.folder).out)
    assert len(lines) == len(groups) > 0
    assert all("cost_usd" in group for group in groups)


def test_an_unknown_grouping_is_wrong_usage(repairs: Repairs) -> None:
    answer = run_command("costs", "--by", "colour", cwd=repairs.folder)
    assert isinstance(answer.error, click.UsageError)


def test_where_nothing_was_spent_that_is_said(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    answer = run_command("costs", cwd=tmp_path / "repo")
    assert (answer.code, answer.out) == (0, "")
    assert "nothing was spent yet" in answer.err
