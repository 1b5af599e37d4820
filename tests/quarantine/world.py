"""A repository with people at work in it, and what healer may change there: the invariants.

Belongs here: looking at everything that is a person's, and comparing two looks. Does not belong
here: what happens in between (`test_interleavings`).
"""

import hashlib
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from git.index.fun import read_cache

from tests.support.git import git

Entries = dict[str, tuple[str, str]]
"""Mode and blob id by path."""

OURS = (".healer-", "healer-lock-", "index.healer")
_PROGRESS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply",
             "sequencer", "BISECT_LOG")  # fmt: skip


@dataclass(frozen=True)
class Fix:
    """What healer may do to files: from the base's content to the candidate's."""

    base: str
    commit: str
    tree: str


@dataclass
class Checkout:
    """All that is a person's in one checkout."""

    head: str
    """HEAD, as it is written."""
    commit: str
    files: dict[str, tuple[int, str]]
    """Mode and blob id of what lies on disk, by path."""
    index: dict[tuple[str, int], tuple[int, str]]
    in_progress: tuple[str, ...]
    busy_with: str
    """The branch that the operation in progress will move or return to."""
    locked: bool
    left_over: tuple[str, ...]
    """Files of healer's own."""


@dataclass
class Look:
    """All that is a person's in the repository."""

    refs: dict[str, str]
    """Every branch and tag but quarantine branches."""
    stash: str
    checkouts: dict[str, Checkout] = field(default_factory=dict)


def blob(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def look(root: Path, places: list[Path]) -> Look:
    """Everything as it is now, read from git's files without starting git."""
    common = root / ".git"
    found = Look(_refs(common), _text(common / "logs/refs/stash"))
    for place in places:
        if place.exists():
            own = common if place == root else common / "worktrees" / place.name
            found.checkouts[place.name] = _checkout(place, own, found.refs)
    return found


def _checkout(place: Path, own: Path, refs: dict[str, str]) -> Checkout:
    files: dict[str, tuple[int, str]] = {}
    left = [each.name for each in own.iterdir() if any(sign in each.name for sign in OURS)]
    for folder, folders, names in os.walk(place):
        folders[:] = [each for each in folders if each != ".git"]
        for name in names:
            path = Path(folder) / name
            if any(sign in name for sign in OURS):
                left.append(name)
            elif name != ".git":
                mode = path.lstat().st_mode
                content = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
                files[str(path.relative_to(place))] = (mode, blob(content))
    head = _text(own / "HEAD").strip()
    started = ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START")
    busy = next((text for name in started if (text := _text(own / name).strip())), head[5:])
    commit = refs.get(head.removeprefix("ref: "), "") if head.startswith("ref: ") else head
    return Checkout(
        head=head, commit=commit, files=files, index=_index(own / "index"),
        in_progress=tuple(name for name in _PROGRESS if (own / name).exists()),
        busy_with=busy.removeprefix("refs/heads/"),
        locked=(own / "index.lock").exists(), left_over=tuple(sorted(left)),
    )  # fmt: skip


def _index(path: Path) -> dict[tuple[str, int], tuple[int, str]]:
    if not path.exists():
        return {}
    with path.open("rb") as stream:
        _, entries, _, _ = read_cache(stream)
    return {(str(name), stage): (e.mode, e.hexsha) for (name, stage), e in entries.items()}


def _refs(common: Path) -> dict[str, str]:
    refs: dict[str, str] = {}
    for line in _text(common / "packed-refs").splitlines():
        if not line.startswith(("#", "^")):
            oid, name = line.split(" ")
            refs[name] = oid
    for folder, _, names in os.walk(common / "refs"):
        for name in names:
            path = Path(folder) / name
            refs[str(path.relative_to(common))] = _text(path).strip()
    ours = ("refs/heads/quarantine/", "refs/healer/")
    return {name: oid for name, oid in refs.items() if not name.startswith(ours) and oid}


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""


@cache
def tree_of(root: Path, commit: str) -> Entries:
    """A commit's files; a commit never changes, so each is asked for once."""
    if not commit:
        return {}
    rows = git(root, "ls-tree", "-r", "-z", commit).split("\0")
    found: Entries = {}
    for row in rows:
        facts, _, path = row.partition("\t")
        if path:
            mode, _, oid = facts.split(" ")
            found[path] = (mode, oid)
    return found


def parent_and_tree(root: Path, commit: str) -> tuple[list[str], str]:
    parents, _, tree = git(root, "show", "-s", "--format=%P|%T", commit).partition("|")
    return parents.split(), tree


def check(root: Path, before: Look, after: Look, *, fixes: list[Fix], unfinished: bool) -> None:
    """The invariants of one thing that healer did: nothing of a person's is lost or disturbed.

    `fixes` are those that it may have merged, or gone on merging. `unfinished`: a merge was killed
    and not repeated yet, or is under way, so that a checkout may be anywhere between old and new.
    """
    check_branches(root, before, after, fixes)
    assert after.stash == before.stash, "the stash changed"
    assert after.checkouts.keys() == before.checkouts.keys()
    for name, then in before.checkouts.items():
        now = after.checkouts[name]
        assert now.head == then.head, "HEAD changed"
        assert now.in_progress == then.in_progress, "a person's operation was disturbed"
        if before.refs.get("refs/heads/main") != after.refs.get("refs/heads/main"):
            assert not (then.in_progress and then.busy_with == "main"), "main moved in the middle"
        if unfinished:
            check_between(root, then, now, fixes)
        else:
            check_followed(root, then, now)


def check_branches(root: Path, before: Look, after: Look, fixes: list[Fix]) -> None:
    """Only main moves, and only from a fix's base by one commit that has the checked tree."""
    assert {**after.refs, "refs/heads/main": ""} == {**before.refs, "refs/heads/main": ""}
    old, new = before.refs.get("refs/heads/main"), after.refs.get("refs/heads/main")
    if old != new:
        assert old
        assert new
        parents, tree = parent_and_tree(root, new)
        assert parents == [old], "main moved by more than one commit"
        assert (old, tree) in {(fix.base, fix.tree) for fix in fixes}, "an unchecked tree"


def check_followed(root: Path, then: Checkout, now: Checkout) -> None:
    """What was clean is clean on the new commit; what was not has not changed at all."""
    old, new = tree_of(root, then.commit), tree_of(root, now.commit)
    moved = {path for path in {*old, *new} if old.get(path) != new.get(path)}
    for path in {*then.files, *now.files, *moved}:
        was, is_now = then.files.get(path), now.files.get(path)
        if path not in moved:
            assert is_now == was, f"{path} changed"
        else:
            assert (was and was[1]) == content(old, path), f"{path} was dirty, and main moved"
            assert (is_now and is_now[1]) == content(new, path), f"{path} did not follow"
            assert not (was and is_now) or was[0] == is_now[0], f"{path} has another mode"
    for key in {*then.index, *now.index, *((path, 0) for path in moved)}:
        if key[0] not in moved:
            assert now.index.get(key) == then.index.get(key), f"{key} changed in the index"
        else:
            assert staged(then, key) == old.get(key[0]), f"{key} was staged, and main moved"
            assert staged(now, key) == new.get(key[0]), f"{key} did not follow in the index"


def check_between(root: Path, then: Checkout, now: Checkout, fixes: list[Fix]) -> None:
    """A file or index entry goes from a fix's old to its new content, or stays as it is.

    One call may end an earlier fix and then merge the next one, so such steps may be chained.
    """
    steps = [(tree_of(root, fix.base), tree_of(root, fix.commit)) for fix in fixes]
    for path in {*then.files, *now.files}:
        was, is_now = then.files.get(path), now.files.get(path)
        if was != is_now:
            contents = [(content(old, path), content(new, path)) for old, new in steps]
            ends = reachable(was and was[1], contents)
            assert (is_now and is_now[1]) in ends, f"{path} was lost"
    for key in {*then.index, *now.index}:
        if staged(then, key) != staged(now, key):
            entries = [(old.get(key[0]), new.get(key[0])) for old, new in steps]
            assert staged(now, key) in reachable(staged(then, key), entries), f"{key} was lost"


def reachable(start: object, steps: Sequence[tuple[object, object]]) -> list[object]:
    """Where a chain of steps leads from `start`, the steps in their order; `start` is left out."""
    ends: list[object] = []
    for old, new in steps:
        if old == start or old in ends:
            ends.append(new)
    return ends


def content(tree: Entries, path: str) -> str | None:
    return tree[path][1] if path in tree else None


def staged(checkout: Checkout, key: tuple[str, int]) -> tuple[str, str] | None:
    entry = checkout.index.get(key)
    return (f"{entry[0]:06o}", entry[1]) if entry else None


def person(place: Path, *arguments: str) -> bool:
    """A person's git command, which may fail: whether it did not."""
    try:
        git(place, *arguments)
    except AssertionError:
        return False
    return True


def copy(template: Path, target: Path) -> None:
    """A repository's copy, times and all, so that git's index believes it."""
    subprocess.run(["cp", "-a", str(template), str(target)], check=True)
