"""Why a repair ends without a fix that was judged.

Belongs here: from the baseline, a round that brought nothing, or another repair of the incident to
an outcome. Does not belong here: what follows from a verdict (`workflow`), and recording it
(`close`).
"""

from healer.facts.draft import Drafts
from healer.facts.repair import Baseline, Outcome, Request
from healer.failure import Fact, Failure
from healer.repair.refusals import explain_waiting, find_waiting, name_next_step
from healer.services import Services

NO_ENDPOINT = "healer doctor says whether the endpoint answers; then the same command again"


def end_before_drafting(baseline: Baseline) -> Outcome | None:
    """What the baseline alone says; None where there is something to draft for."""
    if baseline.healthy:
        return Outcome(kind="healthy", reason=baseline.reason)
    if baseline.stop is None:
        return None
    return Outcome(
        kind=baseline.stop,
        reason=baseline.reason,
        next_step=baseline.next_step,
        protected=baseline.protected,
    )


def end_without_candidates(drafts: Drafts, tries: str) -> Outcome:
    """The end of a repair for which a round brought nothing to try; `tries` begins its reason."""
    if drafts.stopped_by_budget:
        return Outcome(
            kind="gave_up",
            reason=f"stopped by budget: {drafts.reason}",
            stopped_by_budget=True,
            exhausted_budget=drafts.exhausted_budget,
        )
    if drafts.refusal:
        reason = f"{drafts.refusal.replace('_', ' ')}: {drafts.reason}"
        return Outcome(kind="escalated", reason=reason)
    next_step = NO_ENDPOINT if drafts.unavailable else ""
    return Outcome(kind="gave_up", reason=tries + drafts.reason, next_step=next_step)


class OtherEnd(Fact):
    """What a repair ends as, where another of its incident waits for a person."""

    outcome: Outcome | None = None


def find_other_end(request: Request, failure: Failure | None, services: Services) -> OtherEnd:
    """The end of a repair of this failure; none where no other of its incident waits."""
    row = find_waiting(services.ledger, request, failure)
    if row is None:
        return OtherEnd()
    return OtherEnd(
        outcome=Outcome(
            kind="gave_up",
            reason=explain_waiting(row),
            next_step=name_next_step(row),
            waiting_repair=row.id,
        )
    )
