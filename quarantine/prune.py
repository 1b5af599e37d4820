"""Old quarantine branches and notes are removed; what waits for a person, or is in use, is not.

Belongs here: which branches and notes may go. Does not belong here: the evidence kept for them.
"""

from collections.abc import Collection

from quarantine.candidate import delete_branch, list_quarantine
from quarantine.checkout.worktrees import worktrees
from quarantine.errors import BranchTaken
from quarantine.merge import BEFORE
from quarantine.repository import Repository


def prune(repository: Repository, *, before: int, keep: Collection[str]) -> tuple[str, ...]:
    """Deletes quarantine branches last committed to before `before` (Unix time); their names.

    Branches in `keep` (they wait for a person), checked out somewhere, or moved meanwhile stay.
    """
    branches_in_use = {each.branch for each in worktrees(repository)}
    names = []
    for each in list_quarantine(repository):
        if each.committed_at >= before or each.branch in keep or each.branch in branches_in_use:
            continue
        try:
            delete_branch(repository, each.branch, commit=each.commit)
        except BranchTaken:
            continue
        names.append(each.branch)
    return tuple(names)


def forget_tips_before(repository: Repository, repairs: Collection[str]) -> None:
    """Deletes the notes of which tip a target had before the merges of these repairs. They are for
    a merge that is cut short; what was merged stays noted."""
    out = repository.git.run("for-each-ref", "--format=%(refname)", BEFORE)
    names = out.decode("utf-8", "surrogateescape").splitlines()
    old = [name for name in names if name.removeprefix(BEFORE) in repairs]
    if old:
        lines = "".join(f"delete {name}\n" for name in old)
        repository.git.run("update-ref", "--stdin", stdin=lines.encode())
