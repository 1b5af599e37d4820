"""Ends probations, and goes on with reverts that were cut short: a regular duty of the daemon.

Belongs here: recording how a probation ended. Does not belong here: telling whether it has
(`probation`).
"""

from healer.daemon.intake import Intake
from healer.ledger.store import Entry, RepairRow
from healer.repair.close import resolved
from healer.repair.probation import LABEL, RELAPSE, Ended, Probation
from healer.services import Parts, Progress
from healer.watch.inbox import Inbox


class Probations:
    """Looks at every merged fix that is still watched."""

    every_s = 20.0
    name = "probation"

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._watched = Probation(parts.repository, parts.config, parts.ledger)

    def do(self, now: float, intake: Intake) -> None:
        """Ends what has ended. A failure that nobody has taken yet may be the relapse."""
        intake.resume_relapses()
        if Inbox(self._parts.repository.state_dir).pending():
            return
        for row in self._watched.rows():
            ended = self._watched.ended(row, now)
            if ended is not None and not self._relapsed(row):
                self._end(row, ended)

    def _relapsed(self, row: RepairRow) -> bool:
        return any(entry.label == RELAPSE for entry in self._parts.ledger.steps(row.id))

    def _end(self, row: RepairRow, ended: Ended) -> None:
        """Recorded last: what a crash leaves out is done again, and tells nobody twice."""
        if ended.outcome == "resolved":
            resolved(row, None, f"{ended.detail}.", self._parts)
        said = f"{row.script}: {ended.outcome}: {ended.detail}"
        self._parts.progress(Progress(repair=row.id, step=LABEL, state="note", detail=said))
        entry = Entry(repair=row.id, label=LABEL, outcome=ended.outcome, detail=ended.detail)
        self._parts.ledger.record(entry)
