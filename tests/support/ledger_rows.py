"""Repairs in a ledger without having been run: for tests of what reads the ledger."""

from typing import Any

from healer.facts.repair import Dossier, Request, Result
from healer.facts.states import RepairOutcome
from healer.failure import Failure
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger

SCRIPT = "scripts/a.py"


def request_of(repair: str = "r1", script: str = SCRIPT, **fields: Any) -> Request:
    """A request to repair `script`."""
    known: dict[str, Any] = {"repair": repair, "script": script, "target": "main", "base": "b" * 40}
    return Request.model_validate(known | fields)


def failure_of(fingerprint: str, script: str = SCRIPT) -> Failure:
    """A recorded failure of which only the incident matters."""
    return Failure(id=f"id-{fingerprint}", script=script, source="run", fingerprint=fingerprint)


def result_of(request: Request, outcome: str = "review", **fields: Any) -> Result:
    """A result; the outcome of one that a person decided on is that of before."""
    known: dict[str, Any] = {
        "repair": request.repair,
        "script": request.script,
        "outcome": {"rejected": "review", "reverted": "healed"}.get(outcome, outcome),
        "reason": f"it was {outcome}",
        "merged": "c" * 40 if outcome in ("healed", "reverted") else None,
    }
    return Result.model_validate(known | fields)


def add_repair(
    ledger: Ledger,
    outcome: RepairOutcome | None = None,
    *,
    request: Request | None = None,
    dossier: Dossier | None = None,
    **result: Any,
) -> RepairRow:
    """A repair that came to this outcome by the states that lead to it; None leaves it open.

    There is no evidence of it where no dossier is given.
    """
    request = request or request_of()
    ledger.open_repair(request, key=request.repair)
    if outcome is None:
        return ledger.repair(request.repair)
    first: dict[RepairOutcome, RepairOutcome] = {"rejected": "review", "reverted": "healed"}
    ended = result_of(request, first.get(outcome, outcome), **result)
    if dossier is None:
        ledger.settle(request.repair, ended.outcome, ended)
    else:
        ledger.finish(ended, entries=(), dossier=dossier)
    if outcome in first:
        ledger.settle(request.repair, outcome, ended)
    return ledger.repair(request.repair)


def add_ends(ledger: Ledger, *outcomes: RepairOutcome, name: str = "r") -> None:
    """Repairs of other scripts that came to these outcomes: r0, r1, …"""
    for number, outcome in enumerate(outcomes):
        add_repair(ledger, outcome, request=request_of(f"{name}{number}", f"jobs/{number}.py"))
