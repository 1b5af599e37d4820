"""`kill -9` in the middle of a decision: the same command goes on, and nothing is done twice."""

import signal
from pathlib import Path

import pytest

from healer.app.verify import verify
from healer.daemon.daemon import Daemon
from tests.support import kill_at
from tests.support.forked import run_forked
from tests.support.git import git
from tests.support.shop import BROKEN, FIXED, SCRIPT, Shop, as_before, commit, shop


def killed(here: Shop, moment: str, step: str, action: str, repair: str) -> None:
    """Lets another process decide until it kills itself at this step."""
    words = (moment, step, "shop", str(here.folder), action, repair)
    assert run_forked(kill_at.main, *words)[1] == -signal.SIGKILL


@pytest.mark.parametrize(
    ("moment", "step"),
    [("after", "today"), ("before", "merge 1"), ("after", "merge 1"), ("after", "settle")],
)
def test_a_killed_approval_goes_on(tmp_path: Path, moment: str, step: str) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        before = here.tip
        killed(here, moment, step, "approve", repair)
        moved = here.tip != before
        if not moved:  # the tip moves while nobody is at it
            before = commit(here.folder, "notes.txt", "meanwhile\n")
        if here.services.ledger.repair(repair).state == "waiting":
            decided = here.decide("approve", repair)
            assert decided.done, decided.reason
        row = here.services.ledger.repair(repair)
        assert (row.outcome, row.fix_commit) == ("healed", here.tip)
        assert git(here.folder, "rev-list", "--count", f"{before}..main") == "1"
        assert (here.folder / SCRIPT).read_text() == FIXED
        assert git(here.folder, "status", "--porcelain") == ""
        labels = [entry.label for entry in here.services.ledger.entries(repair)]
        assert labels == ["examine", "draft 1", "attempt 1", "outcome", "statement", "approval"]
        assert verify(here.folder).holds


@pytest.mark.parametrize("step", ["revert", "merge 1", "settle"])
def test_a_killed_rollback_goes_on(tmp_path: Path, step: str) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        before = here.tip
        killed(here, "after", step, "rollback", row.id)
        if here.services.ledger.repair(row.id).outcome == "healed":
            decided = here.decide("rollback", row.id)
            assert decided.done, decided.reason
        assert here.services.ledger.repair(row.id).outcome == "reverted"
        assert git(here.folder, "rev-list", "--count", f"{before}..main") == "1"
        assert git(here.folder, "diff", "--stat", f"{before}~1", "main") == ""
        labels = [entry.label for entry in here.services.ledger.entries(row.id)]
        assert len(labels) == len(set(labels)) == 8, labels
        assert [label.split()[0] for label in labels[-4:]] == [
            "statement", "approval", "statement", "rollback",
        ]  # fmt: skip
        assert (verify(here.folder).holds, verify(here.folder).statements) == (True, 2)


@pytest.mark.parametrize("decision", ["approve", "rollback"])
def test_the_daemon_goes_on_with_a_killed_decision(tmp_path: Path, decision: str) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.merged().id if decision == "rollback" else here.fix().repair
        before = here.tip
        killed(here, "after", "merge 1", decision, repair)
        with Daemon(here.services, here.state) as daemon:
            daemon.drain()
        outcome = "healed" if decision == "approve" else "reverted"
        assert here.services.ledger.repair(repair).outcome == outcome
        assert git(here.folder, "rev-list", "--count", f"{before}..main") == "1"


@pytest.mark.parametrize(
    ("moment", "step"), [("before", "revert"), ("after", "merge 1"), ("after", "settle")]
)
def test_a_relapse_that_is_killed_is_taken_out_once(tmp_path: Path, moment: str, step: str) -> None:
    with shop(tmp_path / "shop") as here:
        row, merged = here.merged(), here.tip
        as_before(here, row)
        killed(here, moment, step, "once", row.id)
        as_before(here, row)
        with Daemon(here.services, here.state) as daemon:
            daemon.drain()
        assert here.services.ledger.repair(row.id).outcome == "reverted"
        assert git(here.folder, "rev-list", "--count", f"{merged}..main") == "1"
        assert (here.folder / SCRIPT).read_text() == BROKEN
        labels = [entry.kind for entry in here.services.ledger.entries(row.id)]
        assert labels[-4:] == ["approval", "relapse", "statement", "rollback"]
