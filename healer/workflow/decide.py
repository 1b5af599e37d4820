"""What a person decides: approve, reject, roll back. Each is a durable workflow of its own.

Belongs here: the steps of a decision and its refusals. Does not belong here: the repair that
led to it (`repair`), or the question on the terminal (`healer.cli`).
"""

import time
from functools import partial
from typing import Any

from dbos import DBOS

from healer.failure import Fact
from healer.ledger import Entry, RepairRow
from healer.workflow import plan as planning
from healer.workflow import steps
from healer.workflow.ask import UsageError
from healer.workflow.decided import Decided
from healer.workflow.durable import step
from healer.workflow.locks import merging
from healer.workflow.parts import Parts, parts
from healer.workflow.prove import prove
from healer.workflow.record import Attempted, Evidence, Examined, Proposed, Proved, Request
from healer.workflow.tell import end_incident, resolved
from quarantine.candidate import Candidate, delete_branch
from quarantine.rollback import revert, revert_branch
from quarantine.threeway import Conflict, rebase_candidate


def evidence_of(parts_: Parts, row: RepairRow) -> Evidence:
    """The repair's evidence. Raises UsageError when it is gone."""
    raw = parts_.ledger.evidence(row.id)
    if raw is None:
        raise UsageError(
            f"the evidence of repair {row.id} is gone ({row.state}); run healer fix {row.script}"
        )
    return Evidence.model_validate(raw)


def waiting(with_parts: Parts, row: RepairRow) -> Evidence:
    """The evidence of a repair that can be approved. Raises UsageError."""
    if row.state != "waiting":
        raise UsageError(f"repair {row.id} does not wait for a decision ({row.outcome})")
    evidence = evidence_of(with_parts, row)
    candidate_of(evidence)
    return evidence


def against(evidence: Evidence) -> tuple[str, ...]:
    """What the rules that say reject have found in the candidate, one sentence each."""
    attempt = candidate_of(evidence)
    return tuple(
        f"{f.path}:{f.line}: {f.reason}" for f in attempt.findings if f.severity == "reject"
    )


def candidate_of(evidence: Evidence) -> Attempted:
    """The last attempt that became a candidate. Raises UsageError without one."""
    made = [attempt for attempt in evidence.attempts if attempt.candidate]
    if not made:
        raise UsageError(
            f"repair {evidence.request.repair} has no draft to merge; repair the script by hand"
        )
    return made[-1]


@DBOS.workflow(name="approve")
def approve(raw: dict[str, Any]) -> Any:
    """Checks a waiting candidate again on today's tip, and merges it."""
    with merging(parts().repository.state_dir):
        done = _approve(raw["repair"], raw["by"], overrule=raw["overrule"])
    return done.model_dump(mode="json")


def _approve(repair: str, by: str, *, overrule: bool) -> Decided:
    with_parts = parts()
    row = with_parts.ledger.repair(repair)
    evidence = evidence_of(with_parts, row)
    attempt = candidate_of(evidence)
    found = step("today", OnTip, lambda: _on_todays_tip(evidence.request, attempt, with_parts))
    if found.conflict or found.candidate is None:
        return Decided(repair=repair, action="approve", done=False, reason=found.conflict)
    candidate = found.candidate
    request = evidence.request.model_copy(update={"base": candidate.base})
    findings = [f for f in attempt.findings if not overrule or f.severity != "reject"]
    proposed = Proposed(draft=attempt.draft, candidate=candidate, findings=tuple(findings))
    verdict = step(
        "prove", Proved, lambda: prove(request, evidence.examined, proposed, with_parts)
    ).verdict
    if verdict.kind != "fixed":
        reason = f"checked again on today's {request.target}: {verdict.sentence}"
        return Decided(repair=repair, action="approve", done=False, reason=reason)
    approved = attempt.model_copy(update={"verdict": verdict, "candidate": candidate})
    landing = step(
        "merge", steps.Landing, lambda: steps.land(request, approved, candidate, with_parts)
    )
    if not landing.merged:
        reason = landing.refused or f"{request.target} moved meanwhile; approve it again"
        return Decided(repair=repair, action="approve", done=False, reason=reason)
    return step(
        "settle",
        Decided,
        lambda: _settle(row, evidence.examined, landing, by, with_parts),
    )


class OnTip(Fact):
    """A candidate as it is on the target's tip of today."""

    candidate: Candidate | None = None
    conflict: str = ""


def _on_todays_tip(request: Request, attempt: Attempted, with_parts: Parts) -> OnTip:
    repository = with_parts.repository
    candidate = attempt.candidate
    tip = repository.tip(request.target)
    if candidate is None or tip is None:
        return OnTip(conflict=f"the target branch {request.target!r} is gone")
    if tip == candidate.base:
        return OnTip(candidate=candidate)
    rebased = rebase_candidate(repository, candidate, onto=tip)
    if isinstance(rebased, Conflict):
        return OnTip(conflict=f"it no longer applies to {request.target}: {rebased.reason}")
    return OnTip(candidate=rebased)


def _settle(
    row: RepairRow, examined: Examined, landing: steps.Landing, by: str, with_parts: Parts
) -> Decided:
    reason = f"approved by {by}, checked again and merged"
    result = row.result | {"outcome": "healed", "merged": landing.merged, "reason": reason}
    with_parts.ledger.record(
        Entry(repair=row.id, label="decision", outcome="approved", detail=f"by {by}")
    )
    with_parts.ledger.settle(row.id, "closed", "healed", result)
    resolved(row, examined.failure, reason, with_parts)
    end_incident(row.fingerprint, fixed=True, parts=with_parts)
    return Decided(
        repair=row.id,
        action="approve",
        done=True,
        reason=reason,
        merged=landing.merged,
        checkout=landing.checkout,
    )


def reject(with_parts: Parts, row: RepairRow, reason: str, by: str) -> Decided:
    """Turns a waiting fix down; the reason is shown to the next draft. The branch goes."""
    if row.state != "waiting":
        raise UsageError(f"repair {row.id} does not wait for a decision ({row.outcome})")
    evidence = with_parts.ledger.evidence(row.id)
    examined = Evidence.model_validate(evidence).examined if evidence else Examined()
    with_parts.ledger.record(
        Entry(repair=row.id, label="decision", outcome="rejected", detail=f"by {by}: {reason}")
    )
    said = f"rejected by {by}: {reason}"
    with_parts.ledger.settle(row.id, "closed", "rejected", row.result | {"reason": said})
    branch = row.result.get("branch")
    if branch:
        delete_branch(with_parts.repository, branch)
    resolved(row, examined.failure, said, with_parts)
    end_incident(row.fingerprint, fixed=False, parts=with_parts)
    return Decided(repair=row.id, action="reject", done=True, reason=said)


@DBOS.workflow(name="rollback")
def rollback(raw: dict[str, Any]) -> Any:
    """Takes a merged repair out again: a new commit, checked like any other."""
    with merging(parts().repository.state_dir):
        done = _rollback(raw["repair"], raw["by"], raw["why"], raw["when"])
    return done.model_dump(mode="json")


def _rollback(repair: str, by: str, why: str, when: int) -> Decided:
    with_parts = parts()
    row = with_parts.ledger.repair(repair)
    request = Request.model_validate(row.request)
    merged = row.result.get("merged")
    if not merged:
        return _not_rolled_back(repair, f"repair {repair} was not merged")
    take_out = partial(_reverted, request, merged, why, when, with_parts)
    found = step("revert", OnTip, take_out)
    if found.candidate is None:
        return _not_rolled_back(repair, found.conflict)
    harm = step("prove", Harm, partial(_harm_of_revert, request, found.candidate, with_parts))
    if harm.reason:
        return _not_rolled_back(repair, harm.reason)
    land = partial(steps.land_revert, request, found.candidate, when, with_parts)
    landing = step("merge", steps.Landing, land)
    if not landing.merged:
        reason = landing.refused or f"{request.target} moved meanwhile; type the command again"
        return _not_rolled_back(repair, reason)
    return step("settle", Decided, partial(_settle_rollback, row, landing, by, why, with_parts))


def _not_rolled_back(repair: str, reason: str) -> Decided:
    return Decided(repair=repair, action="rollback", done=False, reason=reason)


def _reverted(request: Request, merged: str, why: str, when: int, with_parts: Parts) -> OnTip:
    repository = with_parts.repository
    found = revert(
        repository,
        repair=request.repair,
        merged=merged,
        target=request.target,
        when=when,
        message=f"Take out repair {request.repair}\n\n{why}\n\nThis reverts commit {merged}.\n\n"
        f"Healer-Repair: {request.repair}\n",
        replaces=repository.tip(revert_branch(request.repair)),
    )
    return OnTip(conflict=found.reason) if isinstance(found, Conflict) else OnTip(candidate=found)


class Harm(Fact):
    """Why a revert must not be merged; empty when it may."""

    reason: str = ""


def _harm_of_revert(request: Request, candidate: Candidate, with_parts: Parts) -> Harm:
    """A revert brings the old failure back, so it cannot pass like a fix. It must break nothing
    else: what passes today and passed before the repair has to pass still."""
    repository, tests = with_parts.repository, with_parts.config.tests.command

    def passing(commit: str) -> set[str] | None:
        tree = repository.tree(commit)
        the_plan = planning.plan(tree, request.script, tests, None, ())
        report = with_parts.runs.run(tree, the_plan, cached=True)
        if report.fault:
            return None
        runs = [{r.node for r in each.results if r.outcome == "passed"} for each in report.tests]
        return set.intersection(*runs) if runs else set()

    before, today = passing(request.base), passing(candidate.base)
    after = passing(candidate.commit)
    if before is None or today is None or after is None:
        return Harm(reason="the sandbox could not check the revert; see healer doctor")
    lost = sorted((before & today) - after)
    if lost:
        return Harm(reason=f"later commits need the repair: without it {lost[0]} fails")
    return Harm()


def _settle_rollback(
    row: RepairRow, landing: steps.Landing, by: str, why: str, with_parts: Parts
) -> Decided:
    reason = f"taken out again by {by}: {why}"
    with_parts.ledger.record(
        Entry(repair=row.id, label=f"rollback {time.time():.0f}", outcome="reverted", detail=reason)
    )
    with_parts.ledger.settle(row.id, "closed", "reverted", row.result | {"reason": reason})
    return Decided(
        repair=row.id,
        action="rollback",
        done=True,
        reason=reason,
        merged=landing.merged,
        checkout=landing.checkout,
    )
