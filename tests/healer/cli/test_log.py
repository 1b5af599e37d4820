"""`healer log`: every step of the ledger, the newest ones, of one repair or of all."""

import json
from pathlib import Path

from healer.facts.errors import UsageError
from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command
from tests.support.git import make_repository


def test_each_step_is_a_line(repairs: Repairs) -> None:
    lines = run_command("log", cwd=repairs.folder).out.splitlines()
    assert lines[0].split() == ["AGE", "REPAIR", "STEP", "OUTCOME", "BY", "COST", "DETAIL"]
    assert any(repairs.waiting in line for line in lines)
    assert any(repairs.healed in line for line in lines)


def test_one_repairs_steps_alone(repairs: Repairs) -> None:
    steps = json.loads(run_command("log", repairs.healed, "--json", cwd=repairs.folder).out)
    assert steps
    assert {step["repair"] for step in steps} == {repairs.healed}


def test_the_newest_are_kept(repairs: Repairs) -> None:
    every = json.loads(run_command("log", "--json", cwd=repairs.folder).out)
    newest = json.loads(run_command("log", "--json", "-n", "2", cwd=repairs.folder).out)
    assert len(newest) == 2
    assert {step["at"] for step in newest} <= {step["at"] for step in every}


def test_an_unknown_repair_is_wrong_usage(repairs: Repairs) -> None:
    assert isinstance(run_command("log", "zz", cwd=repairs.folder).error, UsageError)


def test_an_empty_ledger_is_said(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    answer = run_command("log", cwd=tmp_path / "repo")
    assert (answer.code, answer.out) == (0, "")
    assert "the ledger is empty" in answer.err
