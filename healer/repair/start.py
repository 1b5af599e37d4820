"""Makes sure that an open repair runs, and ends one that cannot go on: none stays open for ever.

Belongs here: what becomes of a repair that another version of healer began, or that a bug has
ended. Does not belong here: how the engine finds that out (`healer.engine.durable`).
"""

from healer.engine.condition import Condition
from healer.engine.durable import Engine, StuckError
from healer.facts.progress import Progress
from healer.facts.repair import FinishedRepair, Outcome, Request, Result
from healer.ledger.rows import Entry, RepairRow
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
    request = row.request
    if request is None:
        _close_unreadable(row, services)
        engine.discard(row.id)
        return False
    condition = engine.condition(repair, row.id)
    if condition in _WHY_ANEW:
        fix_commit = find_repair(services.repository, request.target, row.id)
        if fix_commit is not None:
            reason = f"the fix was merged into {request.target} before the repair was cut short"
            outcome = Outcome(kind="healed", reason=reason, merged=fix_commit)
            return _close(engine, request, outcome, services)
        _record_restart(row, _WHY_ANEW[condition], services)
    try:
        engine.start(repair, row.id, request)
    except StuckError as error:
        reason = f"healer could not go on with it, which is a bug in healer: {error}"
        return _close(engine, request, Outcome(kind="gave_up", reason=reason), services)
    return True


def _record_restart(row: RepairRow, why: str, services: Services) -> None:
    number = services.ledger.count_entries(row.id, "restart") + 1
    entry = Entry(repair=row.id, kind="restart", number=number, outcome="restarted", detail=why)
    services.ledger.record(entry)
    services.progress(Progress(repair=row.id, step="start", state="note", detail=why))


def _close(engine: Engine, request: Request, outcome: Outcome, services: Services) -> bool:
    close(FinishedRepair(request=request, outcome=outcome), services)
    engine.discard(request.repair)
    return False


def _close_unreadable(row: RepairRow, services: Services) -> None:
    """Its request is not one that this version reads: nothing can be done with it, or mailed."""
    reason = "its request cannot be read, for another version wrote it; repair the script again"
    result = Result(repair=row.id, script=row.script, outcome="gave_up", reason=reason)
    if row.fingerprint:
        end_incident(row.fingerprint, is_fixed=False, services=services)
    services.ledger.settle(row.id, "gave_up", result)
