"""The last step: what came of the repair is recorded, and a person is told where one is due.

Belongs here: from the facts of a repair to its `Result`, its ledger rows (which decisions are worth
one, and what identifies their inputs), and the end of its incident. Does not belong here: which
notice is due (`notices`), and what people decide later (`approve`, `rollback`).

Money stands in the rows of calls only, so that a sum over them counts each call once.
"""

import hashlib
from collections.abc import Iterator

from healer.engine.locks import hold_closing_lock
from healer.facts.draft import Drafts, Exchange
from healer.facts.printed import attempt_printed, failure_printed
from healer.facts.repair import (
    Baseline,
    Dossier,
    FinishedRepair,
    Outcome,
    Request,
    Result,
)
from healer.facts.states import STATE_AFTER
from healer.failure import Failure
from healer.ledger.rows import Entry
from healer.redact import Redactor
from healer.repair.ends import find_other_end
from healer.repair.incident_events import EVENT_OF, end_incident, take_records_along
from healer.repair.notices import Mailing, notify_of_end
from healer.repair.provenance import describe_statement
from healer.repair.publish import publish_branch
from healer.repair.pull_request import offer
from healer.repair.waiting_copies import keep_copy
from healer.services import Services

LONGEST_DETAIL = 2_000


def describe_repair(
    end: FinishedRepair, result: Result, statement: tuple[Entry, ...] = ()
) -> Iterator[Entry]:
    """Every decision of one repair, in order; its outcome comes last, after the merge's statement
    where there is one."""
    request, baseline = end.request, end.baseline
    fingerprint = baseline.failure.fingerprint if baseline.failure else ""
    yield Entry(
        repair=request.repair,
        kind="examine",
        outcome=_outcome_of_baseline(baseline),
        detail=baseline.reason,
        inputs=digest(request.base, request.script, *request.command, fingerprint),
        seconds=baseline.report.seconds,
    )
    for number, drafts in enumerate(end.rounds, 1):
        yield Entry(
            repair=request.repair,
            kind="draft",
            number=number,
            outcome=_outcome_of_round(drafts),
            detail=drafts.reason,
            drafter=", ".join(dict.fromkeys(draft.drafter for draft in drafts.candidates)),
            inputs=digest(request.base, fingerprint, *(e.prompt for e in drafts.exchanges)),
            seconds=drafts.spent.seconds,
        )
    for number, exchange in enumerate(end.exchanges, 1):
        yield describe_call(request.repair, number, exchange)
    for number, attempt in enumerate(end.attempts, 1):
        yield Entry(
            repair=request.repair,
            kind="attempt",
            number=number,
            outcome=attempt.verdict.kind,
            detail=attempt.verdict.sentence,
            drafter=attempt.draft.drafter,
            inputs=attempt.candidate.tree if attempt.candidate else "",
            seconds=attempt.report.seconds if attempt.report else 0.0,
        )
    yield from statement
    yield Entry(
        repair=request.repair,
        kind="outcome",
        outcome="budget" if result.stopped_by_budget else result.outcome,
        detail=result.reason,
        drafter=result.drafter or "",
        inputs=request.base,
        seconds=result.seconds,
    )


def describe_call(repair: str, number: int, exchange: Exchange) -> Entry:
    """One call to a model, which has the money."""
    cost = exchange.spent
    return Entry(
        repair=repair,
        kind="call",
        number=number,
        outcome="useless" if exchange.problem else "answered",
        detail=exchange.problem,
        drafter=exchange.model,
        purpose=exchange.purpose,
        inputs=digest(exchange.prompt),
        tokens_in=cost.tokens_in,
        tokens_out=cost.tokens_out,
        cost_usd=cost.cost_usd,
        cost_known=cost.cost_known,
        seconds=cost.seconds,
    )


def redact_entry(entry: Entry, redactor: Redactor) -> Entry:
    """The row as it may be kept: without secrets, of bounded length."""
    return entry.model_copy(update={"detail": redactor.text(entry.detail)[:LONGEST_DETAIL]})


def digest(*inputs: str) -> str:
    """Identifies what a decision was made from: 16 hexadecimal digits."""
    whole = "\0".join(inputs).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:16]


def _outcome_of_baseline(baseline: Baseline) -> str:
    if baseline.healthy:
        return "healthy"
    return baseline.stop or ("reproduced" if baseline.reproduced else "not seen")


def _outcome_of_round(drafts: Drafts) -> str:
    if drafts.candidates:
        return f"{len(drafts.candidates)} drafts" if len(drafts.candidates) > 1 else "1 draft"
    if drafts.stopped_by_budget:
        return "budget"
    return (drafts.refusal or "none")[:16]


def close(end: FinishedRepair, services: Services) -> Result:
    """Records the end, queues the mail before it is sent, and gives the result.

    Where the end was recorded before a crash, that is the result. Where another repair of the
    incident has come to wait for a person since this one looked, this one does not wait, too.
    """
    request = end.request
    row = services.ledger.repair(request.repair)
    result = row.result if row.state != "open" else None
    fingerprint = _incident_of(end)
    if result is None:
        services.fleet.require(request.repair)
        with (
            hold_closing_lock(services.repository.state_dir, fingerprint),
            services.ledger.hold_incident(fingerprint),
        ):
            result = _record(_yield_to_waiting(end, services), services)
    if request.pull_request and result.outcome == "review" and result.branch:
        result = offer(services.ledger.repair(request.repair), services)
    fix_commit = result.merged or ""
    if fingerprint and not result.waiting_repair:  # else it waits as before
        script = "" if result.outcome == "healthy" else request.script
        end_incident(
            fingerprint,
            EVENT_OF[result.outcome],
            services,
            reason=result.reason,
            repair=request.repair,
            script=script,
        )
        take_records_along(fingerprint, fix_commit, services)
    keep_copy(request.repair, services)
    return result


def _incident_of(end: FinishedRepair) -> str:
    """What was recorded, else what its own checks showed; empty where nothing failed."""
    failure = _find_failure(end)
    return failure.fingerprint if failure else ""


def _find_failure(end: FinishedRepair) -> Failure | None:
    return end.request.failure or end.baseline.failure


def _yield_to_waiting(end: FinishedRepair, services: Services) -> FinishedRepair:
    """The same; but one that would be the second of its incident to wait ends as the first's."""
    if STATE_AFTER[end.outcome.kind] != "waiting" or end.request.proposal:
        return end
    other = find_other_end(end.request, _find_failure(end), services).outcome
    return end.model_copy(update={"outcome": other}) if other else end


def _record(end: FinishedRepair, services: Services) -> Result:
    last, outcome = end.shown_attempt, end.outcome
    is_offered = STATE_AFTER[outcome.kind] == "waiting" and end.request.merge
    branch_status = publish_branch(
        last.candidate if last and is_offered else None,
        services,
        is_asked=end.request.pull_request,
    )
    mailing = notify_of_end(end, services)
    result = _result(end, mailing, services.clock.now()).model_copy(
        update={"pushed": branch_status, "reason": services.redactor.text(outcome.reason)}
    )
    dossier = Dossier(
        request=end.request,
        baseline=end.baseline,
        attempts=end.attempts,
        fruitless=tuple(e for drafts in end.fruitless_rounds for e in drafts.exchanges),
    )
    statement = describe_statement(result.repair, outcome.merged, services)
    entries = describe_repair(end, result, statement)
    services.ledger.finish(
        result,
        entries=[redact_entry(entry, services.redactor) for entry in entries],
        dossier=dossier,
    )
    return result


def _failure_of(end: FinishedRepair) -> Failure | None:
    """As it was seen in the sandbox, or else as it was recorded; none where nothing is broken."""
    if end.baseline.failure or end.baseline.healthy:
        return end.baseline.failure
    return end.request.failure


def _result(end: FinishedRepair, mailing: Mailing, now: float) -> Result:
    request, outcome, last = end.request, end.outcome, end.shown_attempt
    candidate, cost = last.candidate if last else None, end.cost
    return Result(
        repair=request.repair,
        script=request.script,
        outcome=outcome.kind,
        reason=outcome.reason,
        failure=failure_printed(_failure_of(end)),
        base=request.base,
        branch=candidate.branch if candidate else None,
        commit=candidate.commit if candidate else None,
        merged=outcome.merged or None,
        drafter=last.draft.drafter if last else None,
        attempts=tuple(attempt_printed(attempt) for attempt in end.attempts),
        checks=last.verdict.checks if last else (),
        missing=last.verdict.reasons if last and outcome.kind == "review" else (),
        question=outcome.question,
        checkout=outcome.checkout,
        is_proved=outcome.is_proved,
        mail=mailing.status,
        mail_kept=mailing.is_kept,
        next_step=outcome.next_step or _next_step(request, outcome),
        stopped_by_budget=outcome.stopped_by_budget,
        exhausted_budget=outcome.exhausted_budget,
        waiting_repair=outcome.waiting_repair,
        cost_usd=cost.cost_usd,
        cost_known=cost.cost_known,
        seconds=max(0.0, now - request.opened_at),
    )


def _next_step(request: Request, outcome: Outcome) -> str:
    if outcome.question:
        return f"healer answer {request.repair}"
    if outcome.kind == "review":
        return f"healer show {request.repair}, then healer approve or reject it"
    if outcome.kind == "unjudged":
        return "healer doctor, then the same command again"
    return ""
