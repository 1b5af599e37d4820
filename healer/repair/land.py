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
    message = commit_message(request, attempt.draft) + "\n" + trailers(attempt)
    name, when = request.repair, request.opened_at
    commit = target_commit(services.repository, candidate, message, when)
    why = why_paused(services.repository.state_dir, request.script)
    why = f"{why}, then healer approve {request.repair}" if why else ""
    if not why and not approver:
        why = services.ledger.sums.explain_breaker(services.clock.now())
    if refusal := _hold_back(request, why, name, commit, services):
        return Landing(refused=refusal)
    facts = describe_fix(request, attempt, approver, services)
    return _land(candidate, services, facts, name=name, message=message, when=when)


def _hold_back(request: Request, why: str, name: str, commit: str, services: Services) -> str:
    """What has come between the checks and their merge: `why`, or a window, for which it raises
    PostponedError. Nothing where this step, killed, has moved a target before."""
    window = "" if why else why_in_maintenance(request.script, services)
    if not (why or window) or _has_landed(request.target, name, commit, services):
        return ""
    if window:
        raise PostponedError(f"{window}; the daemon, or the same command, merges it then")
    return why


def _has_landed(target: str, name: str, commit: str, services: Services) -> bool:
    """Whether an earlier try has brought `commit` here, or to the remote, which moves first."""
    repository = services.repository
    tip, before = repository.tip(target), merged_commit(repository, name)
    if tip and any(each and repository.is_ancestor(each, tip) for each in (before, commit)):
        return True
    upstream = upstream_of(repository, target) if services.config.push else None
    return upstream is not None and _is_there(upstream, commit, services)


def land_revert(
    request: Request,
    candidate: Candidate,
    name: str,
    approver: str,
    services: Services,
    *,
    is_asked: bool,
) -> Landing:
    """The same for a checked revert, which brings its own message; `name` is unique to it. A
    person's own rollback `is_asked` for: no pause and no window keeps it back."""
    why = "" if is_asked else why_paused(services.repository.state_dir, request.script)
    if not is_asked and (refusal := _hold_back(request, why, name, candidate.commit, services)):
        return Landing(refused=refusal)
    facts = describe_merge(request, "revert", approver)
    return _land(candidate, services, facts, name=name)


def land_test(
    request: Request, candidate: Candidate, name: str, approver: str, services: Services
) -> Landing:
    """The same for a person's answer as a test: the commit is the person's, and stays as it is."""
    why = why_paused(services.repository.state_dir, "")
    if why and not _has_landed(request.target, name, candidate.commit, services):
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
