"""What a decision needs of a repair, and the sentence where it is missing.

Belongs here: refusals that come before anything is done. Does not belong here: the decisions
(`approve`, `rollback`).
"""

from healer.facts.errors import UsageError
from healer.facts.question import Question
from healer.facts.repair import Attempt, Dossier, Request
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
from healer.services import Services


def require_request(row: RepairRow) -> Request:
    """What the repair was to do. Raises UsageError where that cannot be read."""
    if row.request is None:
        raise UsageError(
            f"the request of repair {row.id} cannot be read, for another version of healer wrote "
            f"it; run healer fix {row.script}"
        )
    return row.request


def require_dossier(services: Services, row: RepairRow) -> Dossier:
    """The repair's evidence. Raises UsageError when it is gone."""
    dossier = services.ledger.dossier(row.id)
    if dossier is None:
        raise UsageError(
            f"the evidence of repair {row.id} is gone ({row.outcome_or_state}); "
            f"run healer fix {row.script}"
        )
    return dossier


def require_candidate(dossier: Dossier) -> Attempt:
    """The last attempt that became a candidate. Raises UsageError without one."""
    attempt = dossier.last_candidate
    if attempt is None:
        raise UsageError(
            f"repair {dossier.request.repair} has no draft to merge; repair the script by hand"
        )
    return attempt


def require_waiting(row: RepairRow) -> None:
    """Raises UsageError unless the repair waits for a person."""
    if row.state != "waiting":
        raise UsageError(explain_not_waiting(row))


def require_none_waiting(ledger: Ledger, request: Request) -> None:
    """One incident has one thing that waits for a person. Raises UsageError, with what goes on with
    it, where the recorded failure's incident has it already."""
    row = find_waiting(ledger, request, request.failure)
    if row is not None:
        raise UsageError(f"{explain_waiting(row)}; {name_next_step(row)}")


def find_waiting(ledger: Ledger, request: Request, failure: Failure | None) -> RepairRow | None:
    """Another repair of this failure's incident that waits for a person, on the same branch; None
    without one."""
    for row in ledger.repairs("waiting") if failure else ():
        is_its = row.request is None or row.request.target == request.target
        if failure and row.incident == failure.fingerprint and is_its and row.id != request.repair:
            return row
    return None


def explain_waiting(row: RepairRow) -> str:
    """Why no second repair of its incident is begun."""
    return f"repair {row.id} of the same incident waits for a person ({row.reason})"


def name_next_step(row: RepairRow) -> str:
    """What goes on with a repair that waits for a person."""
    decide = f"healer approve {row.id} or " if row.has_draft else ""
    if row.result and row.result.question:
        decide = f"healer answer {row.id} or "
    return (
        f"look at it with healer show {row.id}, then {decide}healer reject {row.id} --reason TEXT; "
        "once it is rejected, the same command begins anew"
    )


def require_question(ledger: Ledger, row: RepairRow) -> Question:
    """What the repair waits to be told. Raises UsageError where it asks nothing."""
    answers = [each for each in ledger.entries(row.id) if each.kind == "answer"]
    if row.state != "waiting" and answers:
        raise UsageError(
            f"repair {row.id} was answered already ({answers[-1].detail}), and is "
            f"{row.outcome_or_state} since"
        )
    require_waiting(row)
    dossier = ledger.dossier(row.id)
    last = dossier.last_candidate if dossier else None
    if last is None or last.question is None:
        since = f" any more ({answers[-1].detail})" if answers else ""
        raise UsageError(
            f"repair {row.id} asks nothing{since}; healer show {row.id} says what it waits for"
        )
    return last.question


def explain_not_waiting(row: RepairRow) -> str:
    """Why nothing can be decided on a repair."""
    return f"repair {row.id} does not wait for a decision ({row.outcome_or_state})"
