"""Takes a merged repair out again: a new commit, checked first, merged like any other.

Belongs here: the steps of a revert, asked for by a person or by probation. Does not belong here:
when a repair fails its probation (`probation`), or what a revert is in git (`quarantine.rollback`).
"""

from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import is_retried, step, workflow
from healer.evidence.baseline import choose_command
from healer.evidence.observed_failure import did_fail, failure_of_command
from healer.evidence.plan import plan_checks
from healer.facts.decision import DecisionResult
from healer.facts.repair import Request
from healer.failure import Fact, Failure
from healer.ledger.rows import Entry, RepairRow
from healer.render.notice import Kind
from healer.render.one_line import as_sentence
from healer.repair.incident_events import end_incident
from healer.repair.land import Landing, follow_the_tip, land_revert, wait_for_maintenance
from healer.repair.notices import notify_turned_down
from healer.repair.probation import Probation
from healer.repair.probation_notices import notify_of_relapse
from healer.repair.provenance import record_with_statement
from healer.repair.refusals import require_request
from healer.repair.report_progress import ProgressReporter
from healer.services import Services, current_services
from healer.watch.inbox import Inbox
from healer.watch.pause import why_paused
from quarantine.candidate import Candidate
from quarantine.errors import RepositoryError
from quarantine.merge import merged_commit
from quarantine.rebase import Conflict
from quarantine.rollback import revert, revert_branch
from sandbox import Plan, SandboxError

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


class Revert(Fact):
    """The candidate that undoes the repair, or why there is none."""

    candidate: Candidate | None = None
    refused: str = ""
    merged: str = ""
    """The commit with which an earlier try merged it, and died before it could record that."""


class RevertCheck(Fact):
    """Why a revert must not be merged; empty when it may."""

    reason: str = ""


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
        check = partial(self._find_harm, candidate)
        return step(f"prove {number}", RevertCheck, check).reason

    def _find_harm(self, candidate: Candidate) -> RevertCheck:
        """A revert brings the old failure back, so it cannot pass like a fix. It must break
        nothing else: what passes today and passed before the repair has to pass still.

        Raises SandboxError when nothing can be checked: that is no outcome, and is tried again, in
        the daemon after longer and longer rests.
        """
        self._show_check()
        base = self._read_request().base
        regressions = self._find_passing_tests(base) & self._find_passing_tests(candidate.base)
        regressions -= self._find_passing_tests(candidate.commit)
        new = self.request.failure
        is_other = new and new.fingerprint != self._row().incident
        if new and is_other and self._is_shown(new, candidate.commit):
            return RevertCheck(reason="without the fix it fails in the same way")
        self.progress.show("check", "fail" if regressions else "pass", CHECKED)
        if regressions:
            return RevertCheck(
                reason=f"later commits need the repair: without it {min(regressions)} fails"
            )
        return RevertCheck()

    def _show_check(self) -> None:
        if not is_retried():
            self.progress.show("check", "running", CHECKED)

    def _find_doubt(self) -> RevertCheck:
        """Why what failed is not shown to be the fix's fault, on today's tip and with it alone."""
        failure, row, target = self.request.failure, self._row(), self._read_request().target
        repository = self.services.repository
        tip = repository.tip(target)
        if failure is None or row.state != "merged" or tip is None:
            return RevertCheck()
        self._show_check()
        if not self._is_shown(failure, tip):
            return RevertCheck(reason=f"in the sandbox it does not fail so on today's {target}")
        probation = Probation(repository, self.services.config, self.services.ledger)
        if not self._is_shown(failure, probation.merged_commit(row)):
            return RevertCheck(reason="with the fix alone it does not fail so: later commits do it")
        return RevertCheck()

    def _is_shown(self, failure: Failure, commit: str) -> bool:
        """Whether the sandbox shows this failure on a commit."""
        tree = self.services.repository.tree(commit)
        request = self._read_request().model_copy(update={"failure": failure, "base": commit})
        command = choose_command(request, tree, self.services)
        if command is None:
            return False
        report = self.services.runner.run(tree, Plan(command=command), from_cache=True)
        if report.fault:
            raise SandboxError(f"the relapse could not be checked: {report.fault.message}")
        if report.command is None or not did_fail(report.command):
            return False
        observation = failure_of_command(request, command.argv, report.command)
        return not failure.chain or observation.fingerprint == failure.fingerprint

    def _find_passing_tests(self, commit: str) -> set[str]:
        """The tests that pass on a commit, in every run of them."""
        tree, command = self.services.repository.tree(commit), self.services.config.tests.command
        plan = plan_checks(tree, self._read_request().script, command, None)
        report = self.services.runner.run(tree, plan, from_cache=True)
        if report.fault:
            raise SandboxError(f"the revert could not be checked: {report.fault.message}")
        runs = [{r.node for r in run.results if r.outcome == "passed"} for run in report.tests]
        return set.intersection(*runs) if runs else set()

    def _land(self, candidate: Candidate) -> Landing:
        if self.request.failure is not None:  # a person's own rollback is no surprise
            if pause := why_paused(self.services.repository.state_dir, self._row().script):
                return Landing(refused=pause)
            wait_for_maintenance(self._row().script, self.services)
        request, by = self._read_request(), self.request.by
        return land_revert(request, candidate, self._name, by, self.services)

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
            notify_turned_down(row, None, reason, self.services)
        else:
            self._notify("reverted", f"It was taken out by commit {landing.merged[:12]}.", row)
        self._end_incidents(row, reason)
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
        """The fix stays, its probation ends, and the failure is repaired like any other."""
        detail = f"not taken out: {self.request.why} {as_sentence(self.doubt)}"
        self.services.ledger.record(
            Entry(repair=row.id, kind="probation", outcome="unconfirmed", detail=detail)
        )
        self.progress.show("rollback", "note", detail)
        incident = self.services.incidents.find(failure.fingerprint)
        if incident is not None and incident.state == "repairing":
            end_incident(failure.fingerprint, "lose", self.services, reason=self.doubt)
        if failure.fingerprint != row.incident:
            end_incident(row.incident, "confirm", self.services, reason=detail)
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
        self._end_incidents(row, detail)

    def _notify(self, kind: Kind, sentence: str, row: RepairRow) -> None:
        why = as_sentence(self.request.why)
        failure, when = self.request.failure, self.request.when
        notify_of_relapse(row, failure, kind, f"{why} {sentence}", self.services, when=when)

    def _end_incidents(self, row: RepairRow, reason: str) -> None:
        """The repaired one, and the new one that the fix has brought."""
        new = self.request.failure.fingerprint if self.request.failure else ""
        for fingerprint in {row.incident, new} - {""}:
            end_incident(fingerprint, "fail", self.services, reason=reason, repair=row.id)
