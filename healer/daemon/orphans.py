"""What has no living process: it goes on, or it ends. Nothing stays open for ever.

Belongs here: open repairs, decisions and reverts whose process died, and incidents that a crash
left between two stores. Does not belong here: how a workflow stands (`healer.engine`), or what a
repair that cannot go on comes to (`healer.repair.run`).
"""

from contextlib import suppress

from healer.engine.condition import Condition
from healer.engine.durable import Engine, StuckError
from healer.facts.errors import WorkflowError
from healer.facts.progress import Progress
from healer.facts.states import IllegalTransitionError, IncidentEvent
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.repair.approve import approve
from healer.repair.incident_events import EVENT_OF, end_incident
from healer.repair.probation import count_relapses
from healer.repair.rollback import RollbackRequest, leave_merged, rollback
from healer.repair.run import start_repair
from healer.repair.workflow import repair
from healer.services import Services
from healer.watch.inbox import Inbox, InboxError
from healer.watch.incident import Incident


def relapse_id(repair_id: str, number: int = 0) -> str:
    """The id of the workflow that takes a repair out which failed on probation; `number`: how often
    that was looked at before, and was not its fault."""
    return f"relapse-{repair_id}" + (f"-{number}" if number else "")


class Orphans:
    """Goes on with them, for the one daemon of a repository."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services, self._engine = services, engine
        self._noted: set[str] = set()

    def adopt(self) -> list[str]:
        """Goes on with everything that no living process has; gives the ids of the workflows."""
        for each in self._engine.cancel_unknown():
            self._note(each, "begun by another version of healer, and unknown to this one; ended")
        fleet = self._services.fleet
        rows = tuple(row for row in self._services.ledger.repairs("open") if fleet.hold(row))
        repairs = [row.id for row in rows if self._start(row)]
        self._discard_recorded({row.id for row in rows})
        self._settle_incidents(rows)
        return [*repairs, *self.resume_relapses(), *self._engine.adopt(approve, rollback)]

    def resume_relapses(self) -> list[str]:
        """Goes on with taking out what failed on probation; gives the workflows' ids."""
        workflow_ids = []
        ledger = self._services.ledger
        for row in ledger.merged_without("probation"):
            if count_relapses(ledger, row.id).is_open and self._services.fleet.hold(row):
                workflow_id = relapse_id(row.id, count_relapses(ledger, row.id).ends)
                try:
                    self._engine.start(rollback, workflow_id, self._ask_again(row, workflow_id))
                except StuckError as error:
                    leave_merged(row, f"healer could not take it out: {error}", self._services)
                else:
                    workflow_ids.append(workflow_id)
        return workflow_ids

    def list_reverting(self) -> frozenset[str] | None:
        """The repairs that are being taken out, or whose revert was cut short and waits to go on;
        None where that cannot be told of one."""
        requests = self._engine.list_arguments(rollback)
        ids = [request.repair for request in requests if request is not None]
        return frozenset(ids) if len(ids) == len(requests) else None

    def _ask_again(self, row: RepairRow, workflow_id: str) -> RollbackRequest | None:
        """What a clone that died just after it had claimed to take the fix out would have begun,
        or what was begun and is lost with its checkpoints; None where it only goes on."""
        condition = self._engine.condition(rollback, workflow_id)
        if not self._services.fleet.clone and condition is not Condition.UNKNOWN:
            return None
        entry = self._services.ledger.entries(row.id, kind="relapse")[-1]
        return RollbackRequest(
            repair=row.id,
            why=f"on probation {entry.detail}",
            by="healer",
            when=int(self._services.clock.now()),
            failure=self._find_failure(entry.inputs),
            number=entry.number,
        )

    def _find_failure(self, failure_id: str) -> Failure | None:
        """What has shown that the fix is wrong, where it is still kept: it is asked for again."""
        with suppress(InboxError):
            return Inbox(self._services.repository.state_dir).read(failure_id)
        return None

    def _start(self, row: RepairRow) -> bool:
        """Whether the repair is under way; what hinders one must not hold up the others."""
        try:
            return start_repair(self._engine, row, self._services)
        except WorkflowError as error:
            self._note(row.id, f"{error}")
            return True  # whoever waits for it is told the same

    def _discard_recorded(self, open_repairs: set[str]) -> None:
        """A repair whose end is in the ledger needs no workflow: its process died just after."""
        for each in self._engine.list_orphans(repair):
            if each not in open_repairs:
                self._engine.discard(each)

    def _settle_incidents(self, rows: tuple[RepairRow, ...]) -> None:
        """An incident that is open without a repair was left so by a crash: it may start again."""
        services = self._services
        by_fingerprint = {row.fingerprint: row.id for row in rows}
        for incident in services.incidents.list_all():
            if incident.state not in ("repairing", "waiting", "probation"):
                continue
            fingerprint, event = incident.fingerprint, self._find_event(incident)
            if event == "lose" and fingerprint in by_fingerprint:
                repair_id = by_fingerprint[fingerprint]
                services.incidents.assign_repair(fingerprint, repair_id, services.clock.now())
            elif event is not None:
                with suppress(IllegalTransitionError):  # a command has ended it meanwhile
                    end_incident(fingerprint, event, services, reason=incident.reason)

    def _find_event(self, incident: Incident) -> IncidentEvent | None:
        """What the ledger knows of its repair and the incident does not, for a crash came between;
        None where both say the same."""
        ledger = self._services.ledger
        row = next((r for r in ledger.find(incident.repair) if r.id == incident.repair), None)
        if row is None or not incident.repair:
            return "lose" if incident.state != "probation" else "confirm"
        if not self._services.fleet.hold(row):
            return None
        if row.state == "open":
            return None if incident.state == "repairing" else "start"
        if row.state == "merged" and ledger.has_entry(row.id, "probation"):
            return "confirm"
        is_taken_out = row.state == "merged" and count_relapses(ledger, row.id).is_open
        event = EVENT_OF[row.outcome] if row.outcome and not is_taken_out else None
        return None if event and incident.after(event) == incident.state else event

    def _note(self, repair_id: str, detail: str) -> None:
        """Once for each: what stays as it is is no news."""
        if repair_id not in self._noted:
            self._noted.add(repair_id)
            note = Progress(repair=repair_id, step="start", state="note", detail=detail)
            self._services.progress(note)
