"""`healer review` lists what waits for a person, and nothing else."""

import json
from pathlib import Path

from healer.ledger.store import Ledger
from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command
from tests.support.git import make_repository
from tests.support.ledger_rows import add_repair, request_of


def test_what_waits_has_a_line_and_the_next_step(repairs: Repairs) -> None:
    answer = run_command("review", cwd=repairs.folder)
    assert answer.code == 0
    header, line = answer.out.splitlines()
    assert header.split() == ["ID", "AGE", "SCRIPT", "FAILURE", "WHY"]
    assert line.startswith(repairs.waiting)
    assert "KeyError: 'te'" in line
    assert "next: healer show ID" in answer.err


def test_programs_get_one_document(repairs: Repairs) -> None:
    (document,) = json.loads(run_command("review", "--json", cwd=repairs.folder).out)
    assert (document["repair"], document["outcome"]) == (repairs.waiting, "review")
    assert document["created_at"] > 0


def test_where_nothing_waits_that_is_said_on_the_side(tmp_path: Path) -> None:
    make_repository(tmp_path / "repo", {"a.py": "x\n"})
    answer = run_command("review", cwd=tmp_path / "repo")
    assert (answer.code, answer.out) == (0, "")
    assert "nothing waits for you" in answer.err
    assert json.loads(run_command("review", "--json", cwd=tmp_path / "repo").out) == []


def test_where_no_draft_passed_no_approval_is_offered(tmp_path: Path) -> None:
    folder = make_repository(tmp_path / "repo", {"a.py": "x\n"})
    with Ledger.in_folder(folder / ".git" / "healer") as ledger:
        add_repair(ledger, "escalated", request=request_of("w1", "a.py"))
    answer = run_command("review", cwd=folder)
    assert ("approve" in answer.err, "healer reject ID" in answer.err) == (False, True)
