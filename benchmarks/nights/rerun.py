"""How often a failed run is done again where the process that does so is killed at any step.

    python -m benchmarks.nights.rerun [--times 200]

A repair is merged, and its job counts its runs. Each time, one process looks for what is due and
is killed (SIGKILL, by itself) at one line of `healer.repair.rerun`, of the ledger, or of the start
of the job, another at each time; at half of the times a second one looks beside it. Then a last
one looks until nothing is due. Printed: runs done again twice (0 is right), once, never, and of the
latter those that a person was not told of (0 is right).
"""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from healer.repair.rerun import START_S, Reruns
from healer.watch.runner import run_log
from healer.watch.runner.options import RunOptions
from healer.watch.runner.run import run as run_job
from tests.support.git import git
from tests.support.shop import BROKEN, SCRIPT, shop

JOB = f"open('ran.txt', 'a').write('x')\n{BROKEN}"
SETTINGS = {"job": [{"script": SCRIPT, "rerun": "after-heal"}]}
TRACED = ("/healer/repair/rerun.py", "/healer/ledger/store.py", "/healer/watch/job_start.py")


class Lines:
    """Counts the lines of TRACED that run, and kills the process at the one that is wanted."""

    def __init__(self, kill_at: int = -1) -> None:
        self.count, self._kill_at = 0, kill_at

    def trace(self, frame: FrameType, event: str, _: object) -> Any:
        if not frame.f_code.co_filename.endswith(TRACED):
            return None
        if event == "line":
            if self.count == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)
            self.count += 1
        return self.trace


def prepare(folder: Path) -> None:
    """A merged repair, whose failed run was not done again: the checkout followed later."""
    with shop(folder) as here:
        (folder / SCRIPT).write_text(JOB)
        git(folder, "commit", "-qam", "Count the runs")
        os.chdir(folder)
        run_job(RunOptions((sys.executable, SCRIPT)))
        here.merged()


def look(folder: Path, lines: Lines) -> None:
    with shop(folder, **SETTINGS) as here:
        reruns = Reruns(here.services, is_attended=False)
        sys.settrace(lines.trace)
        reruns.look(time.time())
        sys.settrace(None)


def in_child(work: Callable[[], object]) -> int:
    """The id of a process that does it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def settle(folder: Path) -> str:
    """Looks until nothing is due, with a clock that does not wait; how the re-run ended."""
    with shop(folder, **SETTINGS) as here:
        reruns, ahead = Reruns(here.services, is_attended=False), 0.0
        deadline = time.monotonic() + 30
        while run_log.read_running(here.state) and time.monotonic() < deadline:
            time.sleep(0.02)
        while reruns.look(time.time() + ahead):
            time.sleep(0.3)
            ahead += START_S / 2
        (row,) = here.services.ledger.repairs()
        ends = [e.outcome for e in here.services.ledger.entries(row.id) if e.kind == "rerun_end"]
        return " ".join(ends)


def try_once(folder: Path, kill_at: int, *, has_rival: bool) -> str:
    """`twice`, `once`, `never`, or `untold`."""
    restore(folder)
    children = [in_child(lambda: look(folder, Lines(kill_at)))]
    if has_rival:
        children.append(in_child(lambda: look(folder, Lines())))
    for child in children:
        os.waitpid(child, 0)
    time.sleep(0.3)  # a job that was started begins
    end = settle(folder)
    count = len((folder / "ran.txt").read_text()) - 1
    if count > 1:
        return "twice"
    if count == 1:
        return "once"
    return "never" if end in ("unknown", "not run") else "untold"


def restore(folder: Path) -> None:
    """The repository as it was prepared, at the place that its records name."""
    shutil.rmtree(folder)
    shutil.copytree(folder.with_name("ready"), folder, symlinks=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "shop"
        prepare(folder)
        os.chdir(name)
        shutil.copytree(folder, Path(name) / "ready", symlinks=True)
        lines = Lines()
        look(folder, lines)
        settle(folder)
        ends = Counter(
            try_once(folder, lines.count * n // options.times, has_rival=n % 2 == 1)
            for n in range(options.times)
        )
    print(
        f"killed at {options.times} of the {lines.count} lines of the re-run and of what it calls"
    )
    print(", ".join(f"{word} {ends[word]}" for word in ("twice", "once", "never", "untold")))


if __name__ == "__main__":
    main()
