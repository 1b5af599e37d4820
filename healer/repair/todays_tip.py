"""A waiting candidate as it is on the target's tip of today.

Belongs here: what may have happened to it since it was checked. Does not belong here: checking it
again, and merging it (`approve`).
"""

from healer.failure import Fact
from healer.repair.refusals import explain_not_waiting, require_dossier
from healer.services import Services
from quarantine.candidate import Candidate, point_branch
from quarantine.merge import merged_commit
from quarantine.rebase import Conflict, rebase_candidate
from quarantine.repository import Repository


class OnTip(Fact):
    """A candidate as it is on the target's tip of today, or why there is none."""

    candidate: Candidate | None = None
    conflict: str = ""
    merged: str = ""
    """The commit with which an earlier approval merged it, and died before it could record that."""


def bring_to_tip(repair: str, services: Services) -> OnTip:
    """Asks once more whether it waits: another decision may have come first."""
    row = services.ledger.repair(repair)
    if row.state != "waiting":
        return OnTip(conflict=explain_not_waiting(row))
    dossier = require_dossier(services, row)
    repository, target = services.repository, dossier.request.target
    attempt, tip = dossier.last_candidate, repository.tip(target)
    candidate = attempt.candidate if attempt else None
    if candidate is None or tip is None:
        return OnTip(conflict=f"the target branch {target!r} is gone")
    fix_commit = merged_commit(repository, repair)
    if fix_commit is not None and repository.is_ancestor(fix_commit, tip):
        return OnTip(merged=fix_commit)
    conflict = _find_change_by_hand(repository, candidate, repair)
    if conflict or tip == candidate.base:
        return OnTip(candidate=None if conflict else candidate, conflict=conflict)
    on_tip = rebase_candidate(repository, candidate, onto=tip)
    if isinstance(on_tip, Conflict):
        return OnTip(conflict=f"it no longer applies to {target}: {on_tip.reason}")
    return OnTip(candidate=on_tip)


def _find_change_by_hand(repository: Repository, candidate: Candidate, repair: str) -> str:
    """What a person did to the draft so that it cannot be merged as it was checked; or nothing."""
    if repository.ref(candidate.commit) is None:
        return (
            f"the draft's commit {candidate.commit[:12]} is gone from the repository; repair the "
            "script again"
        )
    if _restore_branch(repository, candidate, repair):
        return ""
    return (
        f"{candidate.branch} was changed by hand since it was checked; merge it yourself, or put "
        f"it back: git branch -f {candidate.branch} {candidate.commit[:12]}"
    )


def _restore_branch(repository: Repository, candidate: Candidate, repair: str) -> bool:
    """Lets the branch point to the candidate again; False where a person's commit is on it.

    An approval that came to nothing leaves the fix as it was on the tip of that day.
    """
    tip = repository.tip(candidate.branch)
    if tip in (None, candidate.commit):
        return True
    message = repository.objects.read_commit(tip).message
    if f"Healer-Repair: {repair}" not in message.splitlines():
        return False
    if repository.is_ancestor(candidate.commit, tip):
        return False
    point_branch(repository, candidate.branch, candidate.commit, replaces=tip)
    return True
