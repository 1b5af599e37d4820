"""Taking a commit's change back, whole or hunk by hunk, in a text that has gone on since.

Belongs here: texts only. Does not belong here: reading history (`History` is asked for it).
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

COMMITS = 5
"""How far back the commit that began a failure is looked for, among those that changed a file."""
_CONTEXT = 2


@dataclass(frozen=True)
class Step:
    """What one commit did to one file."""

    commit: str
    before: str
    after: str


class History(Protocol):
    """What commits did to a file."""

    def steps(self, path: str, base: str, count: int) -> tuple[Step, ...]:
        """The last commits up to `base` that changed the file, newest first; the one that made the
        file is left out."""


def taken_back(current: str, step: Step) -> Iterator[str]:
    """The current text without one hunk of the step, for each; then without all of them.

    A hunk whose lines are not found exactly once any more stays.
    """
    whole, count = current, 0
    hunks = list(_hunks(step))
    for new, old in hunks:
        text = _replaced_once(current, new, old)
        if text is not None:
            if len(hunks) > 1:
                yield text
            further = _replaced_once(whole, new, old)
            whole, count = (whole, count) if further is None else (further, count + 1)
    if count:
        yield whole


def changed_lines(step: Step) -> frozenset[int]:
    """The 1-based lines of the newer text that the step wrote."""
    mine, theirs = step.before.splitlines(), step.after.splitlines()
    blocks = difflib.SequenceMatcher(a=mine, b=theirs, autojunk=False).get_opcodes()
    return frozenset(
        line + 1 for kind, _, _, low, high in blocks if kind != "equal" for line in range(low, high)
    )


def _hunks(step: Step) -> Iterator[tuple[list[str], list[str]]]:
    """Lines after and lines before, with a little around them to find their place by."""
    old, new = step.before.splitlines(keepends=True), step.after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            above, below = new[max(0, c - _CONTEXT) : c], new[d : d + _CONTEXT]
            yield [*above, *new[c:d], *below], [*above, *old[a:b], *below]


def _replaced_once(text: str, new: list[str], old: list[str]) -> str | None:
    lines = text.splitlines(keepends=True)
    places = [i for i in range(len(lines) - len(new) + 1) if lines[i : i + len(new)] == new]
    if len(places) != 1 or not new:
        return None
    start = places[0]
    return "".join([*lines[:start], *old, *lines[start + len(new) :]])
