"""The memory as drafters use it: similar incidents for a prompt, and an earlier fix to try first.

Belongs here: the small adapters between the memory and the drafters, and what a prompt is told of
an incident. Does not belong here: ranking (`healer.memory`), learning (`healer.repair.learn`).
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from pydantic import ValidationError

from healer.draft.edits import EditRefused, apply, fingerprint
from healer.facts.draft import Case, Draft, Drafts, Edit, Exchange, Source, list_tried_edits
from healer.failure import Fact, Failure
from healer.memory.store import Lesson, Memory, Vector, words_of

MOST_TRIED_AGAIN = 2
"""Earlier fixes of one failure that are tried; what did not hold twice is no fix."""


class Incident(Fact):
    """A similar failure of earlier, and what came of its fix."""

    failure: str
    """One or two lines: exception, place."""
    diff: str
    worked: bool
    """False: the fix was rejected or taken out again."""
    why: str = ""
    """Why it did not work, where that is known."""


class SimilarIncidents(Fact):
    """What the memory says, and the calls to an endpoint that it made for it."""

    incidents: tuple[Incident, ...] = ()
    exchanges: tuple[Exchange, ...] = ()


class IncidentMemory(Protocol):
    """What was learnt earlier."""

    def find_similar(self, repair: str, failure: Failure, limit: int) -> SimilarIncidents:
        """The nearest incidents, best first; what it costs is of this repair."""


class NoIncidentMemory:
    """Where nothing was learnt yet."""

    def find_similar(self, repair: str, failure: Failure, limit: int) -> SimilarIncidents:
        del repair, failure, limit
        return SimilarIncidents()


class LessonMemory:
    """Similar incidents, by words and (where `embed` gives a vector) by meaning."""

    def __init__(
        self,
        memory: Memory,
        embed: Callable[[str, str], Vector | None],
        take_exchanges: Callable[[], list[Exchange]],
    ) -> None:
        """`embed` is given a repair and a text; `take_exchanges` gives what that has cost up to
        now, and forgets it."""
        self._memory, self._embed, self._take_exchanges = memory, embed, take_exchanges

    def find_similar(self, repair: str, failure: Failure, limit: int) -> SimilarIncidents:
        """The nearest incidents, best first."""
        vector = self._embed(repair, words_of(failure))
        lessons = self._memory.find_similar(failure, limit, vector)
        return SimilarIncidents(
            incidents=tuple(map(_to_incident, lessons)), exchanges=tuple(self._take_exchanges())
        )


def _to_incident(lesson: Lesson) -> Incident:
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
        """The earlier fixes that still fit the base commit, the newest first; at most two."""
        changes = {_fingerprint(edits, source) for edits in list_tried_edits(case)}
        drafts: list[Draft] = []
        for lesson in self._memory.find_fixes(case.failure.fingerprint):
            draft = _to_draft(lesson)
            change = _fingerprint(draft.edits, source) if draft else None
            if draft and change and change not in changes:
                changes.add(change)
                drafts.append(draft)
        return Drafts(candidates=tuple(drafts[:MOST_TRIED_AGAIN]))


def _to_draft(lesson: Lesson) -> Draft | None:
    try:
        draft = Draft.model_validate_json(lesson.draft)
    except ValidationError:
        return None  # an earlier version wrote it
    update = {"drafter": "rules", "rule": f"the fix of repair {lesson.repair}", "doubt": ""}
    return draft.model_copy(update=update | {"regression_test": None})


def _fingerprint(edits: Iterable[Edit], source: Source) -> str | None:
    """None where the edits do not fit."""
    try:
        return fingerprint(apply(edits, source))
    except EditRefused:
        return None
