"""Ends probations, and goes on with reverts that were cut short: a regular duty of the daemon.

Belongs here: recording how a probation ended. Does not belong here: telling whether it has
(`probation`).
"""

from healer.daemon.intake import Intake
from healer.facts.progress import Progress
from healer.ledger.store import Entry, RepairRow
from healer.repair.close import resolved
from healer.repair.probation import LABEL, RELAPSE, Ended, Probation
from healer.services import Services
from healer.watch.inbox import Inbox


class Probations:
    """Looks at every merged fix that is still watched."""

    every_s = 20.0
    name = "probation"

    def __init__(self, services: Services) -> None:
        self._services = services
        self._watched = Probation(services.repository, services.config, services.ledger)

    def do(self, now: float, intake: Intake) -> None:
        """Ends what has ended. A failure that nobody has taken yet may be the relapse."""
        intake.resume_relapses()
        if Inbox(self._services.repository.state_dir).list_pending():
            return
        for row in self._watched.rows():
            ended = self._watched.ended(row, now)
            if ended is not None and not self._relapsed(row):
                self._end(row, ended)

    def _relapsed(self, row: RepairRow) -> bool:
        return any(entry.label == RELAPSE for entry in self._services.ledger.steps(row.id))

    def _end(self, row: RepairRow, ended: Ended) -> None:
        """Recorded last: what a crash leaves out is done again, and tells nobody twice."""
        if ended.outcome == "resolved":
            resolved(row, None, f"{ended.detail}.", self._services)
        said = f"{row.script}: {ended.outcome}: {ended.detail}"
        self._services.progress(Progress(repair=row.id, step=LABEL, state="note", detail=said))
        entry = Entry(repair=row.id, label=LABEL, outcome=ended.outcome, detail=ended.detail)
        self._services.ledger.record(entry)
