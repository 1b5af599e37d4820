"""`kill -9` in the middle of a decision: the same command goes on, and nothing is done twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.healer.workflow.shop import FIXED, SCRIPT, Shop, commit, git, shop


def killed(here: Shop, moment: str, step: str, action: str, repair: str) -> None:
    """Lets another process decide until it kills itself at this step."""
    program = Path(__file__).with_name("kill_at.py")
    words = [str(program), moment, step, str(here.folder), action, repair]
    done = subprocess.run([sys.executable, *words], capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


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
        if here.parts.ledger.repair(repair).state == "waiting":
            decided = here.decide("approve", repair)
            assert decided.done, decided.reason
        row = here.parts.ledger.repair(repair)
        assert (row.outcome, row.result["merged"]) == ("healed", here.tip)
        assert git(here.folder, "rev-list", "--count", f"{before}..main") == "1"
        assert (here.folder / SCRIPT).read_text() == FIXED
        assert git(here.folder, "status", "--porcelain") == ""
        labels = [entry.label for entry in here.parts.ledger.steps(repair)]
        assert labels == ["examine", "draft 1", "attempt 1", "outcome", "approval"]


@pytest.mark.parametrize("step", ["revert", "merge 1", "settle"])
def test_a_killed_rollback_goes_on(tmp_path: Path, step: str) -> None:
    with shop(tmp_path / "shop") as here:
        row = here.merged()
        before = here.tip
        killed(here, "after", step, "rollback", row.id)
        if here.parts.ledger.repair(row.id).outcome == "healed":
            decided = here.decide("rollback", row.id)
            assert decided.done, decided.reason
        assert here.parts.ledger.repair(row.id).outcome == "reverted"
        assert git(here.folder, "rev-list", "--count", f"{before}..main") == "1"
        assert git(here.folder, "diff", "--stat", f"{before}~1", "main") == ""
        labels = [entry.label for entry in here.parts.ledger.steps(row.id)]
        assert len(labels) == len(set(labels)) == 6, labels
