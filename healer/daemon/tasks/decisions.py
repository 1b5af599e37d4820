"""Has what people decide on the fleet's page carried out, each by a command of its own.

Belongs here: which decision is next, and when it is over. Does not belong here: the table
(`healer.services.decisions`), and what a decision does: an approval runs for a minute, and a crash
of it is not one of the daemon.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO

from healer.facts.progress import Progress
from healer.ledger.rows import RepairRow
from healer.services import Services
from healer.services.decisions import (
    MOST_TRIES,
    OTHER_FIX,
    Action,
    AskedDecision,
    Decision,
    Decisions,
)


@dataclass
class _Running:
    """A decision that is carried out now."""

    number: int
    process: subprocess.Popen[bytes]
    output: IO[bytes]


class CarryOutDecisions:
    """One at a time, in the order in which they came."""

    name = "decisions"
    every_s = 15.0

    def __init__(self, services: Services, decisions: Decisions) -> None:
        self._services, self._decisions = services, decisions
        self._running: _Running | None = None

    def run(self, now: float) -> None:
        """Keeps what came of the last one, and begins the next."""
        del now
        if self._running is not None and self._running.process.poll() is None:
            return
        self._finish()
        for one in self._decisions.list_open():
            rows = self._services.ledger.find(one.decision.repair)
            if not all(map(self._services.fleet.hold, rows)):
                continue
            if not self._decisions.begin(one.number):
                continue
            if why := _find_hindrance(one, rows):
                self._decisions.end(one.number, why)
                continue
            self._begin(one.number, one.decision)
            return

    def _begin(self, number: int, decision: Decision) -> None:
        root = self._services.repository.root or self._services.repository.git_dir
        output = tempfile.TemporaryFile()  # noqa: SIM115  # closed by `_finish`
        process = subprocess.Popen(
            [sys.executable, "-m", "healer", "--repo", str(root), *list_words(decision)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=root,
            start_new_session=True,
        )
        self._running = _Running(number, process, output)

    def _finish(self) -> None:
        if self._running is None:
            return
        one, self._running = self._running, None
        with one.output:
            one.output.seek(0)
            lines = one.output.read().decode("utf-8", "replace").strip().splitlines()
        sentence = lines[-1] if lines else f"exit {one.process.returncode}"
        verb = "Not done" if one.process.returncode else "Done"
        self._decisions.end(one.number, f"{verb}: {sentence}")
        note = Progress(repair="", step="decisions", state="note", detail=sentence)
        self._services.progress(note)


def _find_hindrance(one: AskedDecision, rows: tuple[RepairRow, ...]) -> str:
    """Why it is not begun; empty where it is."""
    if one.tries >= MOST_TRIES:
        return f"Not done: it was cut short {one.tries} times; see the daemon's log."
    commits = [row.known_result.commit or "" for row in rows]
    return "" if commits == [one.decision.commit] else OTHER_FIX


def list_words(decision: Decision) -> tuple[str, ...]:
    """The command that does the same."""
    reason = f"--reason={decision.argument}"
    options: dict[Action, tuple[str, ...]] = {
        "approve": ("--yes",) if decision.overrule else (),
        "answer": (f"--value={decision.value}",) if decision.value else (),
        "reject": (reason,),
        "rollback": (reason,),
    }
    choice = (decision.argument,) if decision.action == "answer" else ()
    words = (*options[decision.action], f"--by={decision.by}", "--", decision.repair, *choice)
    return (decision.action, *words)
