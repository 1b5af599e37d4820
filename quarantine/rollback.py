"""Taking a merged repair out again: a new commit on today's tip, checked and merged like any other.

Belongs here: the candidate that undoes a repair. Does not belong here: when to undo one.

History is never rewritten. What others changed since stays; where they changed the repair's own
lines, a person must choose, and is told whose changes they are.
"""

from quarantine.candidate import PREFIX, Candidate
from quarantine.history import log_touching
from quarantine.rebase import Conflict, carry, write_or_conflict
from quarantine.repository import Repository

_EXPLAINED = 5
"""Commits named per conflicting file."""


def revert_branch(repair: str) -> str:
    """The branch on which a repair's revert is proposed."""
    return f"{PREFIX}revert-{repair}"


def revert(
    repository: Repository,
    *,
    repair: str,
    commit_to_revert: str,
    target: str,
    when: int,
    message: str | None = None,
    replaces: str | None = None,
) -> Candidate | Conflict:
    """A candidate on the target's tip that takes the repair's commit there out again.

    Its branch is `revert_branch(repair)`; `replaces` as for `write_candidate`. Works at any time
    after the merge, as long as the target's history holds the commit.
    """
    tip = repository.resolve(f"refs/heads/{target}")
    commit = repository.resolve(commit_to_revert)
    parents = repository.parents(commit)
    if len(parents) != 1:
        return Conflict(
            reason=f"Commit {commit[:12]} has {len(parents)} parents here, so what it changed "
            "cannot be told; complete a shallow clone (git fetch --unshallow)."
        )
    if not repository.is_ancestor(commit, tip):
        return Conflict(reason=f"{target} does not hold commit {commit[:12]} (any more).")
    changes = carry(repository, base=commit, commit=parents[0], onto=tip)
    if isinstance(changes, Conflict):
        return _explain(repository, changes, commit, tip)
    if not changes:
        return Conflict(reason=f"{target} has nothing of repair {repair} left to take out.")
    return write_or_conflict(
        repository, base=tip, changes=changes, branch=revert_branch(repair), when=when,
        message=message or _message(repair, commit), replaces=replaces,
    )  # fmt: skip


def _message(repair: str, commit: str) -> str:
    return f"Take out repair {repair}\n\nThis reverts commit {commit}.\n\nHealer-Repair: {repair}\n"


def _explain(repository: Repository, conflict: Conflict, commit: str, tip: str) -> Conflict:
    """The conflict, with the commits since that changed its files."""
    descriptions = []
    for path in conflict.paths:
        since = log_touching(repository, tip, path, _EXPLAINED, since=commit)
        descriptions += [f"{each.id[:12]} {each.subject!r} by {each.author}" for each in since]
    names = ", ".join(conflict.paths)
    whose = "; ".join(dict.fromkeys(descriptions)) or "unknown commits"
    return Conflict(
        reason=f"{names} was changed in the same place since the repair: {whose}; undo it by hand.",
        paths=conflict.paths,
    )
