"""The last step: what came of the repair is recorded, and a person is told where one is due.

Belongs here: from the facts of a repair to its `Result`, its ledger rows, and the end of its
incident. Does not belong here: which notice is due (`notices`), and what people decide later
(`approve`, `rollback`).
"""

import time

from healer.facts.repair import (
    Dossier,
    FinishedRepair,
    Outcome,
    Request,
    Result,
    attempt_printed,
    failure_printed,
)
from healer.facts.states import STATE_AFTER
from healer.repair.ledger_entries import describe_repair, redact_entry
from healer.repair.notices import Mailing, notify_of_end
from healer.repair.publish import publish_branch
from healer.services import Services


def close(end: FinishedRepair, services: Services) -> Result:
    """Records the end, queues the mail before it is sent, and gives the result.

    Where the end was recorded before a crash, that is the result.
    """
    request = end.request
    row = services.ledger.repair(request.repair)
    result = row.result if row.state != "open" else None
    if result is None:
        result = _record(end, services)
    if request.failure and STATE_AFTER[result.outcome] != "waiting":
        is_fixed = result.outcome == "healed"
        end_incident(request.failure.fingerprint, is_fixed=is_fixed, services=services)
    return result


def end_incident(fingerprint: str, *, is_fixed: bool, services: Services) -> None:
    """The incident is over, or rests before it is tried again."""
    services.incidents.end_repair(
        fingerprint, is_fixed=is_fixed, now=time.time(), cooldown_s=services.config.watch.cooldown_s
    )


def _record(end: FinishedRepair, services: Services) -> Result:
    last, outcome = end.shown_attempt, end.outcome
    is_offered = STATE_AFTER[outcome.kind] == "waiting" and end.request.merge
    branch_status = publish_branch(last.candidate if last and is_offered else None, services)
    mailing = notify_of_end(end, services)
    result = _result(end, mailing).model_copy(
        update={"pushed": branch_status, "reason": services.redactor.text(outcome.reason)}
    )
    dossier = Dossier(
        request=end.request,
        baseline=end.baseline,
        attempts=end.attempts,
        fruitless=tuple(e for drafts in end.fruitless_rounds for e in drafts.exchanges),
    )
    entries = describe_repair(end, result)
    services.ledger.finish(
        result,
        entries=[redact_entry(entry, services.redactor) for entry in entries],
        dossier=dossier,
    )
    return result


def _result(end: FinishedRepair, mailing: Mailing) -> Result:
    request, outcome, last = end.request, end.outcome, end.shown_attempt
    candidate, cost = last.candidate if last else None, end.cost
    return Result(
        repair=request.repair,
        script=request.script,
        outcome=outcome.kind,
        reason=outcome.reason,
        failure=failure_printed(end.baseline.failure),
        base=request.base,
        branch=candidate.branch if candidate else None,
        commit=candidate.commit if candidate else None,
        merged=outcome.merged or None,
        drafter=last.draft.drafter if last else None,
        attempts=tuple(attempt_printed(attempt) for attempt in end.attempts),
        checks=last.verdict.checks if last else (),
        missing=last.verdict.reasons if last and outcome.kind == "review" else (),
        checkout=outcome.checkout,
        mail=mailing.status,
        mail_kept=mailing.is_kept,
        next_step=outcome.next_step or _next_step(request, outcome),
        stopped_by_budget=outcome.stopped_by_budget,
        exhausted_budget=outcome.exhausted_budget,
        cost_usd=cost.cost_usd,
        cost_known=cost.cost_known,
        seconds=max(0.0, time.time() - request.opened_at),
    )


def _next_step(request: Request, outcome: Outcome) -> str:
    if outcome.kind == "review":
        return f"healer show {request.repair}, then healer approve or reject it"
    if outcome.kind == "unjudged":
        return "healer doctor, then the same command again"
    return ""
