"""One checkout under its index lock: made ready, moved on, and left without a file of ours.

Belongs here: what is done in a single checkout, and ending what a healer that died did there. Does
not belong here: which checkouts are concerned (`follow`), and what has to be done (`plan`).
"""

import shutil
import time
from contextlib import suppress
from typing import Self

from quarantine.checkout.files import (
    copy_attributes,
    give_like,
    look,
    put,
    sync_folder,
    write_temporary,
)
from quarantine.checkout.index_lock import IndexLock, Journal
from quarantine.checkout.plan import (
    Change,
    LeftAlone,
    Step,
    changes_between,
    explain_operation,
    forms,
    plan,
)
from quarantine.checkout.worktrees import Worktree
from quarantine.git import Git
from quarantine.repository import Repository

_ASK_AGAIN_S = 0.02


class LockedCheckout:
    """A checkout whose index we hold."""

    def __init__(self, worktree: Worktree, git: Git, lock: IndexLock) -> None:
        """`lock` is the way to one."""
        self.root = worktree.root
        self._worktree = worktree
        self._git = git
        self._lock = lock
        self._steps: list[Step] = []
        self._index = worktree.git_dir / "index"
        self._next_index = worktree.git_dir / "index.healer"

    @classmethod
    def lock(
        cls, repository: Repository, worktree: Worktree, journal: Journal, patience_s: float
    ) -> Self | None:
        """The checkout, locked, and what a dead healer left in it ended; None when it stays
        locked by another for so long."""
        deadline = time.monotonic() + patience_s
        repository.git.writing(f"lock {worktree.git_dir}")
        while (lock := IndexLock.take(worktree.git_dir, journal)) is None:
            if time.monotonic() >= deadline:
                return None
            time.sleep(_ASK_AGAIN_S)
        git = Git(worktree.git_dir, worktree.root, writing=repository.git.writing)
        checkout = cls(worktree, git, lock)
        if lock.unfinished is not None and lock.unfinished.branch:
            checkout._finish(repository, lock.unfinished)
        return checkout

    def make_ready(
        self, changes: list[Change], journal: Journal, *, has_moved: bool
    ) -> LeftAlone | None:
        """Does everything that can fail before the branch moves, or says why nothing may be done;
        `has_moved` as for `plan`."""
        steps = plan(self._worktree, changes, has_moved=has_moved)
        if isinstance(steps, LeftAlone):
            return steps
        self._steps = steps
        try:
            self._prepare(journal)
        except OSError as error:
            return LeftAlone(
                reason=f"New files cannot be written in {self.root}: {error.strerror}; "
                "see to its space and permissions."
            )
        return None

    def explain_operation(self) -> str:
        """What a person is in the middle of here; empty where nothing."""
        return explain_operation(self._worktree)

    def apply(self) -> list[str]:
        """Renames the files, then the index; the paths that a person changed in this moment.

        Raises OSError.
        """
        kept_paths = [step.change.path for step in self._steps if step.kept]
        for step in self._steps:
            if not step.on_disk:
                continue
            self._git.writing(f"file {step.change.path}")
            old_forms: tuple[bytes | None, ...] = ()
            if step.there.file_content is not None:
                old_forms = (*forms(step.change.old), *forms(step.change.new))
            temporary = None if step.content is None else step.temporary
            expected = tuple(form for form in old_forms if form is not None)
            if not put(self.root, step.change.path, temporary, expected):
                kept_paths.append(step.change.path)
            self._sync_above(step.change.path)
        new_paths = [s.change.path for s in self._steps if s.on_disk and s.content is not None]
        self._git.writing("index status")
        self._git.ask(
            "add", "--refresh", "--", *new_paths, environment=self._with_next_index()
        )  # else `git diff-files` would call the new files changed until the next `git status`
        self._git.writing("index")
        self._next_index.replace(self._index)
        sync_folder(self._worktree.git_dir)
        return kept_paths

    def release(self) -> None:
        """Leaves the checkout without a file of ours, then unlocks it."""
        for step in self._steps:
            there = look(self.root, step.temporary)
            if there.file_content is not None and there.file_content == step.content:
                (self.root / step.temporary).unlink()
        self._next_index.unlink(missing_ok=True)
        self._git.writing(f"unlock {self._worktree.git_dir}")
        self._lock.release()

    def _prepare(self, journal: Journal) -> None:
        """Everything that can fail for want of space, before the branch moves."""
        pending = {s.temporary: s for s in self._steps if s.on_disk and s.content is not None}
        self._lock.note(journal.model_copy(update={"temporary": tuple(pending)}))
        for name, step in pending.items():
            self._git.writing(f"temporary file for {step.change.path}")
            write_temporary(self.root, name, step.content or b"", step.there.status)
            copy_attributes(self.root / step.change.path, self.root / name)
        self._write_index()

    def _write_index(self) -> None:
        """The index as it will be, beside the one that is."""
        self._git.writing("next index")
        with suppress(FileNotFoundError):  # a checkout in which nothing was ever checked out
            shutil.copy(self._index, self._next_index)
            give_like(self._next_index, self._index)
        lines = [_index_line(step.change) for step in self._steps]
        self._git.run(
            "update-index", "-z", "--index-info", environment=self._with_next_index(),
            stdin="".join(lines).encode("utf-8", "surrogateescape"),
        )  # fmt: skip
        there = [step for step in self._steps if step.change.after]
        for mark, paths in (
            ("--skip-worktree", [s.change.path for s in there if s.skip_worktree]),
            ("--assume-unchanged", [s.change.path for s in there if s.assume_unchanged]),
        ):
            if paths:
                self._git.run(
                    "update-index", mark, "--", *paths, environment=self._with_next_index()
                )

    def _with_next_index(self) -> dict[str, str]:
        return {"GIT_INDEX_FILE": str(self._next_index)}

    def _sync_above(self, path: str) -> None:
        folder = (self.root / path).parent
        if folder.is_dir():
            sync_folder(folder)

    def _finish(self, repository: Repository, journal: Journal) -> None:
        """What a healer that died had begun here: done where its branch has moved, else undone."""
        changes = changes_between(repository, journal.old, journal.new)
        ours = {form for c in changes for content in (c.old, c.new) for form in forms(content)}
        for name in journal.temporary:
            there = look(self.root, name)
            if there.kind == "file" and there.content in ours:  # else it is a person's, swapped out
                (self.root / name).unlink()
        self._next_index.unlink(missing_ok=True)
        tip = repository.tip(journal.branch)
        if tip is None or self._worktree.branch != journal.branch:
            return
        if not repository.is_ancestor(journal.new, tip):
            return
        steps = plan(self._worktree, changes, has_moved=True)
        if isinstance(steps, LeftAlone):
            return
        self._steps = steps
        self._prepare(journal)
        self.apply()
        self._steps = []


def _index_line(change: Change) -> str:
    mode, oid = change.after or ("0", "0" * len(change.before.oid if change.before else ""))
    return f"{mode} {oid}\t{change.path}\0"
