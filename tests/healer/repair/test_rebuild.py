"""A lost ledger is put back from git and files: what waited waits, what was merged is watched."""

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from healer.app.verify import verify
from healer.daemon.daemon import Daemon
from healer.facts.repair import Result
from healer.ledger.rows import RepairRow
from healer.repair.rebuild import LOST, Rebuilt, rebuild
from healer.repair.waiting_copies import FOLDER
from healer.support.clock import SetClock
from tests.support.git import git
from tests.support.shop import BROKEN, SCRIPT, Shop, as_before, commit, failed, shop

DAY_S = 86_400.0
NOTHING = Rebuilt(0, 0, 0)


def lose(state: Path, *names: str) -> None:
    for name in names or ("ledger", "incidents", "workflows"):
        for path in state.glob(f"{name}.sqlite*"):
            path.unlink()


@contextmanager
def after_loss(folder: Path, before: Callable[[Shop], None], **settings: object) -> Iterator[Shop]:
    """A shop in which something has happened, without its databases."""
    with shop(folder, **settings) as here:
        before(here)
        state = here.state
    lose(state)
    with shop(folder, **settings) as here:
        yield here


def waiting(here: Shop) -> Result:
    """A repair of a recorded failure that waits for a person."""
    with Daemon(here.services, here.state) as daemon:
        failed(here)
        assert daemon.drain() == 1
    (row,) = here.services.ledger.repairs("waiting")
    return row.known_result


def steps(here: Shop, row: RepairRow) -> list[tuple[str, str]]:
    return [(each.kind, each.outcome) for each in here.services.ledger.entries(row.id)]


def test_where_nothing_is_lost_nothing_is_changed(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        assert rebuild(here.services) == NOTHING
        waiting(here)
        assert here.decide("approve", here.services.ledger.repairs()[0].id).done
        commit(here.folder, SCRIPT, BROKEN)
        assert here.fix().outcome == "review"
        before = here.services.ledger.version(), here.services.incidents.list_all()
        assert rebuild(here.services) == NOTHING
        assert (here.services.ledger.version(), here.services.incidents.list_all()) == before


def test_what_waited_waits_as_it_was_and_can_be_approved(tmp_path: Path) -> None:
    rows: list[RepairRow] = []

    def before(here: Shop) -> None:
        rows.append(here.services.ledger.repair(waiting(here).repair))

    with after_loss(tmp_path / "shop", before) as here:
        assert rebuild(here.services) == Rebuilt(merged=0, waiting=1, incidents=1)
        assert here.services.ledger.repairs() == tuple(rows)
        assert ("outcome", "review") in steps(here, rows[0])
        incident = here.services.incidents.find(rows[0].incident)
        assert incident is not None
        assert (incident.state, incident.repair, incident.count) == ("waiting", rows[0].id, 1)
        assert incident.summary.startswith("KeyError")
        assert rebuild(here.services) == NOTHING
        assert here.decide("approve", rows[0].id).done
        assert here.services.ledger.repair(rows[0].id).state == "merged"
        assert not list((here.state / FOLDER).iterdir())


@pytest.mark.parametrize("action", ["reject", "approve"])
def test_what_was_decided_does_not_wait_again(tmp_path: Path, action: str) -> None:
    """Even where a crash has left its copy."""

    def before(here: Shop) -> None:
        row = waiting(here)
        copy = here.state / FOLDER / f"{row.repair}.json"
        kept = copy.read_bytes()
        assert here.decide(action, row.repair, "no").done
        assert not copy.exists()
        copy.write_bytes(kept)

    with after_loss(tmp_path / "shop", before) as here:
        rebuild(here.services)
        states = [row.state for row in here.services.ledger.repairs()]
        assert states == (["merged"] if action == "approve" else [])
        assert not list((here.state / FOLDER).iterdir())


def test_a_merged_fix_is_watched_again_and_taken_out_when_it_fails(tmp_path: Path) -> None:
    rows: list[RepairRow] = []

    def before(here: Shop) -> None:
        row = waiting(here)
        assert here.decide("approve", row.repair).done
        rows.append(here.services.ledger.repair(row.repair))

    with after_loss(tmp_path / "shop", before) as here, Daemon(here.services, here.state) as daemon:
        assert rebuild(here.services) == Rebuilt(merged=1, waiting=0, incidents=1)
        (row,) = here.services.ledger.repairs()
        facts = (row.id, row.script, row.state, row.fix_commit, row.fingerprint)
        lost = rows[0]
        assert facts == (lost.id, SCRIPT, "merged", lost.fix_commit, lost.fingerprint)
        assert row.reason == LOST
        assert ("approval", "approved") in steps(here, row)
        assert ("restoration", "from git") in steps(here, row)
        incident = here.services.incidents.find(row.incident)
        assert incident is not None and incident.state == "probation"
        as_before(here, row)
        daemon.drain()
        assert here.services.ledger.repair(row.id).state == "reverted"


def test_the_proofs_of_merges_are_in_the_ledger_again(tmp_path: Path) -> None:
    def before(here: Shop) -> None:
        assert here.decide("rollback", here.merged().id, "wrong").done

    with after_loss(tmp_path / "shop", before) as here:
        assert rebuild(here.services).merged == 1
        (row,) = here.services.ledger.repairs()
        assert row.state == "reverted"
        assert here.services.ledger.merged_without("probation") == ()
        problems = {each.sentence for each in verify(here.folder).problems}
        assert all("ledger's steps up to" in each for each in problems), problems


def test_of_an_old_merge_no_probation_is_over_today(tmp_path: Path) -> None:
    clock = SetClock(time.time())

    def before(here: Shop) -> None:
        here.merged()
        clock.seconds += 400 * DAY_S

    with after_loss(tmp_path / "shop", before, clock=clock) as here:
        assert rebuild(here.services) == Rebuilt(merged=1, waiting=0, incidents=0)
        (row,) = here.services.ledger.repairs()
        assert ("probation", "unconfirmed") in steps(here, row)
        assert here.services.incidents.list_all() == ()


def test_a_merge_that_the_target_does_not_have_is_none(tmp_path: Path) -> None:
    def before(here: Shop) -> None:
        here.merged()
        git(here.folder, "reset", "-q", "--hard", "HEAD~1")

    with after_loss(tmp_path / "shop", before) as here:
        assert rebuild(here.services) == NOTHING


def test_a_branch_of_which_nothing_is_known_is_named(tmp_path: Path) -> None:
    branches: list[str] = []

    def before(here: Shop) -> None:
        branches.append(waiting(here).branch or "")
        shutil.rmtree(here.state / FOLDER)

    notes: list[str] = []
    with after_loss(tmp_path / "shop", before) as here:
        rebuild(replace(here.services, progress=lambda each: notes.append(each.detail)))
    assert notes[-1].startswith(f"{branches[0]}: nothing is known of its repair any more")


def test_a_copy_that_cannot_be_read_hinders_nothing(tmp_path: Path) -> None:
    def before(here: Shop) -> None:
        waiting(here)
        (here.state / FOLDER / "0123abcd.json").write_text("{")

    with after_loss(tmp_path / "shop", before) as here:
        assert rebuild(here.services).waiting == 1
