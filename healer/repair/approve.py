"""What a person decides on a waiting repair: approve or reject.

Belongs here: the steps of a decision and its refusals. Does not belong here: the repair that
led to it (`repair`), taking a merged one out (`takeout`), the question on the terminal
(`healer.cli`).
"""

from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import step, workflow
from healer.evidence.gather import prove
from healer.evidence.model_review import ask_reviewer, reads_the_same
from healer.facts.decision import Decided
from healer.facts.draft import Review
from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Attempt, Baseline, Dossier, Judged, QuarantinedPatch
from healer.failure import Fact
from healer.ledger.store import Entry, RepairRow
from healer.repair.close import end_incident, incident_of, resolved
from healer.repair.land import Landing, land, withdraw
from healer.repair.ledger_entries import call, redacted
from healer.services import Services, current_services
from quarantine.candidate import Candidate, delete_branch, message_of, point_branch
from quarantine.rebase import Conflict, rebase_candidate
from quarantine.repository import Repository

LANDINGS = 3
"""How often a moved tip is followed before the person is asked again."""


def evidence_of(services: Services, row: RepairRow) -> Dossier:
    """The repair's evidence. Raises UsageError when it is gone."""
    raw = services.ledger.evidence(row.id)
    if raw is None:
        raise UsageError(
            f"the evidence of repair {row.id} is gone ({row.state}); run healer fix {row.script}"
        )
    return Dossier.model_validate(raw)


def waiting(services: Services, row: RepairRow) -> Dossier:
    """The evidence of a repair that can be approved. Raises UsageError."""
    if row.state != "waiting":
        raise UsageError(not_waiting(row))
    evidence = evidence_of(services, row)
    candidate_of(evidence)
    return evidence


def not_waiting(row: RepairRow) -> str:
    """Why nothing can be decided on a repair."""
    return f"repair {row.id} does not wait for a decision ({row.outcome or row.state})"


def against(evidence: Dossier) -> tuple[str, ...]:
    """What the rules that say reject have found in the candidate, one sentence each."""
    attempt = candidate_of(evidence)
    return tuple(
        f"{f.path}:{f.line}: {f.reason}" for f in attempt.findings if f.severity == "reject"
    )


def candidate_of(evidence: Dossier) -> Attempt:
    """The last attempt that became a candidate. Raises UsageError without one."""
    made = [attempt for attempt in evidence.attempts if attempt.candidate]
    if not made:
        raise UsageError(
            f"repair {evidence.request.repair} has no draft to merge; repair the script by hand"
        )
    return made[-1]


class ApprovalRequest(Fact):
    """What a person approved, as it is stored: an approval that was cut short goes on."""

    repair: str
    by: str
    overrule: bool
    """It merges although a rule said reject."""


@workflow("approve", ApprovalRequest, Decided)
def approve(request: ApprovalRequest) -> Decided:
    """Checks a waiting candidate again on today's tip, and merges it."""
    with hold_merge_lock(current_services().repository.state_dir):
        return _approve(request.repair, request.by, overrule=request.overrule)


def _approve(repair: str, by: str, *, overrule: bool) -> Decided:
    services = current_services()
    found = step("today", OnTip, partial(_on_todays_tip, repair, services))
    if found.candidate is None:
        return _not_approved(repair, found.conflict)
    candidate = found.candidate
    for number in range(1, LANDINGS + 1):
        again = partial(_prove, repair, candidate, services, overrule=overrule)
        proved = step(f"prove {number}", Judged, again)
        target = services.config.target
        if proved.verdict.kind != "fixed":
            said = f"checked again on today's {target}: {proved.verdict.sentence}"
            return _not_approved(repair, said)
        objects = _objection(number, repair, candidate, proved, services)
        if objects:
            return _not_approved(repair, objects)
        onto = partial(_land, repair, candidate, proved, services)
        landing = step(f"merge {number}", Landing, onto)
        if landing.merged:
            who = f"by {by}, who overruled what the rules found" if overrule else f"by {by}"
            return step("settle", Decided, partial(_settle, repair, landing, who, services))
        if landing.moved is None:
            return _not_approved(repair, landing.refused)
        candidate = landing.moved
    return _not_approved(repair, f"{target} moved {LANDINGS} times meanwhile; approve it again")


def _not_approved(repair: str, why: str) -> Decided:
    return Decided(repair=repair, action="approve", done=False, reason=why)


def _prove(repair: str, candidate: Candidate, services: Services, *, overrule: bool) -> Judged:
    evidence = evidence_of(services, services.ledger.repair(repair))
    attempt = candidate_of(evidence)
    request = evidence.request.model_copy(update={"base": candidate.base})
    findings = tuple(f for f in attempt.findings if not overrule or f.severity != "reject")
    proposed = QuarantinedPatch(draft=attempt.draft, candidate=candidate, findings=findings)
    said = f"again, on today's {request.target}"
    services.progress(Progress(repair=repair, step="check", state="running", detail=said))
    proved = prove(request, evidence.examined, proposed, services)
    for each in proved.verdict.checks:
        services.progress(
            Progress(
                repair=repair,
                step=each.name,
                state=each.status,
                detail=each.detail,
                seconds=each.seconds,
            )
        )
    return proved


def _objection(
    number: int, repair: str, candidate: Candidate, proved: Judged, services: Services
) -> str:
    """Why the reviewer rejects what the change has become on today's tip; empty where it does not.

    What a person has seen is the person's decision, and so is a doubt; but on another tip the
    change may be one that nobody has seen.
    """
    evidence = evidence_of(services, services.ledger.repair(repair))
    attempt = candidate_of(evidence)
    seen = attempt.candidate.diff if attempt.candidate else ""
    if reads_the_same(seen, candidate.diff):
        return ""
    proposed = QuarantinedPatch(draft=attempt.draft, candidate=candidate)
    ask = partial(_reviewed, evidence, proposed, proved, services)
    review = step(f"review {number}", Review, ask)
    if review.objection != "reject":
        return ""
    return (
        f"on today's {evidence.request.target} the change reads otherwise, and the reviewer "
        f"objects: {review.reason}; look at {candidate.branch}, and merge it yourself if it is "
        "right"
    )


def _reviewed(
    evidence: Dossier, proposed: QuarantinedPatch, proved: Judged, services: Services
) -> Review:
    """The reviewer's word, with its calls in the ledger."""
    request = evidence.request
    review = ask_reviewer(request, evidence.examined, proposed, proved, services)
    known = [each.label for each in services.ledger.steps(request.repair)]
    first = 1 + sum(label.startswith("call ") for label in known)
    for number, exchange in enumerate(review.exchanges, first):
        entry = call(request.repair, number, exchange)
        services.ledger.record(redacted(entry, services.redactor))
    return review


def _land(repair: str, candidate: Candidate, proved: Judged, services: Services) -> Landing:
    evidence = evidence_of(services, services.ledger.repair(repair))
    checked = {"verdict": proved.verdict, "candidate": candidate}
    approved = candidate_of(evidence).model_copy(update=checked)
    return land(evidence.request, approved, candidate, services)


class OnTip(Fact):
    """A candidate as it is on the target's tip of today, or why there is none."""

    candidate: Candidate | None = None
    conflict: str = ""


def _on_todays_tip(repair: str, services: Services) -> OnTip:
    """Asks once more whether it waits: another decision may have come first."""
    row = services.ledger.repair(repair)
    if row.state != "waiting":
        return OnTip(conflict=not_waiting(row))
    evidence = evidence_of(services, row)
    candidate = candidate_of(evidence).candidate
    repository, target = services.repository, evidence.request.target
    tip = repository.tip(target)
    if candidate is None or tip is None:
        return OnTip(conflict=f"the target branch {target!r} is gone")
    changed = _changed_by_hand(repository, candidate, repair)
    if changed or tip == candidate.base:
        return OnTip(candidate=None if changed else candidate, conflict=changed)
    rebased = rebase_candidate(repository, candidate, onto=tip)
    if isinstance(rebased, Conflict):
        return OnTip(conflict=f"it no longer applies to {target}: {rebased.reason}")
    return OnTip(candidate=rebased)


def _changed_by_hand(repository: Repository, candidate: Candidate, repair: str) -> str:
    """What a person did to the draft so that it cannot be merged as it was checked; or nothing."""
    if repository.ref(candidate.commit) is None:
        return (
            f"the draft's commit {candidate.commit[:12]} is gone from the repository; repair the "
            "script again"
        )
    if _put_back(repository, candidate, repair):
        return ""
    return (
        f"{candidate.branch} was changed by hand since it was checked; merge it yourself, or put "
        f"it back: git branch -f {candidate.branch} {candidate.commit[:12]}"
    )


def _put_back(repository: Repository, candidate: Candidate, repair: str) -> bool:
    """Lets the branch point to the candidate again; False where a person's commit is on it.

    An approval that came to nothing leaves the fix as it was on the tip of that day.
    """
    now = repository.tip(candidate.branch)
    if now in (None, candidate.commit):
        return True
    if f"Healer-Repair: {repair}" not in message_of(repository, now)[0]:
        return False
    if repository.is_ancestor(candidate.commit, now):
        return False
    point_branch(repository, candidate.branch, candidate.commit, replaces=now)
    return True


def _settle(repair: str, landing: Landing, who: str, services: Services) -> Decided:
    row = services.ledger.repair(repair)
    examined = evidence_of(services, row).examined
    reason = f"approved {who}, checked again and merged"
    result = row.result | {"outcome": "healed", "merged": landing.merged, "reason": reason}
    services.ledger.record(Entry(repair=row.id, label="approval", outcome="approved", detail=who))
    resolved(row, examined.failure, reason, services)
    end_incident(incident_of(row), fixed=True, services=services)
    services.ledger.settle(row.id, "closed", "healed", result)
    return Decided(
        repair=row.id,
        action="approve",
        done=True,
        reason=reason,
        merged=landing.merged,
        checkout=landing.checkout,
    )


def reject(services: Services, repair: str, reason: str, by: str) -> Decided:
    """Turns a waiting fix down; the reason is shown to the next draft. The branch goes.

    The state changes last: where a crash comes before, the same command does the rest.
    """
    row = services.ledger.repair(repair)
    if row.state != "waiting":
        raise UsageError(not_waiting(row))
    evidence = services.ledger.evidence(row.id)
    examined = Dossier.model_validate(evidence).examined if evidence else Baseline()
    services.ledger.record(
        Entry(repair=row.id, label="rejection", outcome="rejected", detail=f"by {by}: {reason}")
    )
    said = f"rejected by {by}: {reason}"
    branch = row.result.get("branch")
    if branch:
        withdraw(branch, services)
        delete_branch(services.repository, branch)
    resolved(row, examined.failure, said, services)
    end_incident(incident_of(row), fixed=False, services=services)
    services.ledger.settle(row.id, "closed", "rejected", row.result | {"reason": said})
    return Decided(repair=row.id, action="reject", done=True, reason=said)
