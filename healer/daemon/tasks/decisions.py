"""Has what people decide on the fleet's page carried out, each by a command of its own.

Belongs here: which decision is next, and when it is over. Does not belong here: the table
(`healer.services.decisions`), and what a decision does (`healer.repair`).
"""

from healer.daemon.own_command import OwnCommand
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


class CarryOutDecisions:
    """One at a time, in the order in which they came."""

    name = "decisions"
    every_s = 15.0

    def __init__(self, services: Services, decisions: Decisions) -> None:
        self._services, self._decisions = services, decisions
        self._running: tuple[int, OwnCommand] | None = None
        """The number of the decision that is carried out now, and its command."""

    def run(self, now: float) -> None:
        """Keeps what came of the last one, and begins the next."""
        del now
        if self._running is not None and not self._running[1].is_over:
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
        command = OwnCommand(self._services.repository, list_words(decision))
        self._running = number, command

    def _finish(self) -> None:
        if self._running is None:
            return
        (number, command), self._running = self._running, None
        end = command.finish()
        verb = "Not done" if end.exit_code else "Done"
        self._decisions.end(number, f"{verb}: {end.sentence}")
        note = Progress(repair="", step="decisions", state="note", detail=end.sentence)
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
