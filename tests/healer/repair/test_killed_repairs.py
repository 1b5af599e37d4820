"""`kill -9` at any step of a repair: it goes on where it was, and nothing is done twice."""

import signal

import pytest

from healer.daemon.daemon import Daemon
from healer.ledger.store import Ledger
from tests.support import kill_at
from tests.support.bench import GOOD, Bench
from tests.support.forked import run_forked
from tests.support.git import git

STEPS = ("examine", "draft 1", "quarantine 1.1", "prove 1.1", "merge 1", "close")
HEALED = (("after", "merge 1"), ("before", "close"), ("after", "close"))
"""The fix has landed: a new `fix` would find the script healthy, and the daemon goes on."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_repair_goes_on(bench: Bench, moment: str, step: str) -> None:
    before = git(bench.folder, "rev-parse", "main")
    words = (moment, step, "bench", str(bench.folder.parent))
    assert run_forked(kill_at.main, *words)[1] == -signal.SIGKILL
    if (moment, step) in HEALED:
        with bench.opened() as services, Daemon(services, bench.state) as daemon:
            daemon.drain()
    else:
        result = bench.fix(GOOD)
        assert result.outcome == "healed", result
    assert git(bench.folder, "rev-list", "--count", f"{before}..main") == "1"
    assert len(git(bench.folder, "branch", "--list", "quarantine/*").splitlines()) == 1
    assert git(bench.folder, "status", "--porcelain", "--untracked-files=no") == ""
    with Ledger.in_folder(bench.state) as ledger:
        (repair,) = ledger.repairs()
        assert repair.outcome == "healed"
        labels = [entry.label for entry in ledger.entries(repair.id)]
    assert labels == ["examine", "draft 1", "call 1", "attempt 1", "statement", "outcome"]
