"""The last gate: a checked commit onto the target branch, and onto its remote where that is wanted.

Belongs here: the order of remote and local, and what a refusal of either means. Does not belong
here: what was checked (`prove`), how a branch moves (`quarantine.merge`, `quarantine.remote`).

With `push = true` the remote moves first, for it is what others share; and only when the checkout
here can follow, so that a person's unfinished work keeps the fix waiting on both sides.
"""

from healer.facts.repair import Attempted, Request
from healer.failure import Fact
from healer.repair.propose import commit_message
from healer.services import Parts
from quarantine.candidate import Candidate
from quarantine.checkout.follow import can_follow
from quarantine.merge import Merged, Moved, Refused, merge, target_commit
from quarantine.rebase import Conflict, rebase_candidate
from quarantine.remote import (
    Pushed,
    Unreachable,
    Upstream,
    publish,
    push_target,
    remote_tip,
    unpublish,
    upstream_of,
)


class Landing(Fact):
    """How an attempt to merge ended."""

    merged: str = ""
    """The commit on the target branch; empty when it was not moved."""
    moved: Candidate | None = None
    """The tip had moved: the candidate as it is on the new tip, to be checked again."""
    refused: str = ""
    """Why a person has to merge."""
    checkout: str = ""
    """Why a working tree did not follow."""


def land(request: Request, attempt: Attempted, candidate: Candidate, parts: Parts) -> Landing:
    """Moves the target to exactly the checked tree, or says why not."""
    message = commit_message(request, attempt.draft) + "\n" + trailers(attempt)
    repair, when = request.repair, request.opened_at
    return _land(candidate, parts, request.target, repair=repair, message=message, when=when)


def land_revert(target: str, candidate: Candidate, name: str, parts: Parts) -> Landing:
    """The same for a checked revert, which brings its own message; `name` is unique to it."""
    return _land(candidate, parts, target, repair=name)


def trailers(attempt: Attempted) -> str:
    """What every merged commit says of its checks and cost."""
    checks = ",".join(f"{c.name}={c.status}" for c in attempt.verdict.checks)
    return f"Healer-Checks: {checks}\nHealer-Cost-USD: {attempt.spent.cost_usd:.6f}"


def _land(
    candidate: Candidate,
    parts: Parts,
    target: str,
    *,
    repair: str,
    message: str | None = None,
    when: int | None = None,
) -> Landing:
    commit = pushed = ""
    if parts.config.push:
        commit = target_commit(parts.repository, candidate, message, when)
        answer = _push(target, candidate, commit, parts)
        if isinstance(answer, Landing):
            return answer
        pushed = answer.remote
    outcome = merge(
        parts.repository,
        target=target,
        candidate=candidate,
        repair=repair,
        message=message,
        when=when,
    )
    if isinstance(outcome, Merged):
        kept = ", ".join(outcome.kept)
        said = f"{kept} was saved in that very moment and stays as it is" if kept else ""
        return Landing(merged=outcome.commit, checkout=said)
    if pushed:
        why = outcome.reason if isinstance(outcome, Refused) else "it has other commits"
        said = f"{target} on {pushed} has the fix; here it was left alone ({why}): git pull"
        return Landing(merged=commit, checkout=said)
    return _not_landed(target, candidate, outcome, parts)


def _push(target: str, candidate: Candidate, commit: str, parts: Parts) -> Landing | Pushed:
    """Moves the remote's branch, unless the checkout here could not follow."""
    repository = parts.repository
    there = upstream_of(repository, target)
    if there is None:
        return Landing(
            refused=f"push = true, but {target} has no remote; add one (git remote add origin "
            "URL), or set push = false, then approve it"
        )
    if repository.tip(target) == candidate.base:
        alone = can_follow(repository, branch=target, old=candidate.base, new=commit)
        if alone is not None and not _is_there(there, commit, parts):
            return Landing(refused=alone.reason)
    answer = push_target(
        repository,
        remote=there.remote,
        target=there.branch,
        commit=commit,
        base=candidate.base,
    )
    if isinstance(answer, Pushed):
        return answer
    if isinstance(answer, Unreachable):
        return Landing(refused=f"it was not pushed: {answer.reason}")
    return _not_landed(f"{there.remote}/{there.branch}", candidate, answer, parts)


def _is_there(there: Upstream, commit: str, parts: Parts) -> bool:
    """An earlier try, killed before it could say so, has pushed the commit already."""
    tip = remote_tip(parts.repository, remote=there.remote, branch=there.branch)
    return isinstance(tip, str) and parts.repository.is_ancestor(commit, tip)


def _not_landed(
    where: str, candidate: Candidate, outcome: Moved | Refused, parts: Parts
) -> Landing:
    if isinstance(outcome, Refused):
        return Landing(refused=outcome.reason)
    rebased = rebase_candidate(parts.repository, candidate, onto=outcome.tip)
    if isinstance(rebased, Conflict):
        return Landing(refused=f"{where} has moved: {rebased.reason}")
    return Landing(moved=rebased)


def offer(candidate: Candidate | None, parts: Parts) -> str:
    """Pushes the quarantine branch of what waits for a person; what became of it, in words.

    Empty where nothing is pushed (`push = false`, or there is no candidate).
    """
    there = _remote(candidate.branch if candidate else "", parts)
    if candidate is None or there is None:
        return ""
    answer = publish(
        parts.repository, remote=there.remote, branch=candidate.branch, commit=candidate.commit
    )
    if isinstance(answer, Pushed):
        return f"pushed to {answer.remote}"
    return f"not pushed: {answer.reason}"


def withdraw(branch: str, parts: Parts) -> None:
    """Deletes from the remote what `offer` pushed of a branch, if it can be reached and nobody
    has pushed onto it; otherwise it is left there."""
    there = _remote(branch, parts)
    if there is not None:
        unpublish(parts.repository, remote=there.remote, branch=branch)


def _remote(branch: str, parts: Parts) -> Upstream | None:
    wanted = bool(branch) and parts.config.push
    return upstream_of(parts.repository, parts.config.target) if wanted else None
