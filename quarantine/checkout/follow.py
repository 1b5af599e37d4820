"""A checkout follows its branch: the touched files, whole, and their places in the index.

Belongs here: whether checkouts may follow a move of their branch, and doing it. Does not belong
here: moving the branch (`merge`).

The order is `hold` (lock each index, look at everything under the lock, write the new files
beside the old ones), then the caller moves the branch, then `Hold.apply` (renames only). The lock
keeps git out of the checkout in between, and what it says lets `hold` or `follow` finish after a
crash. Only touched files are looked at: whatever else is changed, staged, stashed or open stays.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from quarantine.checkout.files import (
    copy_attributes,
    give_like,
    look,
    put,
    sync_folder,
    write_temporary,
)
from quarantine.checkout.index_lock import IndexLock, Journal, is_held
from quarantine.checkout.plan import Change, LeftAlone, Step, changes_between, forms, plan
from quarantine.checkout.worktrees import Worktree, worktrees
from quarantine.errors import RepositoryError
from quarantine.facts import Fact
from quarantine.git import Git
from quarantine.repository import Repository

__all__ = [
    "Followed",
    "Hold",
    "LeftAlone",
    "can_follow",
    "checkouts_of",
    "follow",
    "hold",
    "recover",
]

PATIENCE_S: Final = 2.0
"""How long a lock of git's is waited for: editors ask for `git status` all the time."""


class Followed(Fact):
    """Every checkout of the branch has the new files."""

    checkouts: tuple[str, ...] = ()
    """Their top folders; none for a branch that is checked out nowhere."""
    kept: tuple[str, ...] = ()
    """Paths that a person saved in the very moment: their version stayed, as an uncommitted
    change."""


@dataclass
class _Held:
    """One checkout, locked."""

    worktree: Worktree
    git: Git
    lock: IndexLock
    steps: list[Step] = field(default_factory=list)

    @property
    def index(self) -> Path:
        return self.worktree.git_dir / "index"

    @property
    def next_index(self) -> Path:
        return self.worktree.git_dir / "index.healer"


class Hold:
    """Checkouts that are ready to follow, and locked until the `hold` ends."""

    def __init__(self, held: list[_Held]) -> None:
        """`hold` is the way to one."""
        self._held = held

    def apply(self) -> Followed:
        """Puts the new files and indexes in place; the branch must have moved."""
        kept: list[str] = []
        for each in self._held:
            try:
                kept += _apply(each)
            except OSError as error:
                raise RepositoryError(
                    f"The branch moved, but its checkout {each.worktree.root} could not follow: "
                    f"{error.strerror}; see to it, then repeat the merge."
                ) from error
        roots = tuple(str(each.worktree.root) for each in self._held)
        return Followed(checkouts=roots, kept=tuple(sorted(set(kept))))


def can_follow(repository: Repository, *, branch: str, old: str, new: str) -> LeftAlone | None:
    """Why the checkouts of `branch` could not follow it from `old` to `new`; None when they can.

    Takes no lock and writes nothing.
    """
    changes = changes_between(repository, old, new)
    for worktree in _concerned(repository, branch):
        if is_held(worktree.git_dir):
            return _locked(worktree)
        steps = plan(worktree, changes)
        if isinstance(steps, LeftAlone):
            return steps
    return None


def follow(repository: Repository, *, branch: str, old: str, new: str) -> Followed | LeftAlone:
    """Lets the checkouts follow a branch that has moved from `old` to `new` already.

    Does what `Hold.apply` did not come to; where all is done it changes nothing. What a person
    changed in a touched file since stays.
    """
    with hold(repository, branch=branch, old=old, new=new, moved=True) as held:
        if isinstance(held, LeftAlone):
            return held
        if repository.tip(branch) != new:
            return LeftAlone(reason=f"The branch {branch} is not at {new[:12]} any more.")
        return held.apply()


@contextmanager
def hold(
    repository: Repository, *, branch: str, old: str, new: str, moved: bool = False
) -> Iterator[Hold | LeftAlone]:
    """Locks the checkouts of `branch` and makes them ready to follow, or says why not.

    `moved` as for `planning.plan`. At the end the locks are gone, and so is what was not applied.
    """
    changes = changes_between(repository, old, new)
    journal = Journal(branch=branch, old=old, new=new)
    with ExitStack() as undo:
        held: list[_Held] = []
        for worktree in _concerned(repository, branch):
            each = _lock(repository, worktree, journal, PATIENCE_S)
            if each is None:
                yield _locked(worktree)
                return
            undo.callback(_release, each)
            why = _make_ready(each, changes, journal, moved=moved)
            if why is not None:
                yield why
                return
            held.append(each)
        yield Hold(held)


def recover(repository: Repository) -> None:
    """Ends what a healer that died had begun in any checkout, and gives git its index back.

    What it had begun is finished where its branch has moved, and undone where it has not. Without
    a lock left behind this starts no process.
    """
    places = (repository.git_dir, *(repository.git_dir / "worktrees").glob("*"))
    if not any((place / "index.lock").exists() for place in places):
        return
    for worktree in worktrees(repository):
        if (worktree.git_dir / "index.lock").exists() and not is_held(worktree.git_dir):
            held = _lock(repository, worktree, Journal(branch="", old="", new=""), 0)
            if held is not None:
                _release(held)


def _lock(
    repository: Repository, worktree: Worktree, journal: Journal, patience_s: float
) -> _Held | None:
    """The checkout, locked, and what a dead healer left in it ended; None when it stays locked."""
    deadline = time.monotonic() + patience_s
    repository.git.writing(f"lock {worktree.git_dir}")
    while (lock := IndexLock.take(worktree.git_dir, journal)) is None:
        if time.monotonic() >= deadline:
            return None
        time.sleep(0.02)
    held = _Held(
        worktree, Git(worktree.git_dir, worktree.root, writing=repository.git.writing), lock
    )
    if lock.left is not None and lock.left.branch:
        _finish(repository, held, lock.left)
    return held


def _make_ready(
    held: _Held, changes: list[Change], journal: Journal, *, moved: bool
) -> LeftAlone | None:
    steps = plan(held.worktree, changes, moved=moved)
    if isinstance(steps, LeftAlone):
        return steps
    held.steps = steps
    try:
        _prepare(held, journal)
    except OSError as error:
        return LeftAlone(
            reason=f"New files cannot be written in {held.worktree.root}: {error.strerror}; "
            "see to its space and permissions."
        )
    return None


def checkouts_of(repository: Repository, branch: str) -> tuple[str, ...]:
    """The top folders of the checkouts that are on `branch`."""
    return tuple(str(each.root) for each in worktrees(repository) if each.branch == branch)


def _concerned(repository: Repository, branch: str) -> list[Worktree]:
    return [each for each in worktrees(repository) if each.works_on(branch)]


def _locked(worktree: Worktree) -> LeftAlone:
    return LeftAlone(
        reason=f"Another git command has the index of {worktree.root} locked; let it end, or "
        f"remove {worktree.git_dir / 'index.lock'} if none runs."
    )


def _prepare(held: _Held, journal: Journal) -> None:
    """Everything that can fail for want of space, before the branch moves."""
    root = held.worktree.root
    pending = {s.temporary: s for s in held.steps if s.on_disk and s.content is not None}
    held.lock.note(journal.model_copy(update={"temporary": tuple(pending)}))
    for name, step in pending.items():
        held.git.writing(f"temporary file for {step.change.path}")
        write_temporary(root, name, step.content or b"", step.there.status)
        copy_attributes(root / step.change.path, root / name)
    _write_index(held)


def _write_index(held: _Held) -> None:
    """The index as it will be, beside the one that is."""
    held.git.writing("next index")
    with suppress(FileNotFoundError):  # a checkout in which nothing was ever checked out
        shutil.copy(held.index, held.next_index)
        give_like(held.next_index, held.index)
    environment = {"GIT_INDEX_FILE": str(held.next_index)}
    lines = [_index_line(step.change) for step in held.steps]
    held.git.run(
        "update-index", "-z", "--index-info", environment=environment,
        stdin="".join(lines).encode("utf-8", "surrogateescape"),
    )  # fmt: skip
    there = [step for step in held.steps if step.change.after]
    for mark, paths in (
        ("--skip-worktree", [s.change.path for s in there if s.skip_worktree]),
        ("--assume-unchanged", [s.change.path for s in there if s.assume_unchanged]),
    ):
        if paths:
            held.git.run("update-index", mark, "--", *paths, environment=environment)


def _index_line(change: Change) -> str:
    mode, oid = change.after or ("0", "0" * len(change.before.oid if change.before else ""))
    return f"{mode} {oid}\t{change.path}\0"


def _apply(held: _Held) -> list[str]:
    """Renames the files, then the index; the paths that a person changed in this moment."""
    root = held.worktree.root
    kept = [step.change.path for step in held.steps if step.kept]
    for step in held.steps:
        if not step.on_disk:
            continue
        held.git.writing(f"file {step.change.path}")
        was = (
            (*forms(step.change.old), *forms(step.change.new))
            if step.there.held is not None
            else ()
        )
        temporary = None if step.content is None else step.temporary
        if not put(root, step.change.path, temporary, tuple(c for c in was if c is not None)):
            kept.append(step.change.path)
        _sync_above(root, step.change.path)
    written = [s.change.path for s in held.steps if s.on_disk and s.content is not None]
    held.git.writing("index status")
    held.git.ask(
        "add", "--refresh", "--", *written, environment={"GIT_INDEX_FILE": str(held.next_index)}
    )  # else `git diff-files` would call the new files changed until the next `git status`
    held.git.writing("index")
    held.next_index.replace(held.index)
    sync_folder(held.worktree.git_dir)
    return kept


def _sync_above(root: Path, path: str) -> None:
    folder = (root / path).parent
    if folder.is_dir():
        sync_folder(folder)


def _release(held: _Held) -> None:
    """Leaves the checkout without a file of ours, then unlocks it."""
    for step in held.steps:
        there = look(held.worktree.root, step.temporary)
        if there.held is not None and there.held == step.content:
            (held.worktree.root / step.temporary).unlink()
    held.next_index.unlink(missing_ok=True)
    held.git.writing(f"unlock {held.worktree.git_dir}")
    held.lock.release()


def _finish(repository: Repository, held: _Held, left: Journal) -> None:
    """What a healer that died had begun here: done where its branch has moved, else undone."""
    changes = changes_between(repository, left.old, left.new)
    ours = {form for c in changes for content in (c.old, c.new) for form in forms(content)}
    for name in left.temporary:
        there = look(held.worktree.root, name)
        if there.kind == "file" and there.content in ours:  # else it is a person's, swapped out
            (held.worktree.root / name).unlink()
    held.next_index.unlink(missing_ok=True)
    tip = repository.tip(left.branch)
    if tip is None or held.worktree.branch != left.branch:
        return
    if not repository.is_ancestor(left.new, tip):
        return
    steps = plan(held.worktree, changes, moved=True)
    if isinstance(steps, LeftAlone):
        return
    unfinished = _Held(held.worktree, held.git, held.lock, steps)
    _prepare(unfinished, left)
    _apply(unfinished)
