"""What a branch's move means for one checkout: steps, or the reason why nothing may be done.

Belongs here: looking, and rules of when a person's work would be in danger. Does not belong here:
doing it (`locked_checkout`). Nothing here writes.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from quarantine.candidate import changed_entries
from quarantine.checkout.files import OnDisk, look, temporary_name, with_crlf
from quarantine.checkout.worktrees import Worktree
from quarantine.facts import Fact
from quarantine.git import Git
from quarantine.repository import Repository
from quarantine.tree import FILE_MODES, Entry

_CONVERTING: Final = ("filter", "working-tree-encoding", "ident")
"""Attributes under which a file on disk is not the bytes that git keeps."""
_OUTSIDE_SPARSE: Final = "S"


class LeftAlone(Fact):
    """A checkout cannot follow, so the branch must not move. Nothing was changed."""

    reason: str
    """One sentence with the next step."""


@dataclass(frozen=True)
class Change:
    """What a move of the branch means for one path: entries and contents, None where absent."""

    path: str
    before: Entry | None
    after: Entry | None
    old: bytes | None
    new: bytes | None


@dataclass(frozen=True)
class Step:
    """What is to be done about one path in one checkout."""

    change: Change
    there: OnDisk
    skip_worktree: bool
    """git's mark of a path outside a sparse checkout; it is kept."""
    assume_unchanged: bool
    """git's mark of a path that it need not look at; it is kept."""
    content: bytes | None
    """What the file must hold: the new content, with the line ends that it has here."""
    temporary: str
    """The name under which that content waits."""
    on_disk: bool
    """Whether the file has still to change."""
    kept: bool = False
    """A person changed the file since the branch moved: only its index entry follows."""


def changes_between(repository: Repository, old: str, new: str) -> list[Change]:
    """Every path that differs between two commits."""
    before = repository.tree(old)
    entries = changed_entries(repository, old, new)
    pairs = {path: (before.entry(path), after) for path, after in entries.items()}
    oids = [e.oid for pair in pairs.values() for e in pair if e and e.mode in FILE_MODES]
    contents: Mapping[str, bytes] = repository.objects.read_blobs(oids)
    return [
        Change(
            path, was, now,
            contents.get(was.oid) if was else None,
            contents.get(now.oid) if now else None,
        )
        for path, (was, now) in pairs.items()
    ]  # fmt: skip


def explain_operation(worktree: Worktree) -> str:
    """What a person is in the middle of in a checkout, and what to do; empty where nothing."""
    operation = worktree.in_progress
    return f"In {worktree.root} {operation} is in progress; end it." if operation else ""


def plan(
    worktree: Worktree, changes: list[Change], *, has_moved: bool = False
) -> list[Step] | LeftAlone:
    """What is to be done in one checkout, or why nothing may be.

    `has_moved`: the branch has moved already. Then each path follows as far as it can: one in which
    a person did something since keeps what they did, and the others must not stay behind for it.
    """
    operation = explain_operation(worktree)
    if operation:
        return LeftAlone(reason=operation)
    git = Git(worktree.git_dir, worktree.root)
    paths = [change.path for change in changes]
    filtered_paths = _find_filtered(git, paths)
    index = _read_index(git, paths)
    steps: list[Step] = []
    for change in changes:
        there = look(worktree.root, change.path)
        tag, entries = index.get(change.path, ("", []))
        is_outside = tag.upper() == _OUTSIDE_SPARSE and there.kind == "absent"
        why = _why_not(change, entries, filtered_paths)
        why_here = "" if is_outside else _why_not_here(change, there)
        if (why or why_here) and not has_moved:
            return LeftAlone(reason=f"{change.path} in {worktree.root} {why or why_here}.")
        if not why:
            step = _step(change, there, tag, is_outside=is_outside)
            steps.append(replace(step, on_disk=False, kept=True) if why_here else step)
    return steps


def _why_not(change: Change, entries: list[Entry], filtered_paths: set[str]) -> str:
    """Why this path cannot follow, as far as git's own records tell; empty when it can."""
    sides = [[entry] if entry else [] for entry in (change.before, change.after)]
    if any(entry.mode not in FILE_MODES for side in sides for entry in side):
        return "is no plain file in both commits; update the checkout by hand"
    if change.path in filtered_paths:
        return "passes through a filter of git's (LFS, encoding); update the checkout by hand"
    if entries not in sides:
        return "has staged changes; commit or unstage them"
    return ""


def _why_not_here(change: Change, there: OnDisk) -> str:
    """Why this path cannot follow, as far as the disk tells; empty when it can."""
    if there.kind not in ("file", "absent"):
        return f"is {there.kind} here; put the file back"
    if there.file_content not in (*forms(change.old), *forms(change.new)):
        if change.before is None:
            return "lies there untracked; move it away"
        return "has uncommitted changes; commit or stash them"
    if there.status is not None and os.geteuid() not in (0, there.status.st_uid):
        return "belongs to another user; run healer as that user"
    return ""


def forms(content: bytes | None) -> tuple[bytes | None, ...]:
    """How a committed content may lie on disk without being anybody's own work."""
    return (content,) if content is None else (content, with_crlf(content))


def _step(change: Change, there: OnDisk, tag: str, *, is_outside: bool) -> Step:
    crlf = there.file_content is not None and there.file_content not in (change.old, change.new)
    content = with_crlf(change.new) if crlf and change.new is not None else change.new
    return Step(
        change=change, there=there, content=content, temporary=temporary_name(change.path),
        skip_worktree=tag.upper() == _OUTSIDE_SPARSE, assume_unchanged=tag.islower(),
        on_disk=not is_outside and there.file_content not in forms(change.new),
    )  # fmt: skip


def _find_filtered(git: Git, paths: list[str]) -> set[str]:
    """Those paths whose files git would not write as it keeps them."""
    out = git.run(
        "check-attr", "-z", "--stdin", *_CONVERTING,
        stdin="".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape"),
    )  # fmt: skip
    fields = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    answers = zip(fields[::3], fields[2::3], strict=True)
    return {path for path, value in answers if value not in ("unspecified", "unset")}


def _read_index(git: Git, paths: list[str]) -> dict[str, tuple[str, list[Entry]]]:
    """git's tag and the entries (several while in conflict) that the index has for each path."""
    out = git.run("ls-files", "-z", "-v", "--stage", "--", *paths)
    index: dict[str, tuple[str, list[Entry]]] = {}
    for line in out.decode("utf-8", "surrogateescape").split("\0")[:-1]:
        facts, _, path = line.partition("\t")
        tag, mode, oid, _ = facts.split(" ")
        index.setdefault(path, (tag, []))[1].append(Entry(mode, oid))
    return index
