"""`healer show ID`: everything of one repair, for a person or a program."""

import json

import pytest

from healer.facts.errors import UsageError
from tests.healer.cli.conftest import Repairs
from tests.support.command_line import run_command


def test_a_person_sees_what_is_to_be_decided(repairs: Repairs) -> None:
    answer = run_command("show", repairs.waiting[:4], cwd=repairs.folder)
    assert answer.code == 0
    for words in (
        "scripts/prices.py waits for your decision",
        "KeyError: 'te'",
        '+print(PRICES["tea"])',
        f"healer approve {repairs.waiting}",
    ):
        assert words in answer.out


def test_a_merged_fix_says_how_far_its_probation_is(repairs: Repairs) -> None:
    out = run_command("show", repairs.healed, cwd=repairs.folder).out
    assert "on probation" in out
    assert f"healer rollback {repairs.healed}" in out


def test_everything_is_added_where_it_is_asked_for(repairs: Repairs) -> None:
    short = run_command("show", repairs.waiting, cwd=repairs.folder).out
    full = run_command("show", repairs.waiting, "--full", cwd=repairs.folder).out
    assert "--- attempt 1: command, standard output" in full
    assert "--- attempt" not in short


def test_programs_get_the_evidence_too(repairs: Repairs) -> None:
    document = json.loads(run_command("show", repairs.waiting, "--json", cwd=repairs.folder).out)
    assert (document["repair"], document["state"]) == (repairs.waiting, "waiting")
    assert document["evidence"]["attempts"]
    assert document["steps"]


@pytest.mark.parametrize("repair", ["nosuch", "zz"])
def test_an_unknown_id_is_wrong_usage(repairs: Repairs, repair: str) -> None:
    answer = run_command("show", repair, cwd=repairs.folder)
    assert isinstance(answer.error, UsageError)
    assert repair in str(answer.error)
