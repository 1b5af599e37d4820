"""Takes a merged repair out again: a new commit, checked first, merged like any other.

Belongs here: the steps of a revert, asked for by a person or by probation. Does not belong here:
when a repair fails its probation (`probation`), whether the fix is to blame (`relapse_check`), or
what a revert is in git (`quarantine.rollback`).
"""

from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import is_retried, step, workflow
from healer.facts.decision import DecisionResult
from healer.facts.repair import Request
from healer.failure import Fact, Failure
from healer.ledger.rows import Entry, RepairRow
from healer.render.notice import Kind
from healer.render.one_line import as_sentence
from healer.repair.incident_events import end_incident
from healer.repair.land import Landing, follow_the_tip, land_revert
from healer.repair.notices import add_to_thread
from healer.repair.probation import Probation
from healer.repair.probation_notices import notify_of_relapse
from healer.repair.probation_siblings import end_siblings
from healer.repair.provenance import record_with_statement
from healer.repair.refusals import require_request
from healer.repair.relapse_check import RelapseCheck, RevertCheck
from healer.repair.report_progress import ProgressReporter
from healer.services import Services, current_services
from healer.watch.inbox import Inbox
from quarantine.candidate import Candidate
from quarantine.errors import RepositoryError
from quarantine.merge import merged_commit
from quarantine.rebase import Conflict
from quarantine.rollback import revert, revert_branch

CHECKED = "what passes today, and passed before the repair, must pass without it"


class RollbackRequest(Fact):
    """What is to be taken out, and why."""

    repair: str
    why: str
    by: str
    when: int
    """Unix time; the commit carries it, so that a repeated step makes the same commit."""
    failure: Failure | None = None
    """What showed on probation that the fix is wrong; None where a person asked."""
    number: int = 0
    """How many failures on its probation were not its fault before."""


class Revert(Fact):
    """The candidate that undoes the repair, or why there is none."""

    candidate: Candidate | None = None
    refused: str = ""
    merged: str = ""
    """The commit with which an earlier try merged it, and died before it could record that."""


@workflow("rollback", RollbackRequest, DecisionResult, version=2)
def rollback(request: RollbackRequest) -> DecisionResult:
    """Takes a merged repair out, for a person or because it failed on probation."""
    services = current_services()
    running = RollbackWorkflow(request, services)
    with running.progress.report_stop(), hold_merge_lock(services.repository.state_dir):
        landing = running.take_out()
    return running.settle(landing)


def leave_merged(row: RepairRow, why: str, services: Services) -> None:
    """Records that what failed on probation stays merged, and tells a person: no revert of it can
    be carried out."""
    services.ledger.record(Entry(repair=row.id, kind="probation", outcome="stuck", detail=why))
    reason = f"It failed on probation. {as_sentence(why)}"
    notify_of_relapse(row, None, "relapsed", reason, services, when=int(services.clock.now()))
    end_siblings(row, "relapsed", "fail", reason, services)
    end_incident(row.incident, "fail", services, reason=reason, repair=row.id)


class RollbackWorkflow:
    """One repair that is taken out. What it reads anew of the ledger does not change meanwhile."""

    def __init__(self, request: RollbackRequest, services: Services) -> None:
        self.request, self.services = request, services.for_repair(request.repair)
        self.progress = ProgressReporter(services, request.repair)
        self.doubt = ""
        """Why what failed is not shown to be the fix's fault."""

    def take_out(self) -> Landing:
        """The revert on the target's tip, checked and merged; a moved tip is followed."""
        self.doubt = step("confirm", RevertCheck, self._find_doubt).reason
        if self.doubt:
            return Landing(refused=self.doubt)
        undo = step("revert", Revert, self._revert)
        if undo.candidate is None:
            return Landing(merged=undo.merged, refused=undo.refused)
        target = self._read_request().target
        return follow_the_tip(undo.candidate, target, check=self._check, land=self._land)

    def settle(self, landing: Landing) -> DecisionResult:
        """Records how it went, and tells whom it concerns."""
        return step("settle", DecisionResult, partial(self._settle, landing))

    @property
    def _name(self) -> str:
        """Under which git keeps where the revert was merged; its own for each request."""
        return f"{self.request.repair}-revert-{self.request.when}"

    @property
    def _relapse(self) -> RelapseCheck:
        return RelapseCheck(self._row(), self.request.failure, self.services)

    def _row(self) -> RepairRow:
        return self.services.ledger.repair(self.request.repair)

    def _read_request(self) -> Request:
        """What the repair was to do."""
        return require_request(self._row())

    def _revert(self) -> Revert:
        row, repository = self._row(), self.services.repository
        probation = Probation(repository, self.services.config, self.services.ledger)
        fix_commit = probation.merged_commit(row)
        if not fix_commit or row.state != "merged":
            return Revert(refused=f"repair {row.id} is not merged ({row.outcome_or_state})")
        revert_commit = merged_commit(repository, self._name)
        tip = repository.tip(self._read_request().target)
        if revert_commit and tip and repository.is_ancestor(revert_commit, tip):
            return Revert(merged=revert_commit)
        message = (
            f"Take out repair {row.id}\n\n{self.request.why}\n\n"
            f"This reverts commit {fix_commit}.\n\nHealer-Repair: {row.id}\n"
        )
        try:
            candidate = revert(
                repository,
                repair=row.id,
                commit_to_revert=fix_commit,
                target=require_request(row).target,
                when=self.request.when,
                message=message,
                replaces=repository.tip(revert_branch(row.id)),
            )
        except RepositoryError as error:  # the branch or the commit is gone
            return Revert(refused=str(error))
        if isinstance(candidate, Conflict):
            return Revert(refused=candidate.reason)
        return Revert(candidate=candidate)

    def _check(self, number: int, candidate: Candidate) -> str:
        check = step(f"prove {number}", RevertCheck, partial(self._find_harm, candidate))
        self.doubt = check.reason if check.is_doubt else ""
        return check.reason

    def _find_harm(self, candidate: Candidate) -> RevertCheck:
        self._show_check()
        check = self._relapse.find_harm(candidate)
        if not check.is_doubt:
            self.progress.show("check", "fail" if check.reason else "pass", CHECKED)
        return check

    def _show_check(self) -> None:
        if not is_retried():
            self.progress.show("check", "running", CHECKED)

    def _find_doubt(self) -> RevertCheck:
        if self.request.failure is not None:
            self._show_check()
        return self._relapse.find_doubt()

    def _land(self, candidate: Candidate) -> Landing:
        request, by = self._read_request(), self.request.by
        is_asked = self.request.failure is None  # a person's own rollback is no surprise
        return land_revert(request, candidate, self._name, by, self.services, is_asked=is_asked)

    def _settle(self, landing: Landing) -> DecisionResult:
        row, request, ledger = self._row(), self.request, self.services.ledger
        if not landing.merged:
            if self.doubt and request.failure is not None:
                self._hand_over(row, request.failure)
            else:
                self._record_stuck(row, landing.refused)
            return DecisionResult(
                repair=row.id, action="rollback", done=False, reason=landing.refused
            )
        reason = f"taken out again by {request.by}: {request.why}"
        entry = Entry(
            repair=row.id, kind="rollback", number=request.when, outcome="reverted", detail=reason
        )
        record_with_statement(entry, landing.merged, self.services)
        if request.failure is None:
            add_to_thread("taken_out", row, None, reason, self.services, by=request.by)
        else:
            self._notify("reverted", f"It was taken out by commit {landing.merged[:12]}.", row)
        self._end_incidents(row, reason, "taken_out")
        result = row.known_result.model_copy(update={"reason": reason})
        ledger.settle(row.id, "reverted", result)
        return DecisionResult(
            repair=row.id,
            action="rollback",
            done=True,
            reason=reason,
            merged=landing.merged,
            checkout=landing.checkout,
        )

    def _hand_over(self, row: RepairRow, failure: Failure) -> None:
        """The fix stays, and the failure is repaired like any other. Where it is the one that the
        fix was for, nothing is left to be confirmed; of another the probation goes on."""
        detail = f"not taken out: {self.request.why} {as_sentence(self.doubt)}"
        is_its_own = failure.fingerprint == row.incident
        self.services.ledger.record(
            Entry(repair=row.id, kind="probation", outcome="unconfirmed", detail=detail)
            if is_its_own
            else Entry(
                repair=row.id,
                kind="relapse_end",
                number=self.request.number,
                outcome="not its fault",
                detail=detail,
                inputs=failure.fingerprint,
            )
        )
        self.progress.show("rollback", "note", detail)
        incident = self.services.incidents.find(failure.fingerprint)
        if incident is not None and incident.state == "repairing":
            end_incident(failure.fingerprint, "lose", self.services, reason=self.doubt)
        if is_its_own:
            end_siblings(row, "unconfirmed", "confirm", detail, self.services)
        Inbox(self.services.repository.state_dir).offer_again(failure.id)

    def _record_stuck(self, row: RepairRow, why: str) -> None:
        """A person may type it again; what failed on probation and stays needs one."""
        if self.request.failure is None or row.state != "merged":
            return
        detail = f"{self.request.why} {why}"
        self.services.ledger.record(
            Entry(repair=row.id, kind="probation", outcome="stuck", detail=detail)
        )
        self._notify("relapsed", f"It could not be taken out by itself: {why}", row)
        self._end_incidents(row, detail, "relapsed")

    def _notify(self, kind: Kind, sentence: str, row: RepairRow) -> None:
        why = as_sentence(self.request.why)
        failure, when = self.request.failure, self.request.when
        notify_of_relapse(row, failure, kind, f"{why} {sentence}", self.services, when=when)

    def _end_incidents(self, row: RepairRow, reason: str, kind: Kind) -> None:
        """The repaired one, what the fix healed besides, and the new one that it has brought."""
        by = self.request.by
        end_siblings(row, kind, "fail", reason, self.services, by=by)
        new = self.request.failure.fingerprint if self.request.failure else ""
        for fingerprint in {row.incident, new} - {""}:
            end_incident(fingerprint, "fail", self.services, reason=reason, repair=row.id, by=by)
