"""What a person decides on a waiting repair: approve or reject.

Belongs here: the steps of a decision and its refusals. Does not belong here: the repair that
led to it (`workflow`), taking a merged one out (`rollback`), the candidate on another tip
(`todays_tip`), the question on the terminal (`healer.cli`).
"""

from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import step, workflow
from healer.evidence.gather import prove
from healer.evidence.model_review import ask_reviewer, reads_the_same
from healer.facts.decision import DecisionResult
from healer.facts.draft import Review
from healer.facts.repair import Dossier, Judged, QuarantinedPatch
from healer.facts.states import IncidentEvent
from healer.failure import Fact
from healer.ledger.rows import Entry, RepairRow
from healer.repair.close import describe_call, redact_entry
from healer.repair.incident_events import end_incident
from healer.repair.land import Landing, follow_the_tip, land_fix
from healer.repair.notices import notify_of_rejection
from healer.repair.probation_notices import notify_of_approval
from healer.repair.provenance import record_with_statement
from healer.repair.publish import withdraw_branch
from healer.repair.pull_request import withdraw_request
from healer.repair.refusals import require_candidate, require_dossier, require_waiting
from healer.repair.report_progress import ProgressReporter
from healer.repair.todays_tip import OnTip, bring_to_tip
from healer.repair.waiting_copies import drop_copy
from healer.services import Services, current_services
from quarantine.candidate import Candidate, delete_branch


class ApprovalRequest(Fact):
    """What a person approved, as it is stored: an approval that was cut short goes on."""

    repair: str
    by: str
    overrule: bool = False
    """Rules had found what they reject, and the person approves all the same."""


@workflow("approve", ApprovalRequest, DecisionResult)
def approve(request: ApprovalRequest) -> DecisionResult:
    """Checks a waiting candidate again on today's tip, and merges it."""
    services = current_services()
    with hold_merge_lock(services.repository.state_dir):
        return ApprovalWorkflow(request, services).follow()


class ApprovalWorkflow:
    """One approval under way. What it reads anew of the ledger does not change meanwhile."""

    def __init__(self, approval: ApprovalRequest, services: Services) -> None:
        self.approval, self.services = approval, services.for_repair(approval.repair)
        self._checked: Judged | None = None

    def follow(self) -> DecisionResult:
        """From a person's word to the merge, or to why not."""
        repair, target = self.approval.repair, self.services.config.target
        today = step("today", OnTip, partial(bring_to_tip, repair, self.services))
        landing = Landing(merged=today.merged, refused=today.conflict)
        if today.candidate is not None:
            landing = follow_the_tip(today.candidate, target, check=self._check, land=self._land)
        if not landing.merged:
            return self._refuse(landing.refused)
        return step("settle", DecisionResult, partial(self._settle, landing))

    def _refuse(self, reason: str) -> DecisionResult:
        return DecisionResult(
            repair=self.approval.repair, action="approve", done=False, reason=reason
        )

    def _check(self, number: int, candidate: Candidate) -> str:
        """Why the candidate must not be merged on its base, or nothing."""
        judgement = step(f"prove {number}", Judged, partial(self._prove, candidate))
        self._checked = judgement
        if judgement.verdict.kind != "fixed":
            target = self.services.config.target
            return f"checked again on today's {target}: {judgement.verdict.sentence}"
        return self._objection(number, candidate, judgement)

    def _prove(self, candidate: Candidate) -> Judged:
        dossier = self._dossier()
        attempt, request = require_candidate(dossier), dossier.request
        overrule = self.approval.overrule
        findings = tuple(f for f in attempt.findings if not overrule or f.severity != "reject")
        patch = QuarantinedPatch(draft=attempt.draft, candidate=candidate, findings=findings)
        progress = ProgressReporter(self.services, request.repair)
        here = request.model_copy(update={"base": candidate.base})
        with progress.show_work("check", f"again, on today's {request.target}"):
            judgement = prove(here, dossier.baseline, patch, self.services)
        progress.show_checks(judgement.verdict)
        return judgement

    def _objection(self, number: int, candidate: Candidate, judgement: Judged) -> str:
        """Why the reviewer rejects what the change has become on today's tip; empty where it does
        not.

        What a person has seen is the person's decision, and so is a doubt; but on another tip the
        change may be one that nobody has seen.
        """
        dossier = self._dossier()
        attempt = require_candidate(dossier)
        if reads_the_same(attempt.candidate.diff if attempt.candidate else "", candidate.diff):
            return ""
        patch = QuarantinedPatch(draft=attempt.draft, candidate=candidate)
        ask = partial(self._review, dossier, patch, judgement)
        review = step(f"review {number}", Review, ask)
        if review.objection != "reject":
            return ""
        return (
            f"on today's {dossier.request.target} the change reads otherwise, and the reviewer "
            f"objects: {review.reason}; look at {candidate.branch}, and merge it yourself if it "
            "is right"
        )

    def _review(self, dossier: Dossier, patch: QuarantinedPatch, judgement: Judged) -> Review:
        """The reviewer's word, with its calls in the ledger."""
        request, ledger = dossier.request, self.services.ledger
        review = ask_reviewer(request, dossier.baseline, patch, judgement, self.services)
        first = 1 + ledger.count_entries(request.repair, "call")
        for number, exchange in enumerate(review.exchanges, first):
            entry = describe_call(request.repair, number, exchange)
            ledger.record(redact_entry(entry, self.services.redactor))
        return review

    def _land(self, candidate: Candidate) -> Landing:
        dossier = self._dossier()
        attempt = require_candidate(dossier)
        current = attempt.model_copy(update={"candidate": candidate})
        if judgement := self._checked:
            facts = {"verdict": judgement.verdict, "report": judgement.report}
            current = current.model_copy(update=facts)
        return land_fix(dossier.request, current, candidate, self.services, self.approval.by)

    def _settle(self, landing: Landing) -> DecisionResult:
        who = f"by {self.approval.by}"
        if self.approval.overrule:
            who += ", who overruled what the rules found"
        row = self.services.ledger.repair(self.approval.repair)
        return record_approval(row, landing, who, self.services, by=self.approval.by)

    def _dossier(self) -> Dossier:
        return require_dossier(self.services, self.services.ledger.repair(self.approval.repair))


def record_approval(
    row: RepairRow, landing: Landing, who: str, services: Services, *, by: str, how: str = ""
) -> DecisionResult:
    """An approved candidate is merged: the repair, its incident and its mails learn of it. `who`
    says by whom and how, `by` names them alone; `how` says so where it was not healer that merged
    it."""
    reason = how or f"approved {who}, checked again and merged"
    approval = Entry(repair=row.id, kind="approval", outcome="approved", detail=who)
    record_with_statement(approval, landing.merged, services)
    dossier = services.ledger.dossier(row.id)
    failure = dossier.baseline.failure if dossier else None
    notify_of_approval(row, failure, reason, services, by=by)
    end_incident(
        row.incident, "merge", services, reason=reason, repair=row.id, script=row.script, by=by
    )
    withdraw_request(row, f"merged as {landing.merged}: {reason}", services)
    values = {"outcome": "healed", "merged": landing.merged, "reason": reason}
    services.ledger.settle(row.id, "healed", row.known_result.model_copy(update=values))
    drop_copy(row.id, services)
    return DecisionResult(
        repair=row.id,
        action="approve",
        done=True,
        reason=reason,
        merged=landing.merged,
        checkout=landing.checkout,
    )


def reject(services: Services, repair: str, reason: str, by: str) -> DecisionResult:
    """Turns a waiting fix down, whose reason is shown to the next draft, or ends a repair that has
    none. The branch goes.

    The state changes last: where a crash comes before, the same command does the rest.
    """
    row = services.ledger.repair(repair)
    require_waiting(row)
    dossier = services.ledger.dossier(row.id)
    sentence = f"{'rejected' if row.has_draft else 'ended'} by {by}: {reason}"
    services.ledger.record(
        Entry(repair=row.id, kind="rejection", outcome="rejected", detail=f"by {by}: {reason}")
    )
    if row.branch:
        withdraw_request(row, sentence, services)
        withdraw_branch(row.branch, services)
        delete_branch(services.repository, row.branch)
    twins = [each for each in services.ledger.repairs("waiting") if each.incident == row.incident]
    twin = next((each.id for each in twins if each.id != row.id), "")
    event: IncidentEvent = "ask" if twin else "fail"
    end_incident(row.incident, event, services, reason=sentence, repair=twin or row.id, by=by)
    if not twin:
        failure = dossier.baseline.failure if dossier else None
        notify_of_rejection(row, failure, sentence, services, by=by)
    result = row.known_result.model_copy(update={"reason": sentence})
    services.ledger.settle(row.id, "rejected", result)
    drop_copy(row.id, services)
    return DecisionResult(repair=row.id, action="reject", done=True, reason=sentence)
