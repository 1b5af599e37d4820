"""Makes sure that an open repair runs, and ends one that cannot go on: none stays open for ever.

Belongs here: what becomes of a repair that another version of healer began, or that a bug has
ended. Does not belong here: how the engine finds that out (`healer.engine.durable`).
"""

from pydantic import ValidationError

from healer.engine.condition import Condition
from healer.engine.durable import Engine, StuckError
from healer.facts.progress import Progress
from healer.facts.repair import Baseline, Outcome, Request
from healer.ledger.store import Entry, RepairRow
from healer.repair.close import close, end_incident
from healer.repair.workflow import repair
from healer.services import Services
from quarantine.history import find_repair

_WHY_ANEW = {
    Condition.OUTDATED: "begun by another version of healer; begun anew",
    Condition.FAILED: "ended by a bug in healer; begun anew",
}


def start_repair(engine: Engine, row: RepairRow, services: Services) -> bool:
    """Makes sure that the open repair of `row` runs somewhere; False where it was closed instead.

    One that another version began, or that a bug ended, is begun anew with the same request, the
    latter once. What it has merged already is not done again: it is recorded.
    """
    try:
        request = Request.model_validate(row.request)
    except ValidationError as error:
        _close_unreadable(row, error, services)
        return False
    condition = engine.condition(repair, row.id)
    if condition in _WHY_ANEW:
        merged = find_repair(services.repository, request.target, row.id)
        if merged is not None:
            reason = f"the fix was merged into {request.target} before the repair was cut short"
            outcome = Outcome(outcome="healed", reason=reason, merged=merged)
            return _close(engine, request, outcome, services)
        _record(row, _WHY_ANEW[condition], services)
    try:
        engine.start(repair, row.id, request)
    except StuckError as error:
        reason = f"healer could not go on with it, which is a bug in healer: {error}"
        return _close(engine, request, Outcome(outcome="gave_up", reason=reason), services)
    return True


def _record(row: RepairRow, why: str, services: Services) -> None:
    entry = Entry(repair=row.id, label="begun anew", outcome="restarted", detail=why)
    services.ledger.record(entry)
    services.progress(Progress(repair=row.id, step="start", state="note", detail=why))


def _close(engine: Engine, request: Request, outcome: Outcome, services: Services) -> bool:
    close(request, Baseline(), [], outcome, services)
    engine.discard(request.repair)
    return False


def _close_unreadable(row: RepairRow, error: ValidationError, services: Services) -> None:
    """Its request is not one that this version reads: nothing can be done with it, or mailed."""
    first = error.errors()[0]
    where = ".".join(str(each) for each in first["loc"])
    reason = f"its request cannot be read ({where}: {first['msg']}); repair the script again"
    result = {"repair": row.id, "script": row.script, "outcome": "gave_up", "reason": reason}
    if row.fingerprint:
        end_incident(row.fingerprint, fixed=False, services=services)
    services.ledger.settle(row.id, "closed", "gave_up", result)
