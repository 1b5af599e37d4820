"""Taking a commit's change back, whole or hunk by hunk, in a text that has gone on since.

Belongs here: texts only. Does not belong here: reading history (`History` is asked for it).
"""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

COMMITS = 5
"""How far back the commit that began a failure is looked for, among those that changed a file."""
_CONTEXT = 2


@dataclass(frozen=True)
class FileCommit:
    """What one commit did to one file."""

    commit: str
    before: str
    after: str


class History(Protocol):
    """What commits did to a file."""

    def list_commits(self, path: str, base: str, count: int) -> tuple[FileCommit, ...]:
        """The last commits up to `base` that changed the file, newest first; the one that made the
        file is left out."""


class _Hunk(NamedTuple):
    """Lines with a little around them to find their place by."""

    after: list[str]
    before: list[str]


def revert(current: str, commit: FileCommit) -> Iterator[str]:
    """The current text without one hunk of the commit, for each; then without all of them.

    A hunk whose lines are not found exactly once any more stays.
    """
    whole, count = current, 0
    hunks = list(_split_hunks(commit))
    for hunk in hunks:
        text = _take_back(current, hunk)
        if text is None:
            continue
        if len(hunks) > 1:
            yield text
        further = _take_back(whole, hunk)
        if further is not None:
            whole, count = further, count + 1
    if count:
        yield whole


def find_changed_lines(commit: FileCommit) -> frozenset[int]:
    """The 1-based lines of the newer text that the commit wrote."""
    old, new = commit.before.splitlines(), commit.after.splitlines()
    blocks = difflib.SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes()
    return frozenset(
        line + 1 for kind, _, _, low, high in blocks if kind != "equal" for line in range(low, high)
    )


def _split_hunks(commit: FileCommit) -> Iterator[_Hunk]:
    old, new = commit.before.splitlines(keepends=True), commit.after.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            above, below = new[max(0, c - _CONTEXT) : c], new[d : d + _CONTEXT]
            yield _Hunk([*above, *new[c:d], *below], [*above, *old[a:b], *below])


def _take_back(text: str, hunk: _Hunk) -> str | None:
    lines, count = text.splitlines(keepends=True), len(hunk.after)
    starts = [i for i in range(len(lines) - count + 1) if lines[i : i + count] == hunk.after]
    if len(starts) != 1 or not hunk.after:
        return None
    (start,) = starts
    return "".join([*lines[:start], *hunk.before, *lines[start + count :]])
