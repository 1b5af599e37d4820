"""The last gate: a checked commit onto the target branch, and onto its remote where that is wanted.

Belongs here: the one landing loop, the order of remote and local, and what a refusal of either
means. Does not belong here: what is checked (`healer.evidence.gather`), how a branch moves
(`quarantine.merge`, `quarantine.remote`), what is pushed before anybody decides (`publish`).

With `push = true` the remote moves first, for it is what others share; and only when the checkout
here can follow, so that a person's unfinished work keeps the fix waiting on both sides.
"""

from collections.abc import Callable
from functools import partial

from healer.engine.workflows import step
from healer.facts.errors import PostponedError
from healer.facts.repair import Attempt, Request
from healer.failure import Fact
from healer.repair.premises import why_in_maintenance
from healer.repair.propose import commit_message
from healer.repair.provenance import (
    MergeFacts,
    describe_fix,
    describe_merge,
    keep_statement,
    push_statement,
)
from healer.services import Services
from healer.watch.pause import why_paused
from quarantine.attestation import SigningError, drop_statement
from quarantine.candidate import Candidate
from quarantine.checkout.follow import can_follow
from quarantine.merge import Merged, Moved, Refused, merge, merged_commit, target_commit
from quarantine.rebase import Conflict, rebase_candidate
from quarantine.remote import Pushed, Unreachable, Upstream, push_target, remote_tip, upstream_of

LANDINGS = 3
"""How often a moved tip is followed before a person is asked."""


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


def follow_the_tip(
    candidate: Candidate,
    target: str,
    *,
    check: Callable[[int, Candidate], str],
    land: Callable[[Candidate], Landing],
    is_checked: bool = False,
) -> Landing:
    """Checks and lands; where the tip has moved, the rebased candidate is checked and landed again.

    `check` is given the try's number, from 1, and says why the candidate must not land, or nothing.
    `is_checked`: it was checked on its base already, so the first try only lands. The answer has
    no `moved`: it is merged, or it says why not.
    """
    for number in range(1, LANDINGS + 1):
        refusal = "" if is_checked and number == 1 else check(number, candidate)
        if refusal:
            return Landing(refused=refusal)
        landing = step(f"merge {number}", Landing, partial(land, candidate))
        if landing.moved is None:
            return landing
        candidate = landing.moved
    return Landing(refused=f"{target} moved {LANDINGS} times while it was checked; try it again")


def land_fix(
    request: Request,
    attempt: Attempt,
    candidate: Candidate,
    services: Services,
    approver: str = "",
) -> Landing:
    """Moves the target to exactly the checked tree, or says why not. `approver` is the person who
    lets it; where its checks do, the attempt has the exchanges of all its repair's attempts."""
    services.fleet.require(request.repair)
    if why := _why_no_merge(request, services, approver):
        return Landing(refused=why)
    wait_for_maintenance(request.script, services)
    message = commit_message(request, attempt.draft) + "\n" + trailers(attempt)
    facts = describe_fix(request, attempt, approver, services)
    name, when = request.repair, request.opened_at
    return _land(candidate, services, facts, name=name, message=message, when=when)


def _why_no_merge(request: Request, services: Services, approver: str) -> str:
    """What has come between the checks and their merge; nothing where this step, killed, has
    merged it before."""
    repository = services.repository
    commit, tip = merged_commit(repository, request.repair), repository.tip(request.target)
    if commit and tip and repository.is_ancestor(commit, tip):
        return ""
    if why := why_paused(repository.state_dir, request.script):
        return f"{why}, then healer approve {request.repair}"
    return "" if approver else services.ledger.sums.explain_breaker(services.clock.now())


def land_revert(
    request: Request, candidate: Candidate, name: str, approver: str, services: Services
) -> Landing:
    """The same for a checked revert, which brings its own message; `name` is unique to it."""
    facts = describe_merge(request, "revert", approver)
    return _land(candidate, services, facts, name=name)


def wait_for_maintenance(script: str, services: Services) -> None:
    """Raises PostponedError while a window is on: what was checked is merged when it is over."""
    if why := why_in_maintenance(script, services):
        raise PostponedError(f"{why}; the daemon, or the same command, merges it then")


def land_test(
    request: Request, candidate: Candidate, name: str, approver: str, services: Services
) -> Landing:
    """The same for a person's answer as a test: the commit is the person's, and stays as it is."""
    why = why_paused(services.repository.state_dir, "")
    if why:
        return Landing(refused=why)
    facts = describe_merge(request, "answer", approver)
    return _land(candidate, services, facts, name=name)


def trailers(attempt: Attempt) -> str:
    """What every merged commit says of its checks and cost."""
    checks = ",".join(f"{c.name}={c.status}" for c in attempt.verdict.checks)
    return f"Healer-Checks: {checks}\nHealer-Cost-USD: {attempt.spent.cost_usd:.6f}"


def _land(
    candidate: Candidate,
    services: Services,
    facts: MergeFacts,
    *,
    name: str,
    message: str | None = None,
    when: int | None = None,
) -> Landing:
    """`name` is the one under which git keeps where it was merged."""
    commit = target_commit(services.repository, candidate, message, when)
    try:
        keep_statement(facts, candidate, commit, name, services)
    except SigningError as error:
        return Landing(refused=str(error))
    landing = _move(candidate, services, facts.target, name, commit)
    if not landing.merged:
        drop_statement(services.repository, commit)
    elif services.config.push:
        push_statement(facts, commit, services)
    return landing


def _move(candidate: Candidate, services: Services, target: str, name: str, commit: str) -> Landing:
    """The remote's branch first, where there is one, then the branch here."""
    remote = ""
    if services.config.push:
        answer = _push(target, candidate, commit, services)
        if isinstance(answer, Landing):
            return answer
        remote = answer.remote
    final = candidate.model_copy(update={"commit": commit})
    outcome = merge(services.repository, target=target, candidate=final, repair=name)
    if isinstance(outcome, Merged):
        kept_paths = ", ".join(outcome.kept)
        reason = (
            f"{kept_paths} was saved in that very moment and stays as it is" if kept_paths else ""
        )
        return Landing(merged=outcome.commit, checkout=reason)
    if remote:
        why = outcome.reason if isinstance(outcome, Refused) else "it has other commits"
        reason = f"{target} on {remote} has the fix; here it was left alone ({why}): git pull"
        return Landing(merged=commit, checkout=reason)
    return _not_landed(target, candidate, outcome, services)


def _push(target: str, candidate: Candidate, commit: str, services: Services) -> Landing | Pushed:
    """Moves the remote's branch, unless the checkout here could not follow."""
    repository = services.repository
    upstream = upstream_of(repository, target)
    if upstream is None:
        return Landing(
            refused=f"push = true, but {target} has no remote; add one (git remote add origin "
            "URL), or set push = false, then approve it"
        )
    if repository.tip(target) == candidate.base:
        obstacle = can_follow(repository, branch=target, old=candidate.base, new=commit)
        if obstacle is not None and not _is_there(upstream, commit, services):
            return Landing(refused=obstacle.reason)
    answer = push_target(
        repository,
        remote=upstream.remote,
        target=upstream.branch,
        commit=commit,
        base=candidate.base,
    )
    if isinstance(answer, Pushed):
        return answer
    if isinstance(answer, Unreachable):
        return Landing(refused=f"it was not pushed: {answer.reason}")
    return _not_landed(f"{upstream.remote}/{upstream.branch}", candidate, answer, services)


def _is_there(upstream: Upstream, commit: str, services: Services) -> bool:
    """An earlier try, killed before it could say so, has pushed the commit already."""
    tip = remote_tip(services.repository, remote=upstream.remote, branch=upstream.branch)
    return isinstance(tip, str) and services.repository.is_ancestor(commit, tip)


def _not_landed(
    where: str, candidate: Candidate, outcome: Moved | Refused, services: Services
) -> Landing:
    if isinstance(outcome, Refused):
        return Landing(refused=outcome.reason)
    on_tip = rebase_candidate(services.repository, candidate, onto=outcome.tip)
    if isinstance(on_tip, Conflict):
        return Landing(refused=f"{where} has moved: {on_tip.reason}")
    return Landing(moved=on_tip)
