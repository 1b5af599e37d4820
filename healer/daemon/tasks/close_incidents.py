"""Closes incidents that no longer fail: a good run or today's code shows it, or long quiet.

Belongs here: looking, and what is recorded and told then. Does not belong here: probation, which a
fix of healer's own is on (`end_probations`), and the states (`healer.facts.states`).
"""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from healer.evidence.baseline import examine
from healer.facts.errors import UsageError
from healer.facts.repair import Baseline, Request
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.render.notice import format_time
from healer.repair.incident_events import end_incident
from healer.repair.notices import notify_over
from healer.repair.premises import examine_today, find_good_run, is_mended
from healer.repair.request import build_request
from healer.repair.waiting_copies import drop_copy
from healer.services import Services
from healer.watch.inbox import Inbox, InboxError
from healer.watch.incident import Incident
from healer.watch.runner import run_log
from quarantine.errors import RepositoryError
from quarantine.merge import is_merge_begun

HOUR_S = 3_600.0


class _Case(NamedTuple):
    """What is asked again."""

    request: Request
    baseline: Baseline | None
    """What was seen before; None: that is asked, too."""
    paths: Collection[str]
    """The files that it concerns."""


class CloseIncidents:
    """Looks at every incident that is open or waits for a person."""

    name = "incidents"
    every_s = 20.0

    def __init__(self, services: Services) -> None:
        self._services = services
        self._asked: set[tuple[object, ...]] = set()
        """Incidents and the versions of their files that were run: once is enough."""

    def run(self, now: float) -> None:
        """Closes what is over. A failure that nobody has taken yet may speak against it."""
        services = self._services
        open_ones = [
            e for e in services.incidents.list_all() if e.needs_person and self._is_ours(e)
        ]
        state_dir = services.repository.state_dir
        if not open_ones or Inbox(state_dir).list_pending():
            return
        runs = list(run_log.read(state_dir))
        for incident in open_ones:
            if self._is_being_merged(incident):
                continue
            good_run = find_good_run(incident.script, incident.command, incident.last_at, runs)
            if good_run is not None:
                self._close_by_run(incident, good_run)
            elif self._is_mended_today(incident):
                target = services.config.target
                row = self._find_waiting(incident)
                self._close(
                    incident, f"fixed elsewhere: it no longer fails on today's {target}", row
                )
            elif incident.state == "open" and self._is_quiet(incident, now, runs):
                days = int((now - incident.last_at) // (24 * HOUR_S))
                self._close(incident, f"it was not seen for {days} days", None)

    def _is_ours(self, incident: Incident) -> bool:
        """Of several clones, the one that has its repair, or on which it failed last, looks."""
        if not self._services.fleet.clone:
            return True
        rows = [r for r in self._services.ledger.find(incident.repair) if r.id == incident.repair]
        if rows and incident.repair:
            return self._services.fleet.hold(rows[0])
        return Inbox(self._services.repository.state_dir).contains(incident.last_failure)

    def _is_being_merged(self, incident: Incident) -> bool:
        """Whether healer's own merge is what ended it: an approval that is under way, or was cut
        short and goes on, has merged and not written that down yet."""
        row, services = self._find_waiting(incident), self._services
        target = services.config.target
        return row is not None and is_merge_begun(services.repository, row.id, target)

    def _is_quiet(self, incident: Incident, now: float, runs: Iterable[run_log.LoggedRun]) -> bool:
        """A job whose runs are noted and that has not run since may fail as before. What is counted
        late is news, however old it is, and what waits for its repair is not forgotten."""
        quiet_s = now - max(incident.last_at, incident.since)
        if incident.is_due or quiet_s < self._services.config.mail.quiet_h * HOUR_S:
            return False
        starts = [run.started_at for run in runs if run.script == incident.script]
        return not starts or max(starts) > incident.last_at

    def _is_mended_today(self, incident: Incident) -> bool:
        """Whether what failed, run again, is well on today's tip. Asked once for each version of
        the files that it concerns."""
        services = self._services
        case = self._find_case(incident)
        tip = services.repository.tip(services.config.target)
        if case is None or tip is None:
            return False
        before = services.repository.tree(case.request.base)
        today = services.repository.tree(tip)
        entries = tuple(today.entry(path) for path in sorted(case.paths))
        if entries == tuple(before.entry(path) for path in sorted(case.paths)):
            return False
        question = (incident.fingerprint, entries)
        if question in self._asked:
            return False
        self._asked.add(question)
        here = services.for_request(case.request)
        baseline = case.baseline or examine(case.request, here)
        return baseline.reproduced and is_mended(baseline, examine_today(case.request, here))

    def _find_case(self, incident: Incident) -> _Case | None:
        """What its last repair saw, or else, where that is lost or was forgotten, its last failure,
        which is seen again first; None where neither can be asked."""
        services = self._services
        row = next((r for r in services.ledger.find(incident.repair) if incident.repair), None)
        dossier = services.ledger.dossier(row.id) if row else None
        if dossier is not None:
            baseline, last = dossier.baseline, dossier.last_candidate
            paths = set(last.candidate.paths) if last and last.candidate else set()
            paths |= _list_paths(dossier.request.script, baseline.failure)
            return _Case(dossier.request, baseline, paths) if baseline.reproduced else None
        try:
            failure = Inbox(services.repository.state_dir).read(incident.last_failure)
            if failure.dirty or services.repository.ref(failure.commit or "none") is None:
                return None
            request = build_request(
                services.repository,
                services.config,
                failure.script,
                failure=failure,
                clock=services.clock,
            )
        except (InboxError, UsageError, RepositoryError):
            return None
        request = request.model_copy(update={"base": failure.commit})
        return _Case(request, None, _list_paths(failure.script, failure))

    def _find_waiting(self, incident: Incident) -> RepairRow | None:
        rows = self._services.ledger.repairs("waiting")
        return next((each for each in rows if each.incident == incident.fingerprint), None)

    def _close_by_run(self, incident: Incident, run: run_log.LoggedRun) -> None:
        """What waits with a fix is closed only where the code has changed since: a good run alone
        may have met other data."""
        when = format_time(datetime.fromtimestamp(run.started_at, UTC))
        row = self._find_waiting(incident)
        if row is None or not row.has_draft or self._is_mended(row, run.commit):
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
            drop_copy(row.id, services)
        notify_over(incident.fingerprint, incident.script, reason, services)
        end_incident(incident.fingerprint, "vanish", services, reason=reason)


def _list_paths(script: str, failure: Failure | None) -> set[str]:
    frames = (frame for error in (failure.chain if failure else ()) for frame in error.frames)
    return {script, *(frame.file for frame in frames if frame.own)}
