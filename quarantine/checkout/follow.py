"""A checkout follows its branch: the touched files, whole, and their places in the index.

Belongs here: whether the checkouts of a branch may follow its move, and letting all of them do so.
Does not belong here: moving the branch (`merge`), and what is done in one of them
(`locked_checkout`).

The order is `hold` (lock each index, look at everything under the lock, write the new files
beside the old ones), then the caller moves the branch, then `Hold.apply` (renames only). The lock
keeps git out of the checkout in between, and what it says lets `hold` or `follow` finish after a
crash. Only touched files are looked at: whatever else is changed, staged, stashed or open stays.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Final

from quarantine.checkout.index_lock import Journal, is_held
from quarantine.checkout.locked_checkout import LockedCheckout
from quarantine.checkout.plan import LeftAlone, changes_between, plan
from quarantine.checkout.worktrees import Worktree, worktrees
from quarantine.errors import RepositoryError
from quarantine.facts import Fact
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


class Hold:
    """Checkouts that are ready to follow, and locked until the `hold` ends."""

    def __init__(self, checkouts: list[LockedCheckout]) -> None:
        """`hold` is the way to one."""
        self._checkouts = checkouts

    def look_again(self) -> LeftAlone | None:
        """What a person began since they were made ready and that takes no lock of git's, such as a
        bisection; None where nothing."""
        reasons = (checkout.explain_operation() for checkout in self._checkouts)
        reason = next(filter(None, reasons), "")
        return LeftAlone(reason=reason) if reason else None

    def apply(self) -> Followed:
        """Puts the new files and indexes in place; the branch must have moved."""
        kept_paths: set[str] = set()
        for checkout in self._checkouts:
            try:
                kept_paths.update(checkout.apply())
            except OSError as error:
                raise RepositoryError(
                    f"The branch moved, but its checkout {checkout.root} could not follow: "
                    f"{error.strerror}; see to it, then repeat the merge."
                ) from error
        roots = tuple(str(checkout.root) for checkout in self._checkouts)
        return Followed(checkouts=roots, kept=tuple(sorted(kept_paths)))


def can_follow(repository: Repository, *, branch: str, old: str, new: str) -> LeftAlone | None:
    """Why the checkouts of `branch` could not follow it from `old` to `new`; None when they can.

    Takes no lock and writes nothing.
    """
    changes = changes_between(repository, old, new)
    for worktree in _find_concerned(repository, branch):
        if is_held(worktree.git_dir):
            return _explain_lock(worktree)
        steps = plan(worktree, changes)
        if isinstance(steps, LeftAlone):
            return steps
    return None


def follow(repository: Repository, *, branch: str, old: str, new: str) -> Followed | LeftAlone:
    """Lets the checkouts follow a branch that has moved from `old` to `new` already.

    Does what `Hold.apply` did not come to; where all is done it changes nothing. What a person
    changed in a touched file since stays.
    """
    with hold(repository, branch=branch, old=old, new=new, has_moved=True) as answer:
        if isinstance(answer, LeftAlone):
            return answer
        if repository.tip(branch) != new:
            return LeftAlone(reason=f"The branch {branch} is not at {new[:12]} any more.")
        return answer.apply()


@contextmanager
def hold(
    repository: Repository, *, branch: str, old: str, new: str, has_moved: bool = False
) -> Iterator[Hold | LeftAlone]:
    """Locks the checkouts of `branch` and makes them ready to follow, or says why not.

    `has_moved` as for `plan`. At the end the locks are gone, and so is what was not applied.
    """
    changes = changes_between(repository, old, new)
    journal = Journal(branch=branch, old=old, new=new)
    with ExitStack() as undo:
        checkouts: list[LockedCheckout] = []
        for worktree in _find_concerned(repository, branch):
            checkout = LockedCheckout.lock(repository, worktree, journal, PATIENCE_S)
            if checkout is None:
                yield _explain_lock(worktree)
                return
            undo.callback(checkout.release)
            why_not = checkout.make_ready(changes, journal, has_moved=has_moved)
            if why_not is not None:
                yield why_not
                return
            checkouts.append(checkout)
        yield Hold(checkouts)


def recover(repository: Repository) -> None:
    """Ends what a healer that died had begun in any checkout, and gives git its index back.

    What it had begun is finished where its branch has moved, and undone where it has not. Without
    a lock left behind this starts no process.
    """
    folders = (repository.git_dir, *(repository.git_dir / "worktrees").glob("*"))
    if not any((folder / "index.lock").exists() for folder in folders):
        return
    for worktree in worktrees(repository):
        if (worktree.git_dir / "index.lock").exists() and not is_held(worktree.git_dir):
            nothing = Journal(branch="", old="", new="")
            checkout = LockedCheckout.lock(repository, worktree, nothing, 0)
            if checkout is not None:
                checkout.release()


def checkouts_of(repository: Repository, branch: str) -> tuple[str, ...]:
    """The top folders of the checkouts that are on `branch`."""
    return tuple(str(each.root) for each in worktrees(repository) if each.branch == branch)


def _find_concerned(repository: Repository, branch: str) -> list[Worktree]:
    return [each for each in worktrees(repository) if each.works_on(branch)]


def _explain_lock(worktree: Worktree) -> LeftAlone:
    return LeftAlone(
        reason=f"Another git command has the index of {worktree.root} locked; let it end, or "
        f"remove {worktree.git_dir / 'index.lock'} if none runs."
    )
