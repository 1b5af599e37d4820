"""The checkouts of a repository, and what is going on in them.

Belongs here: finding worktrees, and which of them a branch's move concerns. Does not belong here:
their files and index (`checkout`).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from quarantine.errors import RepositoryError
from quarantine.repository import Repository

_IN_PROGRESS: Final = {
    "MERGE_HEAD": "a merge",
    "CHERRY_PICK_HEAD": "a cherry-pick",
    "REVERT_HEAD": "a revert",
    "BISECT_LOG": "a bisection",
    "rebase-merge": "a rebase",
    "rebase-apply": "a rebase",
    "sequencer": "a sequence of picks",
}


@dataclass(frozen=True)
class Worktree:
    """One checkout: its top folder, its own git folder, and the branch it is on."""

    root: Path
    git_dir: Path
    branch: str | None
    """None: detached."""

    @property
    def in_progress(self) -> str:
        """What a person is in the middle of, with its article; empty when nothing."""
        names = (what for name, what in _IN_PROGRESS.items() if (self.git_dir / name).exists())
        return next(names, "")

    def works_on(self, branch: str) -> bool:
        """Whether it has the branch checked out, or will move or return to it when it ends."""
        full = f"refs/heads/{branch}"
        heads = (
            _text(self.git_dir / name)
            for name in ("rebase-merge/head-name", "rebase-apply/head-name")
        )
        return (
            self.branch == branch
            or full in heads
            or _text(self.git_dir / "BISECT_START") in (branch, full)
            or full in _text(self.git_dir / "rebase-merge/update-refs").splitlines()
        )


def worktrees(repository: Repository) -> tuple[Worktree, ...]:
    """Every checkout that is there. Those whose folder is gone are left out, unless locked.

    RepositoryError for a checkout that cannot be found.
    """
    out = repository.git.run("worktree", "list", "--porcelain", "-z")
    checkouts = []
    for number, block in enumerate(out.decode("utf-8", "surrogateescape").split("\0\0")):
        facts = dict(line.partition(" ")[::2] for line in block.split("\0") if line)
        if not facts or "bare" in facts:
            continue
        branch = facts["branch"].removeprefix("refs/heads/") if "branch" in facts else None
        if number == 0:
            checkouts.append(Worktree(_main_root(repository), repository.git_dir, branch))
            continue
        linked_root = Path(facts["worktree"])
        checkout = _read_linked(linked_root, branch, is_locked="locked" in facts)
        if checkout is not None:
            checkouts.append(checkout)
    return tuple(checkouts)


def _main_root(repository: Repository) -> Path:
    """Git's own list gives a submodule's git folder here, so we look ourselves."""
    if repository.root is not None and repository.worktree_git_dir == repository.git_dir:
        return repository.root
    code, out, _ = repository.git.ask(
        "config", "--file", str(repository.git_dir / "config"), "core.worktree"
    )
    if code == 0:
        return (repository.git_dir / out.decode("utf-8", "surrogateescape").strip()).resolve()
    if repository.git_dir.name == ".git":
        return repository.git_dir.parent
    raise RepositoryError(
        f"The main checkout of {repository.git_dir} cannot be found from here; start healer in it."
    )


def _read_linked(root: Path, branch: str | None, *, is_locked: bool) -> Worktree | None:
    pointer = _text(root / ".git")
    if pointer.startswith("gitdir: "):
        return Worktree(root, (root / pointer.removeprefix("gitdir: ")).resolve(), branch)
    if is_locked:
        raise RepositoryError(
            f"The locked checkout {root} is not there; mount it (or: git worktree unlock)."
        )
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "surrogateescape").strip()
    except OSError:
        return ""
