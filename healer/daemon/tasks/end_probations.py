"""Ends probations, and goes on with reverts that were cut short.

Belongs here: recording how a probation ended. Does not belong here: telling whether it has
(`healer.repair.probation`).
"""

from healer.daemon.orphans import Orphans
from healer.facts.progress import Progress
from healer.ledger.rows import Entry, RepairRow
from healer.repair.incident_events import end_incident
from healer.repair.probation import Probation, ProbationEnd, count_relapses
from healer.repair.probation_notices import notify_of_probation_end
from healer.repair.probation_siblings import end_siblings
from healer.services import Services
from healer.watch.inbox import Inbox


class EndProbations:
    """Looks at every merged fix that is still watched."""

    name = "probation"
    every_s = 20.0

    def __init__(self, services: Services, orphans: Orphans) -> None:
        self._services, self._orphans = services, orphans
        self._probation = Probation(services.repository, services.config, services.ledger)

    def run(self, now: float) -> None:
        """Ends what has ended. A failure that nobody has taken yet may be the relapse."""
        self._orphans.resume_relapses()
        if Inbox(self._services.repository.state_dir).list_pending():
            return
        rows = filter(self._services.fleet.hold, self._probation.watched_rows())
        ends = [(row, end) for row in rows if (end := self._probation.end_of(row, now)) is not None]
        reverting = self._orphans.list_reverting() if ends else None
        if reverting is None:
            return
        for row, end in ends:
            if row.id not in reverting and not self._is_under_way(row):
                self._record(row, end)

    def _is_under_way(self, row: RepairRow) -> bool:
        """A relapse was noticed, or its failed run is being done again."""
        ledger = self._services.ledger
        starts, ends = (ledger.count_entries(row.id, kind) for kind in ("rerun", "rerun_end"))
        return count_relapses(ledger, row.id).is_open or starts > ends

    def _record(self, row: RepairRow, ending: ProbationEnd) -> None:
        """The ledger last: what a crash leaves out is done again, and tells nobody twice."""
        notify_of_probation_end(row, ending, self._services)
        detail = f"{row.script}: {ending.outcome}: {ending.detail}"
        end_siblings(row, ending.outcome, "confirm", ending.detail, self._services)
        self._services.progress(
            Progress(repair=row.id, step="probation", state="note", detail=detail)
        )
        entry = Entry(repair=row.id, kind="probation", outcome=ending.outcome, detail=ending.detail)
        self._services.ledger.record(entry)
        end_incident(row.incident, "confirm", self._services, reason=ending.detail, repair=row.id)
