"""Incidents that their database has lost are made anew, from the ledger and the recorded failures.

Belongs here: which incident is missing, and in which state it is. Does not belong here: repairs
that the ledger has lost (`rebuild`).
"""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from healer.facts.states import IncidentEvent
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.repair.incident_events import EVENT_OF, KEPT_PERIODS
from healer.repair.premises import why_outdated
from healer.services import Services
from healer.watch.inbox import Inbox, InboxError

DAY_S = 86_400.0


def restore_incidents(services: Services) -> list[str]:
    """Makes those anew that are missing; gives their fingerprints."""
    return Restoration(services).run()


class Restoration:
    """Of one repository."""

    def __init__(self, services: Services) -> None:
        self._services, self._incidents = services, services.incidents
        self._is_empty = not self._incidents.list_all()
        """All were lost, or there never was one."""
        periods = KEPT_PERIODS * services.config.keep_days * DAY_S
        self._since = services.clock.now() - periods

    def run(self) -> list[str]:
        """What is under way, waits or is on probation has its incident in any case; where all were
        lost, so has what was given up, and what was recorded and is not over."""
        ledger = self._services.ledger
        rows = [*ledger.repairs("open", "waiting"), *ledger.merged_without("probation")]
        records: dict[str, list[Failure]] = {}
        if self._is_empty:
            rows = [*ledger.closed_since(self._since), *rows]
            records = self._read_records()
        events = {row.incident: (row, self._event_of(row)) for row in rows}
        fingerprints = [
            fingerprint
            for fingerprint, (row, event) in events.items()
            if event and self._restore(row, event, records.get(fingerprint, ()))
        ]
        others = [
            fingerprint
            for fingerprint, failures in records.items()
            if fingerprint not in events and self._is_current(failures[-1])
        ]
        for fingerprint in others:
            self._count(records[fingerprint])
        return [*fingerprints, *others]

    def _event_of(self, row: RepairRow) -> IncidentEvent | None:
        """What has happened last to its incident; None where that is over."""
        if row.state in ("open", "waiting"):
            return "start" if row.state == "open" else "ask"
        if row.state == "merged":
            is_over = self._services.ledger.has_entry(row.id, "probation")
            return None if is_over else "merge"
        event = EVENT_OF[row.outcome] if row.outcome else None
        return event if event == "fail" else None

    def _restore(self, row: RepairRow, event: IncidentEvent, failures: Iterable[Failure]) -> bool:
        if row.incident == row.id or self._incidents.find(row.incident) is not None:
            return False  # the former: nothing is known to have failed yet
        self._count(failures)
        self._incidents.apply_event(
            row.incident,
            event,
            now=row.updated_at,
            reason=row.reason,
            repair=row.id,
            script=row.script,
            cooldown_s=self._services.config.watch.cooldown_s,
        )
        return True

    def _count(self, failures: Iterable[Failure]) -> None:
        for failure in failures:
            moment = failure.moment(self._services.clock.now())
            self._incidents.count_recorded(failure, now=moment, is_outdated=True)

    def _is_current(self, failure: Failure) -> bool:
        """Whether a recorded failure of which no repair is known still speaks of today's code."""
        services = self._services
        return bool(
            failure.script
            and services.config.may_heal(failure.script)
            and failure.moment(services.clock.now()) >= self._since
            and not why_outdated(failure, services)
        )

    def _read_records(self) -> dict[str, list[Failure]]:
        """The handled failures by fingerprint, oldest first; what waits is counted when it is
        taken."""
        inbox = Inbox(self._services.repository.state_dir)
        records: dict[str, list[Failure]] = defaultdict(list)
        for record_id in inbox.list_all():
            if not inbox.is_open(record_id):
                with suppress(InboxError):
                    failure = inbox.read(record_id)
                    records[failure.fingerprint].append(failure)
        return records
