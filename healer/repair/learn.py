"""What the memory takes from closed repairs.

Belongs here: from the ledger's rows and evidence to lessons. Does not belong here: finding them
again (`healer.memory`). The ledger is the truth and the memory its index: whatever a crash left
out is learnt the next time.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from healer.facts.states import RepairOutcome
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
from healer.memory.patterns import Episode
from healer.memory.store import Lesson, Memory, Vector, words_of
from healer.redact import Redactor

LESSONS: Mapping[RepairOutcome, Literal["worked", "rejected", "reverted", "failed"]] = {
    "healed": "worked",
    "rejected": "rejected",
    "reverted": "reverted",
    "gave_up": "failed",
}
"""What is learnt of a repair that ended so; of the others nothing is."""
MOST_AT_ONCE = 200
"""Repairs that are learnt in one go; the rest the next time."""


def catch_up(
    ledger: Ledger,
    memory: Memory,
    redactor: Redactor,
    vector_of: Callable[[str], Vector | None] = lambda _: None,
) -> None:
    """Learns every repair that ended, or was decided on, since the last time."""
    for row in ledger.closed_since(memory.read_latest_end())[:MOST_AT_ONCE]:
        lesson = _lesson(row, ledger, redactor)
        if lesson is not None:
            memory.learn(lesson, vector_of(lesson.failure))


def _lesson(row: RepairRow, ledger: Ledger, redactor: Redactor) -> Lesson | None:
    if row.result and row.result.waiting_repair:
        return None  # it tried nothing
    outcome = LESSONS.get(row.outcome) if row.outcome else None
    dossier = ledger.dossier(row.id) if outcome else None
    failure = dossier.baseline.failure if dossier else None
    if outcome is None or dossier is None or failure is None:
        return None
    last = dossier.last_candidate
    return Lesson(
        repair=row.id,
        script=row.script,
        fingerprint=failure.fingerprint,
        failure=redactor.text(words_of(failure)),
        diff=last.candidate.diff if last and last.candidate else "",
        draft=last.draft.model_dump_json() if last and outcome == "worked" else "",
        outcome=outcome,
        why="" if outcome == "worked" else redactor.text(row.reason),
        at=row.updated_at,
    )


def episodes(ledger: Ledger, redactor: Redactor, since: float) -> Iterator[Episode]:
    """Every repair that was closed after `since`, oldest first, as patterns are drawn from it."""
    for row in ledger.closed_since(since):
        failure = row.result.failure if row.result else None
        yield Episode(
            repair=row.id,
            script=row.script,
            fingerprint=failure.fingerprint if failure else "",
            kind=failure.type if failure else "",
            place=f"{failure.file}:{failure.line}".strip(":") if failure else "",
            outcome=row.outcome,
            drafter=(row.result.drafter or "") if row.result else "",
            reason=redactor.text(row.reason),
        )
