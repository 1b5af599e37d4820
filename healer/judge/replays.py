"""What recorded good runs say of a fix: the same output, another one, or nothing.

Belongs here: the comparison, pure. Does not belong here: running anything
(`healer.evidence.good_runs`).
"""

import difflib
import re
from collections.abc import Iterable

from healer.failure import Fact

SHOWN_CHARS = 80
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\b\d\d:\d\d:\d\d(?:[.,]\d+)?|\b0x[0-9a-f]+|\b\d+(?:\.\d+)? ?(?:ms|s|seconds)\b",
    re.IGNORECASE,
)
"""Dates, times, durations and addresses: what differs between two runs of the same code."""


class Replay(Fact):
    """One good run of the past, made again on the unfixed and on the fixed tree."""

    run: str
    """Its command and day, for a person."""
    recorded: str
    """What it printed then; at most the last 64 KiB."""
    before: str | None
    """What the unfixed tree prints for it; None: it fails."""
    after: str | None
    """What the fixed tree prints for it; None: it fails."""
    does_the_same: bool = False
    """The fixed tree also writes, sends and mails what was recorded."""


class ReplayComparison(Fact):
    """What all replays say together. One that differs outweighs all that do not."""

    same: bool | None = None
    """None: nothing can be told."""
    restored: bool = False
    """One that fails on the unfixed tree gives again exactly what was recorded, in all that it
    does; a job that prints nothing says nothing of its values."""
    difference: str = ""
    """The first difference in one line."""


def compare_replays(replays: Iterable[Replay]) -> ReplayComparison:
    """What the recorded good runs say of the fix."""
    every = tuple(replays)
    answers = [(same, detail) for same, detail in map(_compare_one, every) if same is not None]
    differences = [detail for same, detail in answers if not same]
    if differences:
        return ReplayComparison(same=False, difference=differences[0])
    is_restored = any(
        each.before is None
        and each.after == each.recorded
        and each.does_the_same
        and bool(each.recorded.strip())
        for each in every
    )
    return ReplayComparison(same=True if answers else None, restored=is_restored)


def _compare_one(replay: Replay) -> tuple[bool | None, str]:
    before, after, record = replay.before, replay.after, replay.recorded
    if after is None:
        return (None, "") if before is None else (False, f"{replay.run}: it fails now")
    if after in (record, before):
        return True, ""
    expected = record if before is None else before
    # Where the unfixed tree no longer prints what was recorded, time or chance has a part in it.
    if before != record and _MOMENT.sub("*", after) == _MOMENT.sub("*", expected):
        return None, ""
    return False, f"{replay.run}: {_first_difference(expected, after)}"


def _first_difference(expected: str, text: str) -> str:
    lines = difflib.unified_diff(expected.splitlines(), text.splitlines(), n=0, lineterm="")
    changes = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    old = next((line[1:] for line in changes if line[0] == "-"), "(nothing)")
    new = next((line[1:] for line in changes if line[0] == "+"), "(nothing)")
    if old == new or not changes:
        return "only white space at line ends differs"
    return f"{old.strip()[:SHOWN_CHARS]!r} became {new.strip()[:SHOWN_CHARS]!r}"
