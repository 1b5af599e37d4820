"""`healer reject ID --reason TEXT` turns a waiting fix down, and keeps the reason."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from healer.facts.errors import UsageError
from tests.support.command_line import run_command
from tests.support.git import git
from tests.support.shop import Shop, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as here:
        yield here


def test_a_rejected_fix_is_gone_and_the_reason_is_kept(here: Shop) -> None:
    repair = here.fix().repair
    answer = run_command("reject", repair[:5], "--reason", "hides it", "--json", cwd=here.folder)
    assert answer.code == 0, answer.error or answer.err
    document = json.loads(answer.out)
    assert (document["repair"], document["done"]) == (repair, True)
    assert here.services.ledger.repair(repair).state == "rejected"
    assert git(here.folder, "branch", "--list", "quarantine/*") == ""
    entries = here.services.ledger.entries(repair)
    assert any("hides it" in entry.detail for entry in entries)


def test_it_cannot_be_rejected_twice(here: Shop) -> None:
    repair = here.fix().repair
    assert run_command("reject", repair, "--reason", "no", cwd=here.folder).code == 0
    answer = run_command("reject", repair, "--reason", "no", cwd=here.folder)
    assert isinstance(answer.error, UsageError)
    assert "does not wait for a decision" in str(answer.error)


def test_without_a_reason_nothing_is_done(here: Shop) -> None:
    repair = here.fix().repair
    answer = run_command("reject", repair, cwd=here.folder)
    assert isinstance(answer.error, click.UsageError)
    assert here.services.ledger.repair(repair).state == "waiting"


def test_an_unknown_repair_is_wrong_usage(here: Shop) -> None:
    answer = run_command("reject", "nosuch", "--reason", "no", cwd=here.folder)
    assert isinstance(answer.error, UsageError)
