"""The memory as drafters use it: similar incidents for a prompt, and an earlier fix to try first.

Belongs here: the small adapters between the memory, the ledger and the drafters. Does not belong
here: ranking (`healer.memory`), learning (`healer.repair.learn`).
"""

from collections.abc import Callable, Iterable

from pydantic import ValidationError

from healer.draft.edits import EditRefused, apply, fingerprint
from healer.draft.llm.prompts.background import Incident, Recalled
from healer.facts.draft import Case, Draft, Drafts, Edit, Exchange, Source, tried
from healer.failure import Failure
from healer.memory.store import Lesson, Memory, Vector, words_of

MOST_TRIED_AGAIN = 2
"""Earlier fixes of one failure that are tried; what did not hold twice is no fix."""


class Recall:
    """Similar incidents, by words and (where `vector_of` gives one) by meaning."""

    def __init__(
        self,
        memory: Memory,
        vector_of: Callable[[str, str], Vector | None],
        calls: Callable[[], list[Exchange]],
    ) -> None:
        """`vector_of` is given a repair and a text; `calls` gives what that has cost up to now,
        and forgets it."""
        self._memory, self._vector_of, self._calls = memory, vector_of, calls

    def similar(self, repair: str, failure: Failure, limit: int) -> Recalled:
        """The nearest incidents, best first."""
        vector = self._vector_of(repair, words_of(failure))
        lessons = self._memory.similar(failure, limit, vector)
        return Recalled(
            incidents=tuple(_incident(lesson) for lesson in lessons), exchanges=tuple(self._calls())
        )


def _incident(lesson: Lesson) -> Incident:
    return Incident(
        failure=lesson.failure.partition("\n")[0] + f" in {lesson.script}",
        diff=lesson.diff,
        worked=lesson.outcome == "worked",
        why=lesson.why,
    )


class EarlierFix:
    """Drafts what healed exactly this failure before; it is checked like any other draft."""

    name = "memory"

    def __init__(self, memory: Memory) -> None:
        self._memory = memory

    def draft(self, case: Case, source: Source) -> Drafts:
        """The earlier fixes that still fit the base commit, the newest first."""
        changes = {_change(edits, source) for edits in tried(case)}
        drafts: list[Draft] = []
        for lesson in self._memory.fixes(case.failure.fingerprint):
            draft = _draft_of(lesson)
            change = _change(draft.edits, source) if draft else None
            if draft and change and change not in changes:
                changes.add(change)
                drafts.append(draft)
        return Drafts(candidates=tuple(drafts[:MOST_TRIED_AGAIN]))


def _draft_of(lesson: Lesson) -> Draft | None:
    try:
        draft = Draft.model_validate_json(lesson.draft)
    except ValidationError:
        return None  # an earlier version wrote it
    changes = {"drafter": "rules", "rule": f"the fix of repair {lesson.repair}", "doubt": ""}
    return draft.model_copy(update=changes | {"regression_test": None})


def _change(edits: Iterable[Edit], source: Source) -> str | None:
    try:
        return fingerprint(apply(edits, source))
    except EditRefused:
        return None
