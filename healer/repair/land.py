"""The last gate: a checked commit onto the target branch, and onto its remote where that is wanted.

Belongs here: the order of remote and local, and what a refusal of either means. Does not belong
here: what was checked (`prove`), how a branch moves (`quarantine.merge`, `quarantine.remote`).

With `push = true` the remote moves first, for it is what others share; and only when the checkout
here can follow, so that a person's unfinished work keeps the fix waiting on both sides.
"""

from healer.facts.repair import Attempt, Request
from healer.failure import Fact
from healer.repair.propose import commit_message
from healer.services import Services
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


def land(request: Request, attempt: Attempt, candidate: Candidate, services: Services) -> Landing:
    """Moves the target to exactly the checked tree, or says why not."""
    message = commit_message(request, attempt.draft) + "\n" + trailers(attempt)
    repair, when = request.repair, request.opened_at
    return _land(candidate, services, request.target, repair=repair, message=message, when=when)


def land_revert(target: str, candidate: Candidate, name: str, services: Services) -> Landing:
    """The same for a checked revert, which brings its own message; `name` is unique to it."""
    return _land(candidate, services, target, repair=name)


def trailers(attempt: Attempt) -> str:
    """What every merged commit says of its checks and cost."""
    checks = ",".join(f"{c.name}={c.status}" for c in attempt.verdict.checks)
    return f"Healer-Checks: {checks}\nHealer-Cost-USD: {attempt.spent.cost_usd:.6f}"


def _land(
    candidate: Candidate,
    services: Services,
    target: str,
    *,
    repair: str,
    message: str | None = None,
    when: int | None = None,
) -> Landing:
    commit = pushed = ""
    if services.config.push:
        commit = target_commit(services.repository, candidate, message, when)
        answer = _push(target, candidate, commit, services)
        if isinstance(answer, Landing):
            return answer
        pushed = answer.remote
    outcome = merge(
        services.repository,
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
    return _not_landed(target, candidate, outcome, services)


def _push(target: str, candidate: Candidate, commit: str, services: Services) -> Landing | Pushed:
    """Moves the remote's branch, unless the checkout here could not follow."""
    repository = services.repository
    there = upstream_of(repository, target)
    if there is None:
        return Landing(
            refused=f"push = true, but {target} has no remote; add one (git remote add origin "
            "URL), or set push = false, then approve it"
        )
    if repository.tip(target) == candidate.base:
        alone = can_follow(repository, branch=target, old=candidate.base, new=commit)
        if alone is not None and not _is_there(there, commit, services):
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
    return _not_landed(f"{there.remote}/{there.branch}", candidate, answer, services)


def _is_there(there: Upstream, commit: str, services: Services) -> bool:
    """An earlier try, killed before it could say so, has pushed the commit already."""
    tip = remote_tip(services.repository, remote=there.remote, branch=there.branch)
    return isinstance(tip, str) and services.repository.is_ancestor(commit, tip)


def _not_landed(
    where: str, candidate: Candidate, outcome: Moved | Refused, services: Services
) -> Landing:
    if isinstance(outcome, Refused):
        return Landing(refused=outcome.reason)
    rebased = rebase_candidate(services.repository, candidate, onto=outcome.tip)
    if isinstance(rebased, Conflict):
        return Landing(refused=f"{where} has moved: {rebased.reason}")
    return Landing(moved=rebased)


def offer(candidate: Candidate | None, services: Services) -> str:
    """Pushes the quarantine branch of what waits for a person; what became of it, in words.

    Empty where nothing is pushed (`push = false`, or there is no candidate).
    """
    there = _remote(candidate.branch if candidate else "", services)
    if candidate is None or there is None:
        return ""
    answer = publish(
        services.repository, remote=there.remote, branch=candidate.branch, commit=candidate.commit
    )
    if isinstance(answer, Pushed):
        return f"pushed to {answer.remote}"
    return f"not pushed: {answer.reason}"


def withdraw(branch: str, services: Services) -> None:
    """Deletes from the remote what `offer` pushed of a branch, if it can be reached and nobody
    has pushed onto it; otherwise it is left there."""
    there = _remote(branch, services)
    if there is not None:
        unpublish(services.repository, remote=there.remote, branch=branch)


def _remote(branch: str, services: Services) -> Upstream | None:
    wanted = bool(branch) and services.config.push
    return upstream_of(services.repository, services.config.target) if wanted else None
