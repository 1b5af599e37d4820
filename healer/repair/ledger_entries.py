"""A repair's decisions as rows of the ledger: inputs, outcome, tokens, cost, duration. Pure.

Belongs here: which decisions are worth a row, and what identifies their inputs. Does not belong
here: the ledger itself, or the people who are told (`tell`).

Money stands in the rows of calls only, so that a sum over them counts each call once.
"""

import hashlib
from collections.abc import Iterator, Sequence

from healer.facts.draft import Drafts, Exchange
from healer.facts.repair import Attempt, Baseline, Request, Result
from healer.ledger.store import Entry
from healer.redact import Redactor

LONGEST_DETAIL = 2_000


def entries(
    request: Request,
    examined: Baseline,
    attempts: Sequence[Attempt],
    rounds: Sequence[Drafts],
    result: Result,
) -> Iterator[Entry]:
    """Every decision of one repair, in order."""
    fingerprint = examined.failure.fingerprint if examined.failure else ""
    yield Entry(
        repair=request.repair,
        label="examine",
        outcome=_examined_as(examined),
        detail=examined.reason,
        inputs=digest(request.base, request.script, *request.command, fingerprint),
        seconds=examined.baseline.seconds,
    )
    for number, drafts in enumerate(rounds, 1):
        yield Entry(
            repair=request.repair,
            label=f"draft {number}",
            outcome=_drafted_as(drafts),
            detail=drafts.reason,
            drafter=", ".join(dict.fromkeys(draft.drafter for draft in drafts.candidates)),
            inputs=digest(request.base, fingerprint, *(e.prompt for e in drafts.exchanges)),
            seconds=drafts.spent.seconds,
        )
    for number, exchange in enumerate(_calls(attempts, rounds), 1):
        yield call(request.repair, number, exchange)
    for number, attempt in enumerate(attempts, 1):
        yield Entry(
            repair=request.repair,
            label=f"attempt {number}",
            outcome=attempt.verdict.kind,
            detail=attempt.verdict.sentence,
            drafter=attempt.draft.drafter,
            inputs=attempt.candidate.tree if attempt.candidate else "",
            seconds=attempt.report.seconds if attempt.report else 0.0,
        )
    yield Entry(
        repair=request.repair,
        label="outcome",
        outcome="budget" if result.stopped_by_budget else result.outcome,
        detail=result.reason,
        drafter=result.drafter or "",
        inputs=request.base,
        seconds=result.seconds,
    )


def redacted(entry: Entry, redactor: Redactor) -> Entry:
    """The row as it may be kept: without secrets, of bounded length."""
    return entry.model_copy(update={"detail": redactor.text(entry.detail)[:LONGEST_DETAIL]})


def digest(*inputs: str) -> str:
    """Identifies what a decision was made from: 16 hexadecimal digits."""
    whole = "\0".join(inputs).encode("utf-8", "surrogatepass")
    return hashlib.sha256(whole).hexdigest()[:16]


def _examined_as(examined: Baseline) -> str:
    if examined.healthy:
        return "healthy"
    return examined.stop or ("reproduced" if examined.reproduced else "not seen")


def _drafted_as(drafts: Drafts) -> str:
    if drafts.candidates:
        return f"{len(drafts.candidates)} drafts" if len(drafts.candidates) > 1 else "1 draft"
    if drafts.stopped_by_budget:
        return "budget"
    return (drafts.refusal or "none")[:16]


def _calls(attempts: Sequence[Attempt], rounds: Sequence[Drafts]) -> Iterator[Exchange]:
    """All calls to models: those of rounds with candidates are kept with their first attempt."""
    for attempt in attempts:
        yield from attempt.exchanges
    for drafts in rounds:
        if not drafts.candidates:
            yield from drafts.exchanges


def call(repair: str, number: int, exchange: Exchange) -> Entry:
    """One call to a model, which has the money."""
    spent = exchange.spent
    return Entry(
        repair=repair,
        label=f"call {number}",
        outcome="useless" if exchange.problem else "answered",
        detail=exchange.problem,
        drafter=exchange.model,
        inputs=digest(exchange.prompt),
        tokens_in=spent.tokens_in,
        tokens_out=spent.tokens_out,
        cost_usd=spent.cost_usd,
        cost_known=spent.cost_known,
        seconds=spent.seconds,
    )
