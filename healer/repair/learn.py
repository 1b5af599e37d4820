"""What the memory takes from closed repairs.

Belongs here: from the ledger's rows and evidence to lessons. Does not belong here: finding them
again (`healer.memory`). The ledger is the truth and the memory its index: whatever a crash left
out is learnt the next time.
"""

from collections.abc import Callable, Iterator

from healer.facts.repair import Attempt, Dossier
from healer.ledger.store import Ledger, RepairRow
from healer.memory.patterns import Episode
from healer.memory.store import Lesson, Memory, Vector, words_of
from healer.redact import Redactor

OUTCOMES = {
    "healed": "worked",
    "rejected": "rejected",
    "reverted": "reverted",
    "gave_up": "failed",
}
MOST_AT_ONCE = 200
"""Repairs that are learnt in one go; the rest the next time."""


def catch_up(
    ledger: Ledger,
    memory: Memory,
    redactor: Redactor,
    vector_of: Callable[[str], Vector | None] = lambda _: None,
) -> None:
    """Learns every repair that ended, or was decided on, since the last time."""
    for row in ledger.settled_since(memory.latest())[:MOST_AT_ONCE]:
        lesson = _lesson(row, ledger, redactor)
        if lesson is not None:
            memory.learn(lesson, vector_of(lesson.failure))


def _lesson(row: RepairRow, ledger: Ledger, redactor: Redactor) -> Lesson | None:
    outcome = OUTCOMES.get(row.outcome)
    raw = ledger.evidence(row.id) if outcome else None
    if raw is None:
        return None
    evidence = Dossier.model_validate(raw)
    failure = evidence.examined.failure
    last = _last(evidence)
    if failure is None:
        return None
    return Lesson.model_validate(
        {
            "repair": row.id,
            "script": row.script,
            "fingerprint": failure.fingerprint,
            "failure": redactor.text(words_of(failure)),
            "diff": last.candidate.diff if last and last.candidate else "",
            "draft": last.draft.model_dump_json() if last and outcome == "worked" else "",
            "outcome": outcome,
            "why": "" if outcome == "worked" else redactor.text(str(row.result.get("reason", ""))),
            "at": row.updated_at,
        }
    )


def _last(evidence: Dossier) -> Attempt | None:
    made = [attempt for attempt in evidence.attempts if attempt.candidate]
    return made[-1] if made else None


def episodes(ledger: Ledger, redactor: Redactor, since: float) -> Iterator[Episode]:
    """Every repair that was closed after `since`, oldest first, as patterns are drawn from it."""
    for row in ledger.settled_since(since):
        failure = row.result.get("failure") or {}
        yield Episode(
            repair=row.id,
            script=row.script,
            fingerprint=str(failure.get("fingerprint", "")),
            kind=str(failure.get("type", "")),
            place=f"{failure.get('file', '')}:{failure.get('line', '')}".strip(":"),
            outcome=row.outcome,
            drafter=str(row.result.get("drafter") or ""),
            reason=redactor.text(str(row.result.get("reason", ""))),
        )
