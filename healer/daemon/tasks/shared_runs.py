"""Copies runs of other machines, on which something hangs, into this clone's log of runs.

Belongs here: that each comes once. Does not belong here: which they are
(`healer.watch.shared_runs`), and what a run says of a fix (`healer.repair.probation`).
"""

import json
from contextlib import suppress
from pathlib import Path

from healer.support.atomic_file import write_atomically
from healer.watch.runner import run_log
from healer.watch.shared_runs import SharedRuns

FILE = "shared-runs.json"
"""In healer's folder: the number of the last one that was copied."""


class CopySharedRuns:
    """For the daemon of one of several clones: each has all of them."""

    name = "shared runs"
    every_s = 10.0

    def __init__(self, runs: SharedRuns, state_dir: Path) -> None:
        self._runs, self._state_dir = runs, state_dir

    def run(self, now: float) -> None:
        """Copies what is new. What a crash left without its number is known by its facts."""
        del now
        last = self._read_number()
        news = self._runs.read_after(last)
        if not news:
            return
        here = {_identify(each) for each in run_log.read(self._state_dir)}
        for number, each in news:
            if _identify(each) not in here:
                run_log.append(self._state_dir, each)
            last = number
        write_atomically(self._state_dir / FILE, json.dumps({"number": last}).encode("ascii"))

    def _read_number(self) -> int:
        with suppress(OSError, ValueError, LookupError, TypeError):
            return int(json.loads((self._state_dir / FILE).read_bytes())["number"])
        return 0


def _identify(run: run_log.LoggedRun) -> tuple[str, str, int, str]:
    """The log keeps milliseconds."""
    return run.script, run.command, round(run.started_at * 1_000), run.commit
