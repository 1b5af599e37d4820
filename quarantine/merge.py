"""The tested merge: a branch moves to exactly the tree that was checked, or it does not move.

Belongs here: moving the target branch. Does not belong here: what was checked, and what it said.

The branch moves by compare-and-swap from the commit that the candidate was made and checked on,
never from another: when the tip has moved, the answer is `Moved`, and the candidate is carried
over (`rebase.rebase_candidate`) and checked again. So the move is always a fast-forward by one
commit. That commit is the quarantine commit itself, or, given a message, one with the same tree
and parent: what the checks said and cost belongs into the trailers, and is known only after the
quarantine commit was made. Both are the same bytes of files, and both have ids that depend on the
arguments alone, so a merge that is repeated after a crash finds what it did.
"""

import re
from typing import Final, Protocol

from quarantine.candidate import move_ref
from quarantine.checkout.follow import (
    Followed,
    Hold,
    LeftAlone,
    checkouts_of,
    follow,
    hold,
    recover,
)
from quarantine.errors import BranchTaken, RepositoryBusy, RepositoryError
from quarantine.facts import Fact
from quarantine.repository import Repository

BEFORE: Final = "refs/healer/before/"
"""The tip before a repair was merged; written before the target moves."""
MERGED: Final = "refs/healer/merged/"
"""The commit that merged a repair; written when its checkouts have followed."""
_REPAIR: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]|\.(?=[A-Za-z0-9_-])){0,99}")


class Checked(Protocol):
    """What was checked: a `Candidate`, or what a checkpoint kept of one."""

    @property
    def commit(self) -> str:
        """The quarantine commit."""

    @property
    def tree(self) -> str:
        """The tree that the checks ran on."""

    @property
    def base(self) -> str:
        """The commit that it was made on."""


class Merged(Fact):
    """The target has the fix, and its checkouts too."""

    commit: str
    before: str
    """The tip before it, kept at refs/healer/before/<repair>."""
    checkouts: tuple[str, ...] = ()
    """Top folders of the checkouts that followed."""
    kept: tuple[str, ...] = ()
    """Paths where a person's change of that very moment stayed, uncommitted."""


class Moved(Fact):
    """The target is not where the candidate was checked. Nothing was changed."""

    tip: str


class Refused(Fact):
    """The target must not move, or cannot. Nothing was changed."""

    reason: str
    """One sentence with the next step."""


def merge(
    repository: Repository,
    *,
    target: str,
    candidate: Checked,
    repair: str,
    message: str | None = None,
    when: int | None = None,
) -> Merged | Moved | Refused:
    """Moves `target` to the candidate's tree, and its checkouts with it.

    `message` (with `when`, Unix time) makes a commit of its own; see above. The same call again
    gives the same answer, and finishes what a crash left undone.
    """
    recover(repository)
    if not _REPAIR.fullmatch(repair):
        raise RepositoryError(f"{repair!r} is no repair id; use letters, digits, '-' and '_'.")
    tip = _tip(repository, target)
    if isinstance(tip, Refused):
        return tip
    commit = target_commit(repository, candidate, message, when)
    if tip != candidate.base:
        if repository.is_ancestor(commit, tip):
            return _merged_already(repository, target, candidate.base, commit, repair)
        return Moved(tip=tip)
    with hold(repository, branch=target, old=tip, new=commit) as hold_answer:
        if isinstance(hold_answer, LeftAlone):
            return Refused(reason=hold_answer.reason)
        return _move(repository, hold_answer, target=target, tip=tip, commit=commit, repair=repair)


def _move(
    repository: Repository, checkouts: Hold, *, target: str, tip: str, commit: str, repair: str
) -> Merged | Moved | Refused:
    """Moves the branch from `tip` to `commit`, and the checkouts that are held with it."""
    _note(repository, f"{BEFORE}{repair}", tip)
    late = checkouts.look_again()
    if late is not None:
        return Refused(reason=late.reason)
    try:
        move_ref(repository, f"refs/heads/{target}", new=commit, old=tip)
    except BranchTaken as error:
        return _not_moved(repository, target, tip, error)
    follow_answer = checkouts.apply()
    _note(repository, f"{MERGED}{repair}", commit)
    _must_hold(repository, target, commit)
    return _answer(commit, tip, follow_answer)


def _tip(repository: Repository, target: str) -> str | Refused:
    name = f"refs/heads/{target}"
    form = "--format=%(refname)%00%(objectname)%00%(symref)"
    out = repository.git.run("for-each-ref", form, "--", name).decode("utf-8", "surrogateescape")
    rows = [line.split("\0") for line in out.splitlines()]
    target_row = next((row for row in rows if row[0] == name), None)  # else a folder of that name
    if target_row is None:
        return Refused(reason=f"There is no branch {target}; create it, or set another target.")
    if target_row[2]:
        return Refused(reason=f"{target} is only another name of a branch; set that as target.")
    return target_row[1]


def target_commit(
    repository: Repository, candidate: Checked, message: str | None, when: int | None
) -> str:
    """The commit that `merge` moves the target to, made where it is missing; no branch moves.

    RepositoryError unless its tree is the checked one.
    """
    commit = candidate.commit
    if message is not None:
        date = f"@{when or 0} +0000"
        out = repository.git.write(
            "merge commit", "commit-tree", candidate.tree, "-p", candidate.base, "-F", "-",
            stdin=(message.replace("\0", "").strip() + "\n").encode("utf-8", "replace"),
            environment={"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date},
        )  # fmt: skip
        commit = out.decode("ascii").strip()
    facts = repository.objects.read_commit(commit)
    if facts.tree != candidate.tree or facts.parents[:1] != (candidate.base,):
        raise RepositoryError(f"Commit {commit} is not what was checked; check the fix again.")
    if len(facts.parents) > 1:
        raise RepositoryError(f"Commit {commit} is a merge, which is never checked as a fix.")
    return commit


def merged_commit(repository: Repository, repair: str) -> str | None:
    """The commit with which `merge` brought a repair to its target; None when it did not."""
    return repository.ref(f"{MERGED}{repair}")


def list_merged(repository: Repository) -> dict[str, str]:
    """The commits that `merge` brought to their targets, by the repairs that it was given."""
    form = "--format=%(refname)%00%(objectname)"
    out = repository.git.run("for-each-ref", form, MERGED).decode("utf-8", "surrogateescape")
    rows = (line.split("\0") for line in out.splitlines())
    return {name.removeprefix(MERGED): commit for name, commit in rows}


def is_merge_begun(repository: Repository, repair: str, target: str) -> bool:
    """Whether the target may have this repair's fix by our own merge, also one that died between
    moving the branch and noting it."""
    if merged_commit(repository, repair) is not None:
        return True
    before, tip = repository.ref(f"{BEFORE}{repair}"), repository.tip(target)
    return bool(before and tip and before in repository.parents(tip))


def _note(repository: Repository, name: str, commit: str) -> None:
    try:
        move_ref(repository, name, new=commit, old=None)
    except BranchTaken:
        old = repository.ref(name)
        if old != commit:
            move_ref(repository, name, new=commit, old=old)


def _merged_already(
    repository: Repository, target: str, base: str, commit: str, repair: str
) -> Merged:
    """The target has the commit, and what is still missing is done.

    Checkouts follow only where we moved the branch and died before the end: after a person's own
    merge, or a whole one of ours, a file with its old content is somebody's wish.
    """
    ours = repository.ref(f"{BEFORE}{repair}") == base
    is_done = merged_commit(repository, repair) == commit
    follow_answer: Followed | LeftAlone = Followed()
    if ours and not is_done and repository.tip(target) == commit:
        follow_answer = follow(repository, branch=target, old=base, new=commit)
    _note(repository, f"{BEFORE}{repair}", base)
    _note(repository, f"{MERGED}{repair}", commit)
    if isinstance(follow_answer, LeftAlone) or not follow_answer.checkouts:
        follow_answer = Followed(checkouts=checkouts_of(repository, target))
    return _answer(commit, base, follow_answer)


def _not_moved(
    repository: Repository, target: str, tip: str, error: BranchTaken
) -> Moved | Refused:
    now = repository.tip(target)
    if now is None:
        return Refused(reason=f"The branch {target} was deleted; create it, or set another target.")
    if now == tip:
        raise RepositoryBusy(str(error)) from error
    return Moved(tip=now)


def _must_hold(repository: Repository, target: str, commit: str) -> None:
    """Reads the branch back: it is at the commit, or somebody has built on it already."""
    tip = repository.tip(target)
    if tip != commit and (tip is None or not repository.is_ancestor(commit, tip)):
        raise RepositoryError(
            f"{target} was moved to {commit[:12]} and is elsewhere now; see git reflog {target}."
        )


def _answer(commit: str, before: str, follow_answer: Followed) -> Merged:
    return Merged(
        commit=commit, before=before, checkouts=follow_answer.checkouts, kept=follow_answer.kept
    )
