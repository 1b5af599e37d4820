"""From recorded failures to repairs: each incident has one, and the rest is counted.

Belongs here: what is done with one failure of the inbox, and with one script that is to be checked.
Does not belong here: noticing (`healer.watch`), the repair itself (`healer.repair`), or what a
crash left (`orphans`).
"""

from healer.daemon.orphans import relapse_id
from healer.engine.durable import Engine
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.ledger.rows import Entry, RepairRow
from healer.repair import request as requests
from healer.repair.incident_events import count_failure, end_incident
from healer.repair.premises import why_held, why_outdated
from healer.repair.probation import Probation, count_relapses
from healer.repair.rollback import RollbackRequest, rollback
from healer.repair.run import start_repair
from healer.repair.siblings import find_sibling
from healer.services import Services
from quarantine.errors import RepositoryError


class Intake:
    """Takes failures into repairs, for the one daemon of a repository."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services, self._engine = services, engine

    def take(self, failure: Failure) -> str | None:
        """Counts a failure, and starts a repair where one is due; gives its id then."""
        services = self._services
        if not failure.script or not services.config.may_heal(failure.script):
            self._note(failure, "recorded only: no script of [scripts] failed")
            return None
        probation = Probation(services.repository, services.config, services.ledger)
        relapse = probation.find_broken_by(failure, services.clock.now())
        sibling = find_sibling(failure, services)
        is_asked = sibling is not None
        why = "" if relapse else why_outdated(failure, services, is_asked=is_asked)
        answer = count_failure(
            failure,
            services,
            after=services.config.after_of(failure.script),
            is_outdated=bool(why),
            is_held=bool(why_held(failure.script, services)) or sibling is not None,
        )
        if relapse is not None:
            return self._take_out(failure, *relapse)
        if why:
            self._note(failure, f"counted only: {why}")
            return None
        if answer == "held" and sibling is not None:
            self._wait_for(sibling, failure)
        if answer != "start":
            self._count(failure)
            return None
        return self._start(failure)

    def retry(self, row: RepairRow) -> None:
        """Starts anew what could not be judged: with its failure, or by the script's own checks."""
        failure = row.request.failure if row.request else None
        if why_held(row.script, self._services) or not self._services.fleet.hold(row):
            return
        if failure is None:
            self.check(row.script)
        elif self._services.config.may_heal(failure.script):
            self._start(failure)

    def check(self, script: str) -> None:
        """Has a script checked: a repair by its own checks, which may find it healthy."""
        services = self._services
        if why_held(script, services):
            return
        try:
            request = requests.build_request(
                services.repository, services.config, script, clock=services.clock
            )
        except (UsageError, RepositoryError) as error:
            note = Progress(repair="", step="check", state="note", detail=f"{script}: {error}")
            services.progress(note)
            return
        row, _ = requests.find_or_open(services.ledger, request)
        if services.fleet.hold(row):
            start_repair(self._engine, row, services)

    def _take_out(self, failure: Failure, row: RepairRow, why: str) -> str | None:
        """Begins to take out a fix that failed on probation; gives the workflow's id. Once: the
        failures that come meanwhile are counted."""
        services = self._services
        services.incidents.assign_repair(failure.fingerprint, row.id, services.clock.now())
        detail = f"failure {failure.id}: {why}"
        relapses = count_relapses(services.ledger, row.id)
        number = relapses.ends
        entry = Entry(
            repair=row.id,
            kind="relapse",
            number=number,
            outcome="failed",
            detail=detail,
            inputs=failure.id,
        )
        if relapses.is_open or not self._is_first(row, entry):
            self._count(failure)
            return None
        request = RollbackRequest(
            repair=row.id,
            why=f"on probation {why}",
            by="healer",
            when=int(services.clock.now()),
            failure=failure,
            number=number,
        )
        workflow_id = relapse_id(row.id, number)
        self._engine.start(rollback, workflow_id, request)
        services.ledger.record(entry)
        self._note(failure, f"repair {row.id} is taken out again: {why}")
        return workflow_id

    def _is_first(self, row: RepairRow, entry: Entry) -> bool:
        """Of several clones that see the same fix fail, one takes it out."""
        clone, ledger = self._services.fleet.clone, self._services.ledger
        return not clone or (ledger.claim(entry) and ledger.hand_over(row.id, row.holder, clone))

    def _start(self, failure: Failure) -> str | None:
        services = self._services
        try:
            request = requests.build_request(
                services.repository,
                services.config,
                failure.script,
                failure=failure,
                clock=services.clock,
            )
        except (UsageError, RepositoryError) as error:
            self._note(failure, f"not repaired: {error}")
            end_incident(failure.fingerprint, "fail", services, reason=f"not repaired: {error}")
            return None
        row, is_new = requests.find_or_open(services.ledger, request)
        services.incidents.assign_repair(failure.fingerprint, row.id, services.clock.now())
        if not services.fleet.hold(row):
            self._note(failure, f"repair {row.id} runs on {services.fleet.describe_holder(row)}")
            return None
        if not start_repair(self._engine, row, services):
            return None
        word = "started" if is_new else "goes on"
        self._note(failure, f"repair {row.id} of {failure.script} {word}")
        return row.id

    def _wait_for(self, sibling: RepairRow, failure: Failure) -> None:
        """Its own repair is due; it begins, or is not needed, when that one has ended."""
        services = self._services
        detail = f"repair {sibling.id} of {sibling.script} has the same cause"
        services.incidents.note_wait(failure.fingerprint, detail, now=services.clock.now())
        self._note(failure, f"waits: {detail}")

    def _count(self, failure: Failure) -> None:
        incident = self._services.incidents.find(failure.fingerprint)
        if incident is not None:
            now = self._services.clock.moment()
            self._services.notifier.update_count(failure.fingerprint, now, incident.count)

    def _note(self, failure: Failure, what: str) -> None:
        self._services.progress(
            Progress(
                repair="",
                step="failure",
                state="note",
                detail=f"{failure.id}: {what}",
                fingerprint=failure.fingerprint,
            )
        )
