"""A repair's decisions as rows of the ledger: inputs, outcome, tokens, cost, duration. Pure.

Belongs here: which decisions are worth a row, and what identifies their inputs. Does not belong
here: the ledger itself (`healer.ledger`), or the people who are told (`notices`).

Money stands in the rows of calls only, so that a sum over them counts each call once.
"""

import hashlib
from collections.abc import Iterator

from healer.facts.draft import Drafts, Exchange
from healer.facts.repair import Baseline, FinishedRepair, Result
from healer.ledger.rows import Entry
from healer.redact import Redactor

LONGEST_DETAIL = 2_000


def describe_repair(end: FinishedRepair, result: Result) -> Iterator[Entry]:
    """Every decision of one repair, in order."""
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
