"""From recorded failures to repairs: each incident has one, and the rest is counted.

Belongs here: what is done with one failure of the inbox, and mending what a crash left between
two stores. Does not belong here: noticing (`healer.watch`), or the repair itself.
"""

import time
from contextlib import suppress
from datetime import UTC, datetime

from healer.engine.durable import Engine
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.failure import Failure
from healer.ledger.store import Entry, RepairRow
from healer.repair import approve, request, rollback
from healer.repair.probation import LABEL, RELAPSE, Probation
from healer.repair.start import start_repair
from healer.services import Services
from healer.watch.incidents import IllegalTransitionError
from quarantine.errors import RepositoryError


class Intake:
    """Takes failures into repairs, for the one daemon of a repository."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services, self._engine = services, engine

    def adopt(self) -> list[str]:
        """Goes on with every open repair that no living process has; gives their ids."""
        rows = self._services.ledger.repairs("open")
        for row in rows:
            start_repair(self._engine, row, self._services)
        self._settle_incidents(rows)
        return [row.id for row in rows] + self.resume_relapses() + self._resume_decisions()

    def resume_relapses(self) -> list[str]:
        """Goes on with taking out what failed on probation; gives the workflows' ids."""
        begun = []
        for row in self._services.ledger.healed_without(LABEL):
            wanted = _relapse(row.id)
            if any(entry.label == RELAPSE for entry in self._services.ledger.steps(row.id)):
                self._engine.start(rollback.rollback, wanted)
                begun.append(wanted)
        return begun

    def forget(self, before: float) -> None:
        """Forgets the checkpoints of what ended before then (seconds): they hold evidence, too."""
        self._engine.forget(before)

    def _resume_decisions(self) -> list[str]:
        """Goes on with approvals and rollbacks whose process died on the way."""
        return self._engine.adopt(approve.approve, rollback.rollback)

    def _settle_incidents(self, running: tuple[RepairRow, ...]) -> None:
        """An incident that is open without a repair was left so by a crash: it may start again."""
        taken = {row.id for row in (*running, *self._services.ledger.repairs("waiting"))}
        opened = {row.fingerprint: row.id for row in running}
        for incident in self._services.incidents.list_all():
            if incident.status != "open" or incident.repair in taken:
                continue
            if incident.fingerprint in opened:
                self._services.incidents.assign_repair(
                    incident.fingerprint, opened[incident.fingerprint]
                )
            else:
                with suppress(IllegalTransitionError):  # a command has ended it meanwhile
                    self._services.incidents.mark_lost(incident.fingerprint)

    def take(self, failure: Failure) -> str | None:
        """Counts a failure, and starts a repair where one is due; gives its id then."""
        services = self._services
        if not failure.script or not services.config.may_heal(failure.script):
            self._note(failure, "recorded only: no script of [scripts] failed")
            return None
        broken = Probation(services.repository, services.config, services.ledger).broken_by(failure)
        answer = services.incidents.count_failures(
            failure.fingerprint,
            now=time.time(),
            script=failure.script,
            commit=failure.commit,
            count=failure.count,
            after=services.config.after_of(failure.script),
            failure=failure.id,
        )
        if broken is not None:
            return self._take_out(failure, *broken)
        if answer != "start":
            self._count(failure)
            return None
        return self._start(failure)

    def _take_out(self, failure: Failure, row: RepairRow, why: str) -> str | None:
        """Begins to take out a fix that failed on probation; gives the workflow's id. Once: the
        failures that come meanwhile are counted."""
        services = self._services
        services.incidents.assign_repair(failure.fingerprint, row.id)
        if any(entry.label == RELAPSE for entry in services.ledger.steps(row.id)):
            self._count(failure)
            return None
        wanted = rollback.Wanted(
            repair=row.id,
            why=f"on probation {why}",
            by="healer",
            when=int(time.time()),
            failure=failure,
        )
        self._engine.start(rollback.rollback, _relapse(row.id), wanted)
        said = f"failure {failure.id}: {why}"
        services.ledger.record(Entry(repair=row.id, label=RELAPSE, outcome="failed", detail=said))
        self._note(failure, f"repair {row.id} is taken out again: {why}")
        return _relapse(row.id)

    def _start(self, failure: Failure) -> str | None:
        services = self._services
        try:
            wanted = request.build_request(
                services.repository, services.config, failure.script, failure=failure
            )
        except (UsageError, RepositoryError) as error:
            self._note(failure, f"not repaired: {error}")
            cooldown_s = services.config.watch.cooldown_s
            services.incidents.end_repair(
                failure.fingerprint, is_fixed=False, now=time.time(), cooldown_s=cooldown_s
            )
            return None
        row, new = request.opened(services.ledger, wanted)
        services.incidents.assign_repair(failure.fingerprint, row.id)
        start_repair(self._engine, row, self._services)
        self._note(failure, f"repair {row.id} {'started' if new else 'goes on'}")
        return row.id

    def again(self, row: RepairRow) -> None:
        """Starts anew what could not be judged: with its failure, or by the script's own checks."""
        failure = Request.model_validate(row.request).failure
        if failure is None:
            self.check(row.script)
        elif self._services.config.may_heal(failure.script):
            self._start(failure)

    def check(self, script: str) -> str | None:
        """Has a changed script checked: a repair by its own checks, which may find it healthy."""
        try:
            wanted = request.build_request(self._services.repository, self._services.config, script)
        except (UsageError, RepositoryError) as error:
            note = Progress(repair="", step="check", state="note", detail=f"{script}: {error}")
            self._services.progress(note)
            return None
        row, _ = request.opened(self._services.ledger, wanted)
        start_repair(self._engine, row, self._services)
        return row.id

    def _count(self, failure: Failure) -> None:
        known = self._services.incidents.find(failure.fingerprint)
        if known is not None:
            self._services.notifier.seen(failure.fingerprint, datetime.now(UTC), known.count)

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


def _relapse(repair: str) -> str:
    """The id of the workflow that takes a repair out which failed on probation."""
    return f"relapse-{repair}"
