"""From the ledger's rows and evidence to the facts that every view of a repair shares. Pure.

Belongs here: what people are shown of one repair. Does not belong here: how it looks
(`healer.render`), or lists of many (`healer.cli.rows`).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal

from healer.facts.repair import Attempt, Dossier
from healer.judge import Check
from healer.ledger.rows import Entry, EntryKind, RepairRow
from healer.render.clean import one_line
from healer.render.notice import CheckRow
from healer.render.repair_view import AttemptView, Mark, RepairView, State

_SHOWN_ELSEWHERE: frozenset[EntryKind] = frozenset(
    {"attempt", "call", "draft", "examine", "statement"}
)
"""Steps that a repair's page shows in other places than its history, or that are for `healer
verify` alone."""
_LONGEST_DETAIL = 120


def view_repair(
    row: RepairRow, dossier: Dossier | None, history: Iterable[Entry], probation: str = ""
) -> RepairView:
    """One repair as people see it; without evidence (pruned) only what the ledger keeps."""
    result = row.result
    last = dossier.last_candidate if dossier else None
    question = last.question if last and row.state == "waiting" else None
    return RepairView(
        repair=row.id,
        script=row.script,
        incident=row.incident,
        state=_state(row),
        opened_at=datetime.fromtimestamp(row.created_at, UTC),
        ended_at=None if row.state == "open" else datetime.fromtimestamp(row.updated_at, UTC),
        reason=" ".join(filter(None, (dossier.baseline.origin if dossier else "", row.reason))),
        unseen=dossier.baseline.difference if dossier else "",
        watched=probation,
        failure=dossier.baseline.failure if dossier else None,
        base=row.request.base if row.request else "",
        branch=row.branch,
        has_draft=row.has_draft,
        commit=(result.commit or "") if result else "",
        merged=row.fix_commit,
        attempts=tuple(_attempt(attempt) for attempt in dossier.attempts) if dossier else (),
        marks=_marks(last),
        against=list_objections(last),
        question=question.sentence if question else "",
        choices=tuple(each.outcome for each in question.choices) if question else (),
        strength=_strength(last),
        missing=last.verdict.reasons if last else (),
        cost_usd=result.cost_usd if result else 0.0,
        cost_known=result.cost_known if result else True,
        history=tuple(_line(entry) for entry in history if entry.kind not in _SHOWN_ELSEWHERE),
    )


def check_row(check: Check) -> CheckRow:
    """A check as every view shows it."""
    return CheckRow(
        name=check.name, status=check.status, detail=check.detail, seconds=check.seconds
    )


def list_objections(attempt: Attempt | None) -> tuple[str, ...]:
    """What the rules that say reject have found in the candidate, one sentence each."""
    findings = attempt.findings if attempt else ()
    return tuple(f"{f.path}:{f.line}: {f.reason}" for f in findings if f.severity == "reject")


def _state(row: RepairRow) -> State:
    if row.state == "open":
        return "running"
    return "review" if row.state == "waiting" else row.outcome or "unjudged"


def _strength(last: Attempt | None) -> Literal["", "strong", "weak"]:
    if last is None or last.verdict.kind != "fixed":
        return ""
    return "strong" if last.verdict.strong else "weak"


def _attempt(attempt: Attempt) -> AttemptView:
    return AttemptView(
        drafter=attempt.draft.drafter,
        verdict=f"{attempt.verdict.kind}: {attempt.verdict.sentence}",
        cause=attempt.draft.cause,
        diff=attempt.candidate.diff if attempt.candidate else "",
        checks=tuple(check_row(check) for check in attempt.verdict.checks),
        tokens_in=attempt.spent.tokens_in,
        tokens_out=attempt.spent.tokens_out,
        cost_usd=attempt.spent.cost_usd,
        seconds=attempt.spent.seconds,
        is_pin=bool(attempt.draft.pins) and attempt.verdict.kind == "fixed",
    )


def _marks(last: Attempt | None) -> tuple[Mark, ...]:
    if last is None:
        return ()
    findings = [Mark(path=f.path, line=f.line, reason=f.reason) for f in last.findings]
    protections = [Mark(path=path, line=0, reason="protected") for path in last.protected_paths]
    return (*findings, *protections)


def _line(entry: Entry) -> str:
    when = datetime.fromtimestamp(entry.at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return f"{when} {entry.outcome}: {one_line(entry.detail, _LONGEST_DETAIL)}"
