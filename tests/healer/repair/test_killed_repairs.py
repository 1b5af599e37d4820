"""`kill -9` at any step of a repair: it goes on where it was, and nothing is done twice."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from healer.daemon.daemon import Daemon
from healer.ledger.store import Ledger
from tests.support.bench import GOOD, Bench
from tests.support.git import git

PROJECT = Path(__file__).parents[3]
STEPS = ("examine", "draft 1", "quarantine 1.1", "prove 1.1", "merge 1", "close")
HEALED = (("after", "merge 1"), ("before", "close"), ("after", "close"))
"""The fix has landed: a new `fix` would find the script healthy, and the daemon goes on."""


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_repair_goes_on(bench: Bench, moment: str, step: str) -> None:
    before = git(bench.folder, "rev-parse", "main")
    words = ["-m", "tests.support.kill_at", moment, step, "bench", str(bench.folder.parent)]
    killed = subprocess.run(
        [sys.executable, *words],
        cwd=PROJECT, env=os.environ, capture_output=True, timeout=300, check=False,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
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
    assert labels == ["examine", "draft 1", "call 1", "attempt 1", "outcome"]
