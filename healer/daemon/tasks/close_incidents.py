"""Closes incidents that no longer fail: a good run has shown it, or nobody has seen them for long.

Belongs here: looking, and what is recorded and told then. Does not belong here: probation, which a
fix of healer's own is on (`end_probations`), and the states (`healer.facts.states`).
"""

from datetime import UTC, datetime

from healer.ledger.rows import RepairRow
from healer.render.notice import format_time
from healer.repair.incident_events import end_incident
from healer.repair.notices import notify_over
from healer.repair.premises import find_good_run
from healer.services import Services
from healer.watch.inbox import Inbox
from healer.watch.incident import Incident
from healer.watch.runner import run_log

HOUR_S = 3_600.0


class CloseIncidents:
    """Looks at every incident that is open or waits for a person."""

    name = "incidents"
    every_s = 20.0

    def __init__(self, services: Services) -> None:
        self._services = services

    def run(self, now: float) -> None:
        """Closes what is over. A failure that nobody has taken yet may speak against it."""
        services = self._services
        open_ones = [each for each in services.incidents.list_all() if each.needs_person]
        state_dir = services.repository.state_dir
        if not open_ones or Inbox(state_dir).list_pending():
            return
        runs = list(run_log.read(state_dir))
        for incident in open_ones:
            good_run = find_good_run(incident.script, incident.command, incident.last_at, runs)
            if good_run is not None:
                self._close_by_run(incident, good_run)
            elif incident.state == "open" and self._is_quiet(incident, now):
                days = int((now - incident.last_at) // (24 * HOUR_S))
                self._close(incident, f"it was not seen for {days} days", None)

    def _is_quiet(self, incident: Incident, now: float) -> bool:
        return now - incident.last_at >= self._services.config.mail.quiet_h * HOUR_S

    def _close_by_run(self, incident: Incident, run: run_log.LoggedRun) -> None:
        """What waits with a fix is closed only where the code has changed since: a good run alone
        may have met other data."""
        when = format_time(datetime.fromtimestamp(run.started_at, UTC))
        rows = self._services.ledger.repairs("waiting")
        row = next((each for each in rows if each.incident == incident.fingerprint), None)
        if row is None or not row.branch or self._is_mended(row, run.commit):
            self._close(incident, f"fixed elsewhere: the run of {when} ended well", row)

    def _is_mended(self, row: RepairRow, commit: str) -> bool:
        """Whether somebody has changed what the waiting fix would change."""
        repository, base = self._services.repository, row.request.base if row.request else ""
        if not base or not commit or commit == base or not repository.is_ancestor(base, commit):
            return False
        dossier = self._services.ledger.dossier(row.id)
        last = dossier.last_candidate if dossier else None
        paths = last.candidate.paths if last and last.candidate else (row.script,)
        before, after = repository.tree(base), repository.tree(commit)
        return any(before.read(path) != after.read(path) for path in paths)

    def _close(self, incident: Incident, reason: str, row: RepairRow | None) -> None:
        """The incident last: what a crash leaves out is done again, and tells nobody twice."""
        services = self._services
        if row is not None:
            result = row.known_result.model_copy(update={"reason": reason})
            services.ledger.settle(row.id, "healthy", result)
        notify_over(incident.fingerprint, incident.script, reason, services)
        end_incident(incident.fingerprint, "vanish", services, reason=reason)
