"""The daemon merges what the checks of its pull request have passed, once, and takes what people
did on the forge as their word."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from dbos import DBOS

from healer.daemon.daemon import Daemon
from healer.daemon.tasks.pull_requests import FollowPullRequests
from healer.facts.progress import Progress
from healer.ledger.rows import RepairRow
from healer.watch.pause import pause
from quarantine.merge import Merged, merge
from tests.healer.repair.test_pull_request import pushed, revised, shop_on_forge
from tests.support.forge_server import ScriptedForge, scripted_forge
from tests.support.git import git
from tests.support.ledger_rows import add_ends
from tests.support.repair_facts import candidate_of
from tests.support.shop import Shop

DEADLINE_S = 60.0


@pytest.fixture
def forge() -> Iterator[ScriptedForge]:
    with scripted_forge("gitlab") as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, forge: ScriptedForge) -> Iterator[Shop]:
    with shop_on_forge(tmp_path, forge) as made:
        yield made


def proved(here: Shop, forge: ScriptedForge, *checks: str) -> RepairRow:
    row = revised(here, pushed(here, forge, here.fix()), is_proved=True)
    forge.checks[str(row.known_result.commit)] = list(checks)
    return row


@contextmanager
def following(here: Shop) -> Iterator[FollowPullRequests]:
    with Daemon(here.services, here.state) as daemon:
        yield FollowPullRequests(here.services, daemon.engine)


def state_of(here: Shop, row: RepairRow) -> tuple[str, str]:
    now = here.services.ledger.repair(row.id)
    return now.state, now.outcome


def test_what_the_checks_have_passed_is_merged_and_pushed(here: Shop, forge: ScriptedForge) -> None:
    row = proved(here, forge, "success")
    with following(here) as task:
        end = time.monotonic() + DEADLINE_S
        while state_of(here, row)[0] == "waiting" and time.monotonic() < end:
            task.run(0.0)
            time.sleep(0.05)
    now = here.services.ledger.repair(row.id)
    assert now.outcome == "healed"
    assert now.fix_commit == here.tip == git(here.folder, "ls-remote", "origin", "main").split()[0]
    assert "the checks of its pull request" in now.reason
    assert forge.pulls[0]["state"] == "closed"


def test_what_is_paused_or_fails_its_checks_waits_and_that_is_said_once(
    here: Shop, forge: ScriptedForge
) -> None:
    notes: list[Progress] = []
    here.services = replace(here.services, progress=notes.append)
    row = proved(here, forge, "failure")
    with following(here) as task:
        task.run(0.0)
        task.run(0.0)
        assert sum("its checks failed" in note.detail for note in notes) == 1
        pause(here.services.repository.state_dir, "", by="Ada", now=1.0)
        forge.checks[str(row.known_result.commit)] = ["success"]
        task.run(0.0)
    assert state_of(here, row)[0] == "waiting"


def test_where_too_many_fixes_were_taken_out_passed_checks_wait_for_a_person(
    here: Shop, forge: ScriptedForge
) -> None:
    notes: list[Progress] = []
    here.services = replace(here.services, progress=notes.append)
    proved(here, forge, "success")
    add_ends(here.services.ledger, "reverted", "reverted")
    with following(here) as task:
        task.run(0.0)
        task.run(0.0)
        assert here.services.ledger.repairs("waiting")
        approvals = [each for each in DBOS.list_workflows() if "approve" in each.workflow_id]
    assert approvals == []
    (note,) = [note for note in notes if "taken out again" in note.detail]
    assert note.detail.startswith("its checks have passed, and a person merges it: 2 of the 2")


def test_closed_on_the_forge_is_turned_down(here: Shop, forge: ScriptedForge) -> None:
    row = proved(here, forge)
    forge.pulls[0]["state"] = "closed"
    with following(here) as task:
        task.run(0.0)
    assert state_of(here, row)[1] == "rejected"
    assert "a person on the forge" in here.services.ledger.repair(row.id).reason


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_what_an_approval_under_way_did_to_the_request_is_no_person_s_word(
    here: Shop, forge: ScriptedForge, state: str
) -> None:
    """It has merged and closed the request, and not yet noted the end."""
    row = proved(here, forge)
    commit, repository = str(row.known_result.commit), here.services.repository
    checked = candidate_of(base=here.tip, commit=commit, tree=repository.tree(commit).oid)
    done = merge(repository, target="main", candidate=checked, repair=row.id)
    assert isinstance(done, Merged)
    forge.pulls[0] |= {"state": state, "merged": commit if state == "merged" else ""}
    with following(here) as task:
        task.run(0.0)
    assert state_of(here, row)[0] == "waiting"


def test_merged_on_the_forge_is_healed(here: Shop, forge: ScriptedForge) -> None:
    row = proved(here, forge)
    commit = str(row.known_result.commit)
    git(here.folder, "push", "-q", "origin", f"{row.branch}:main")
    forge.pulls[0] |= {"state": "merged", "merged": commit}
    with following(here) as task:
        task.run(0.0)
    now = here.services.ledger.repair(row.id)
    assert (now.outcome, now.fix_commit) == ("healed", commit)
    assert "merged by a person on the forge" in now.reason


def test_a_forge_that_is_away_stops_nothing(here: Shop, forge: ScriptedForge) -> None:
    row = proved(here, forge, "success")
    forge.refuse = (502, b"", "")
    with following(here) as task:
        task.run(0.0)
    assert state_of(here, row)[0] == "waiting"
