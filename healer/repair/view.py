"""From the ledger's rows and evidence to the facts that every view of a repair shares. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import cast, get_args

from healer.facts.repair import Attempt, Dossier
from healer.judge import Check
from healer.ledger.store import Entry, RepairRow
from healer.render.clean import one_line
from healer.render.notice import CheckRow
from healer.render.shown import AttemptShown, Mark, RepairShown, State

_ELSEWHERE = ("attempt", "call", "draft", "examine")
"""Rows of the ledger that a repair's page shows in other places."""


def shown(
    row: RepairRow, evidence: Dossier | None, history: Iterable[Entry], watched: str = ""
) -> RepairShown:
    """One repair as people see it; without evidence (pruned) only what the ledger keeps."""
    result = row.result
    attempts = evidence.attempts if evidence else ()
    last = next((a for a in reversed(attempts) if a.candidate), None)
    fixed = last is not None and last.verdict.kind == "fixed"
    ended = None if row.state == "open" else datetime.fromtimestamp(row.updated_at, UTC)
    return RepairShown(
        repair=row.id,
        script=row.script,
        state=_state(row),
        opened_at=datetime.fromtimestamp(row.created_at, UTC),
        ended_at=ended,
        reason=str(result.get("reason", "")),
        watched=watched,
        failure=evidence.examined.failure if evidence else None,
        base=str(row.request.get("base", "")),
        branch=str(result.get("branch") or ""),
        commit=str(result.get("commit") or ""),
        merged=str(result.get("merged") or ""),
        attempts=tuple(_attempt(attempt) for attempt in attempts),
        marks=_marks(last),
        against=_against(last),
        strength=("strong" if last.verdict.strong else "weak") if last and fixed else "",
        missing=last.verdict.reasons if last else (),
        cost_usd=float(result.get("cost_usd", 0.0)),
        cost_known=bool(result.get("cost_known", True)),
        history=tuple(_event(entry) for entry in history if not entry.label.startswith(_ELSEWHERE)),
    )


def _state(row: RepairRow) -> State:
    if row.state == "open":
        return "running"
    if row.state == "waiting":
        return "review"
    outcome = row.outcome or "unjudged"
    return cast(State, outcome) if outcome in get_args(State) else "unjudged"


def _attempt(attempt: Attempt) -> AttemptShown:
    return AttemptShown(
        drafter=attempt.draft.drafter,
        verdict=f"{attempt.verdict.kind}: {attempt.verdict.sentence}",
        cause=attempt.draft.cause,
        diff=attempt.candidate.diff if attempt.candidate else "",
        checks=tuple(check_row(check) for check in attempt.verdict.checks),
        tokens_in=attempt.spent.tokens_in,
        tokens_out=attempt.spent.tokens_out,
        cost_usd=attempt.spent.cost_usd,
        seconds=attempt.spent.seconds,
    )


def check_row(check: Check) -> CheckRow:
    """A check as every view shows it."""
    return CheckRow(
        name=check.name, status=check.status, detail=check.detail, seconds=check.seconds
    )


def _marks(last: Attempt | None) -> tuple[Mark, ...]:
    if last is None:
        return ()
    found = [Mark(path=f.path, line=f.line, reason=f.reason) for f in last.findings]
    if last.protected and last.candidate:
        paths = (path for path in last.candidate.paths if f"{path} is protected" in last.protected)
        found += [Mark(path=path, line=0, reason="protected") for path in paths]
    return tuple(found)


def _against(last: Attempt | None) -> tuple[str, ...]:
    found = last.findings if last else ()
    return tuple(f"{f.path}:{f.line}: {f.reason}" for f in found if f.severity == "reject")


_EVENTS = ("outcome", "approval", "rejection", "decision", "rollback", "relapse", "probation")
"""Steps of the ledger that are told as history: what came of it, and what people did."""
_DETAIL_SHOWN = 120


def _is_event(entry: Entry) -> bool:
    return entry.label.split(" ")[0] in _EVENTS


def _event(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{when} {entry.outcome}: {one_line(entry.detail, _DETAIL_SHOWN)}"
