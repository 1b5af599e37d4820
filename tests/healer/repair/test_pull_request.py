"""A waiting fix is one pull request: opened once, with its evidence, closed with a last word."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.facts.progress import Progress
from healer.facts.repair import Result
from healer.forge.api import ForgeError
from healer.forge.forges import open_forge
from healer.ledger.rows import RepairRow
from healer.repair.pull_request import look, offer
from tests.support.forge_server import TOKEN, ScriptedForge, scripted_forge
from tests.support.git import git
from tests.support.shop import SCRIPT, Shop, shop


@contextmanager
def shop_on_forge(folder: Path, forge: ScriptedForge, token: str = TOKEN) -> Iterator[Shop]:
    """A shop whose main follows a bare repository, and whose fixes are pull requests."""
    shared = folder / "shared.git"
    git(folder, "init", "-q", "--bare", "-b", "main", str(shared))
    with shop(folder / "shop", push="pr", forge=forge.settings) as here:
        git(here.folder, "remote", "add", "origin", str(shared))
        git(here.folder, "push", "-q", "-u", "origin", "main")
        variables, settings = {"HEALER_FORGE_TOKEN": token}, here.services.config.forge
        here.services = replace(
            here.services, open_forge=lambda url: open_forge(settings, url, variables)
        )
        yield here


@pytest.fixture
def forge() -> Iterator[ScriptedForge]:
    with scripted_forge("github") as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, forge: ScriptedForge) -> Iterator[Shop]:
    with shop_on_forge(tmp_path, forge) as made:
        yield made


def pushed(here: Shop, forge: ScriptedForge, result: Result) -> RepairRow:
    """The row of a repair, and its branch as the forge has it."""
    head = git(here.folder, "ls-remote", "origin", f"refs/heads/{result.branch}").split()[0]
    forge.heads[str(result.branch)] = head
    return here.services.ledger.repair(result.repair)


def revised(here: Shop, row: RepairRow, **values: Any) -> RepairRow:
    dossier = here.services.ledger.dossier(row.id)
    here.services.ledger.revise(row.known_result.model_copy(update=values), dossier)
    return here.services.ledger.repair(row.id)


def test_a_fix_that_waits_is_offered_with_its_evidence(here: Shop, forge: ScriptedForge) -> None:
    result = here.fix()
    assert result.outcome == "review"
    assert result.pull_request == "https://forge.example/shop/jobs/1"
    assert here.services.ledger.repair(result.repair).result == result
    (pull,) = forge.pulls
    assert (pull["head"], pull["base"]) == (result.branch, "main")
    assert pull["title"] == f"Repair {SCRIPT}: KeyError: 'te'"
    assert "```text" in pull["body"]
    assert 'PRICES["tea"]' in pull["body"]
    assert f"healer approve {result.repair}" in pull["body"]
    assert "It waits for a person." in pull["body"]


def test_the_same_offer_again_opens_no_second_one(here: Shop, forge: ScriptedForge) -> None:
    row = here.services.ledger.repair(here.fix().repair)
    forge.pulls[0]["title"] = "as somebody left it"
    assert offer(row, here.services) == row.result
    assert len(forge.pulls) == 1
    assert forge.pulls[0]["title"].startswith("Repair ")


def test_without_a_token_the_repair_waits_all_the_same_and_says_why(
    tmp_path: Path, forge: ScriptedForge
) -> None:
    with shop_on_forge(tmp_path, forge, token="") as here:
        result = here.fix()
    assert (result.outcome, forge.calls) == ("review", [])
    assert result.pull_request.startswith("none yet: HEALER_FORGE_TOKEN is not set")


def test_what_could_not_be_offered_is_at_the_next_look(here: Shop, forge: ScriptedForge) -> None:
    forge.refuse = (500, b"", "")
    result = here.fix()
    assert result.pull_request.startswith("none yet: ")
    forge.refuse = None
    assert look(here.services.ledger.repair(result.repair), here.services).turn == "wait"
    row = here.services.ledger.repair(result.repair)
    assert row.known_result.pull_request == "https://forge.example/shop/jobs/1"


@pytest.mark.parametrize(
    ("checks", "is_proved", "turn"),
    [
        (["success"], True, "merge"),
        (["success"], False, "wait"),
        (["pending", "success"], True, "wait"),
        ([], True, "wait"),
        (["failure"], True, "failed"),
        (["failure"], False, "failed"),
    ],
)
def test_only_what_is_proved_and_passes_its_checks_merges(
    here: Shop, forge: ScriptedForge, checks: list[str], is_proved: bool, turn: str
) -> None:
    row = revised(here, pushed(here, forge, here.fix()), is_proved=is_proved)
    forge.checks[str(row.known_result.commit)] = checks
    assert look(row, here.services).turn == turn


def test_checks_of_another_commit_say_nothing(here: Shop, forge: ScriptedForge) -> None:
    row = revised(here, pushed(here, forge, here.fix()), is_proved=True)
    forge.heads[row.branch] = "e" * 40
    forge.checks = {"e" * 40: ["success"], str(row.known_result.commit): ["success"]}
    assert look(row, here.services).turn == "wait"


def test_what_people_did_there_is_seen(here: Shop, forge: ScriptedForge) -> None:
    row = pushed(here, forge, here.fix())
    forge.pulls[0]["state"] = "closed"
    assert look(row, here.services).turn == "closed"
    forge.pulls[0] |= {"state": "merged", "merged": "d" * 40}
    assert (look(row, here.services).turn, look(row, here.services).merged) == ("merged", "")
    git(here.folder, "push", "-q", "origin", f"{row.branch}:main")
    forge.pulls[0]["merged"] = row.known_result.commit
    assert look(row, here.services).merged == row.known_result.commit


@pytest.mark.parametrize(("action", "word"), [("approve", "merged as "), ("reject", "rejected by")])
def test_a_decision_here_closes_it_there(
    here: Shop, forge: ScriptedForge, action: str, word: str
) -> None:
    repair = here.fix().repair
    assert here.decide(action, repair, "not so").done
    assert forge.pulls[0]["state"] == "closed"
    assert word in forge.comments[0]


def test_a_decision_here_stands_where_the_forge_is_away(here: Shop, forge: ScriptedForge) -> None:
    notes: list[Progress] = []
    here.services = replace(here.services, progress=notes.append)
    repair = here.fix().repair
    forge.refuse = (500, b"", "")
    assert here.decide("reject", repair, "not so").done
    assert any("the pull request stays open" in note.detail for note in notes)


def test_without_a_remote_the_next_step_is_named(tmp_path: Path, forge: ScriptedForge) -> None:
    with shop(tmp_path / "shop", push="pr", forge=forge.settings) as here:
        row = here.services.ledger.repair(here.fix().repair)
        assert "git remote add origin URL" in row.known_result.pull_request
        with pytest.raises(ForgeError, match="has no remote"):
            look(row, here.services)


def test_text_that_looks_like_markup_stays_text(here: Shop, forge: ScriptedForge) -> None:
    row = revised(here, pushed(here, forge, here.fix()), reason="````\n@everyone <b>")
    offer(row, here.services)
    body = forge.pulls[0]["body"]
    assert body.count("`````") == 2
    assert body.index("`````text") < body.index("@everyone") < body.rindex("`````")
