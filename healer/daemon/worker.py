"""`healer worker`: repairs for repositories of which nobody here has a clone, each turn a process.

Belongs here: free slots, processes of turns and their end, and the worker's own signs of life. Does
not belong here: which repository is next (`healer.services.work`), and what a turn does
(`healer.app.turn`).

A turn has a process of its own, for the workflow engine and a repair's services are one for each
process and repository. It ends with the worker, whatever ends that: its standard input is closed
then. A worker that cannot show that it lives ends its turns before others take them for dead.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from healer.facts.progress import Progress
from healer.services.fleet import BEAT_S, FENCE_S, now_s
from healer.services.work import Work, WorkTable
from healer.support.postgres import explain, is_of_database

POLL_S = 1.0
"""How often a free slot looks for work."""
DRAIN_S = 600.0
"""How long a worker that is to end waits for its turns."""
PROGRAM = (sys.executable, "-m", "healer")


@dataclass
class Turn:
    """One repository that is worked on now."""

    work: Work
    process: subprocess.Popen[bytes]
    lifeline: int
    """Its standard input: the process ends when nobody has it open any more."""


class Worker:
    """Takes repositories as long as it is not stopped."""

    def __init__(
        self,
        table: WorkTable,
        slots: int,
        arguments: tuple[str, ...],
        *,
        tidy: Callable[[], object],
        show: Callable[[Progress], None],
        program: tuple[str, ...] = (),
    ) -> None:
        """A turn's process is `program` (`PROGRAM`, if empty) with `arguments`; `tidy` is called
        when one has ended."""
        self._table, self._slots = table, slots
        self._command = (*(program or PROGRAM), "worker", *arguments, "--turn")
        self._tidy, self._show = tidy, show
        self._turns: list[Turn] = []
        self._ends: list[tuple[Work, str]] = []
        """Turns that have ended, which the database does not know yet."""
        self._beat_at = self._reaped_at = float("-inf")
        self._stop_at: float | None = None

    def stop(self) -> None:
        """Nothing is begun any more; said twice, what is under way ends, too."""
        now = now_s()
        self._stop_at = now if self._stop_at is None else now - DRAIN_S

    def run(self) -> None:
        """Until it is stopped and its turns have ended."""
        while self._stop_at is None or self._turns:
            self._fence()
            try:
                self._look()
            except Exception as error:
                if not is_of_database(error):
                    self._end_turns()
                    raise
                self._note(f"{explain(error)}; looks again")
            if self._stop_at is not None and now_s() - self._stop_at >= DRAIN_S:
                self._end_turns()
            time.sleep(POLL_S if self._stop_at is None else POLL_S / 4)
        self._collect()
        self._settle()
        self._table.leave()

    def _look(self) -> None:
        """What is to be done each second."""
        self._collect()
        if now_s() - self._beat_at >= BEAT_S:
            self._table.beat()
            self._beat_at = now_s()
        self._settle()
        if now_s() - self._reaped_at >= BEAT_S:
            self._table.reap()
            self._reaped_at = now_s()
        free = self._slots - len(self._turns)
        if free > 0 and self._stop_at is None:
            for work in self._table.take(free):
                self._begin(work)

    def _fence(self) -> None:
        if self._turns and now_s() - self._beat_at > FENCE_S:
            self._note(f"no sign of life could be given for {FENCE_S:g} s: its turns are ended")
            self._end_turns()

    def _begin(self, work: Work) -> None:
        ours, lifeline = os.pipe()
        with os.fdopen(ours, "rb") as end:
            process = subprocess.Popen(
                self._command,
                stdin=end,
                start_new_session=True,  # a signal for the worker is not one for its turns
            )
        os.write(lifeline, json.dumps(work).encode() + b"\n")
        self._turns.append(Turn(work, process, lifeline))
        self._note(f"began a turn for {work.repository}")

    def _collect(self) -> None:
        for turn in [each for each in self._turns if each.process.poll() is not None]:
            self._turns.remove(turn)
            os.close(turn.lifeline)
            code = turn.process.returncode
            self._ends.append((turn.work, f"exit {code}" if code else ""))
            self._note(f"ended a turn for {turn.work.repository} (exit {code})")
            self._tidy()

    def _settle(self) -> None:
        while self._ends:
            self._table.end(*self._ends[0])
            del self._ends[0]

    def _end_turns(self) -> None:
        for turn in self._turns:
            turn.process.send_signal(signal.SIGKILL)
            turn.process.wait()
        self._collect()

    def _note(self, detail: str) -> None:
        self._show(Progress(repair="", step="worker", state="note", detail=detail))


def read_work(line: bytes) -> Work:
    """What a turn's process was given."""
    return Work(*json.loads(line))
