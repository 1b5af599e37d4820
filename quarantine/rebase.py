"""A change made on one commit, carried over to another: by objects, file by file, or not at all.

Belongs here: what the change is on the other commit, and where it meets somebody else's. Does not
belong here: commits and branches.

We do it file by file with `git merge-file`, and not with git's own merge machinery: that needs a
working tree (or git 2.38), follows renames by guess, and runs merge drivers from configuration.
A fix whose file was renamed or removed meanwhile is a conflict, and a person sees it.
"""

import tempfile
from pathlib import Path

from quarantine.candidate import Candidate, changed_entries, write_candidate
from quarantine.errors import NothingChanges, UnsafePath
from quarantine.facts import Fact
from quarantine.git import NOBODY, Git
from quarantine.repository import Repository
from quarantine.tree import FILE_MODES, Entry


class Conflict(Fact):
    """The change cannot be carried over; nothing was written."""

    reason: str
    """One sentence."""
    paths: tuple[str, ...] = ()
    """Where it meets other changes, sorted."""


def rebase_candidate(
    repository: Repository, candidate: Candidate, *, onto: str
) -> Candidate | Conflict:
    """The same fix on the commit `onto`, to be checked again; its branch follows.

    Message and time are the candidate's, so a repeated step gives the same commit.
    """
    tip = repository.resolve(onto)
    if tip == candidate.base:
        return candidate
    changes = carry(repository, base=candidate.base, commit=candidate.commit, onto=tip)
    if isinstance(changes, Conflict):
        return changes
    old = repository.objects.read_commit(candidate.commit)
    return write_or_conflict(
        repository, base=tip, changes=changes, branch=candidate.branch, message=old.message,
        when=old.committed_at, replaces=candidate.commit, author=old.author,
    )  # fmt: skip


def write_or_conflict(
    repository: Repository,
    *,
    base: str,
    changes: dict[str, bytes | None],
    branch: str,
    message: str,
    when: int,
    replaces: str | None = None,
    author: str = NOBODY,
) -> Candidate | Conflict:
    """`write_candidate`, where a change that has no place on `base` is a conflict."""
    try:
        return write_candidate(
            repository, base=base, changes=changes, branch=branch, message=message, when=when,
            replaces=replaces, author=author,
        )  # fmt: skip
    except NothingChanges:
        return Conflict(reason=f"Commit {base[:12]} has this change already.")
    except UnsafePath as error:
        return Conflict(reason=str(error), paths=(error.path,))


def carry(
    repository: Repository, *, base: str, commit: str, onto: str
) -> dict[str, bytes | None] | Conflict:
    """What the step from `base` to `commit` means for `onto`: new contents, or None for removed.

    Paths that `onto` has as `commit` already are left out.
    """
    before, now = repository.tree(base), repository.tree(onto)
    contents: dict[str, bytes | None] = {}
    conflicts: list[str] = []
    for path, target in changed_entries(repository, base, commit).items():
        was, here = before.entry(path), now.entry(path)
        if here == target:
            continue
        if here == was and _same_kind(was, target):
            contents[path] = None if target is None else repository.objects.read_blob(target.oid)
            continue
        content = _merge_file(repository, was, target, here)
        if content is None:
            conflicts.append(path)
        elif here is None or content != repository.objects.read_blob(here.oid):
            contents[path] = content
    if conflicts:
        paths = tuple(sorted(conflicts))
        return Conflict(
            reason=f"{', '.join(paths)} changed in the same place since {base[:12]}.", paths=paths
        )
    return contents


def _same_kind(was: Entry | None, target: Entry | None) -> bool:
    """Whether only a content changes: candidates write plain files and keep modes."""
    if target is not None and target.mode not in FILE_MODES:
        return False
    return was is None or target is None or was.mode == target.mode


def _merge_file(
    repository: Repository, was: Entry | None, target: Entry | None, here: Entry | None
) -> bytes | None:
    """Both changes of one file together; None when they meet, or are more than text."""
    if was is None or target is None or here is None:
        return None
    if not was.mode == target.mode == here.mode or was.mode not in FILE_MODES:
        return None
    with tempfile.TemporaryDirectory(prefix="healer-") as folder:
        for name, entry in (("ours", here), ("base", was), ("theirs", target)):
            (Path(folder) / name).write_bytes(repository.objects.read_blob(entry.oid))
        code, out, _ = Git(None, cwd=Path(folder)).ask(
            "merge-file", "-p", "--quiet", "ours", "base", "theirs"
        )
    return out if code == 0 else None
