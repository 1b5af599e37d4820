"""Takes a merged repair out again: a new commit, checked first, merged like any other.

Belongs here: the steps of a revert, asked for by a person or by probation. Does not belong here:
when a repair fails its probation (`probation`), or what a revert is in git (`quarantine.rollback`).
"""

import time
from functools import partial

from healer.engine.locks import hold_merge_lock
from healer.engine.workflows import StepFailed, is_retried, step, workflow
from healer.evidence.plan import plan_checks
from healer.facts.decision import Decided
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.failure import Fact, Failure
from healer.ledger.store import Entry, RepairRow
from healer.render.notice import Kind
from healer.repair.close import end_incident, incident_of, resolved, tell_of_relapse
from healer.repair.land import Landing, land_revert
from healer.repair.probation import LABEL, Probation
from healer.services import Services, current_services
from quarantine.candidate import Candidate
from quarantine.errors import RepositoryError
from quarantine.rebase import Conflict
from quarantine.rollback import revert, revert_branch
from sandbox import SandboxError

LANDINGS = 3
"""How often a moved tip is followed before a person is asked."""


class Wanted(Fact):
    """What is to be taken out, and why."""

    repair: str
    why: str
    by: str
    when: int
    """Unix time; the commit carries it, so that a repeated step makes the same commit."""
    failure: Failure | None = None
    """What showed on probation that the fix is wrong; None where a person asked."""


class TakenOut(Fact):
    """How it went, before it is recorded."""

    landing: Landing = Landing()
    refused: str = ""


@workflow("rollback", Wanted, Decided)
def rollback(wanted: Wanted) -> Decided:
    """Takes a merged repair out, for a person or because it failed on probation."""
    try:
        with hold_merge_lock(current_services().repository.state_dir):
            out = _take_out(wanted)
    except StepFailed as failed:
        if failed.is_news:
            _show(wanted, "stopped", "note", f"{failed.__cause__}")
        raise
    return step("settle", Decided, partial(_settle, wanted, out))


def _take_out(wanted: Wanted) -> TakenOut:
    """The revert on the target's tip, checked and merged; a moved tip is followed."""
    services = current_services()
    found = step("revert", Reverted, partial(_reverted, wanted, services))
    candidate = found.candidate
    if candidate is None:
        return TakenOut(refused=found.refused)
    for number in range(1, LANDINGS + 1):
        harm = step(f"prove {number}", Harm, partial(_harm, wanted, candidate, services))
        if harm.reason:
            return TakenOut(refused=harm.reason)
        land = partial(_land, wanted, candidate, services)
        landing = step(f"merge {number}", Landing, land)
        if landing.moved is None:
            return TakenOut(landing=landing, refused=landing.refused)
        candidate = landing.moved
    return TakenOut(refused=f"the target branch moved {LANDINGS} times while it was checked")


class Reverted(Fact):
    """The candidate that undoes the repair, or why there is none."""

    candidate: Candidate | None = None
    refused: str = ""


def _reverted(wanted: Wanted, services: Services) -> Reverted:
    row = services.ledger.repair(wanted.repair)
    request = Request.model_validate(row.request)
    merged = Probation(services.repository, services.config, services.ledger).merged(row)
    if not merged or row.outcome != "healed":
        return Reverted(refused=f"repair {row.id} is not merged ({row.outcome or row.state})")
    repository = services.repository
    message = (
        f"Take out repair {row.id}\n\n{wanted.why}\n\nThis reverts commit {merged}.\n\n"
        f"Healer-Repair: {row.id}\n"
    )
    try:
        found = revert(
            repository,
            repair=row.id,
            merged=merged,
            target=request.target,
            when=wanted.when,
            message=message,
            replaces=repository.tip(revert_branch(row.id)),
        )
    except RepositoryError as error:  # the branch or the commit is gone
        return Reverted(refused=str(error))
    if isinstance(found, Conflict):
        return Reverted(refused=found.reason)
    return Reverted(candidate=found)


class Harm(Fact):
    """Why a revert must not be merged; empty when it may."""

    reason: str = ""


def _harm(wanted: Wanted, candidate: Candidate, services: Services) -> Harm:
    """A revert brings the old failure back, so it cannot pass like a fix. It must break nothing
    else: what passes today and passed before the repair has to pass still.

    Raises SandboxError when nothing can be checked: that is no outcome, and is tried again, in the
    daemon after longer and longer rests.
    """
    repository, tests = services.repository, services.config.tests.command
    request = Request.model_validate(services.ledger.repair(wanted.repair).request)

    def passing(commit: str) -> set[str]:
        tree = repository.tree(commit)
        the_plan = plan_checks(tree, request.script, tests, None)
        report = services.runner.run(tree, the_plan, from_cache=True)
        if report.fault:
            raise SandboxError(f"the revert could not be checked: {report.fault.message}")
        runs = [{r.node for r in each.results if r.outcome == "passed"} for each in report.tests]
        return set.intersection(*runs) if runs else set()

    said = "what passes today, and passed before the repair, must pass without it"
    if not is_retried():
        _show(wanted, "check", "running", said)
    lost = (passing(request.base) & passing(candidate.base)) - passing(candidate.commit)
    _show(wanted, "check", "fail" if lost else "pass", said)
    if lost:
        return Harm(reason=f"later commits need the repair: without it {min(lost)} fails")
    return Harm()


def _show(wanted: Wanted, step_name: str, state: str, said: str) -> None:
    current_services().progress(
        Progress(repair=wanted.repair, step=step_name, state=state, detail=said)
    )


def _land(wanted: Wanted, candidate: Candidate, services: Services) -> Landing:
    request = Request.model_validate(services.ledger.repair(wanted.repair).request)
    name = f"{wanted.repair}-revert-{wanted.when}"
    return land_revert(request.target, candidate, name, services)


def _settle(wanted: Wanted, out: TakenOut) -> Decided:
    services = current_services()
    row = services.ledger.repair(wanted.repair)
    if not out.landing.merged:
        _not_taken_out(wanted, out.refused, row, services)
        return Decided(repair=row.id, action="rollback", done=False, reason=out.refused)
    reason = f"taken out again by {wanted.by}: {wanted.why}"
    taken = Entry(repair=row.id, label=f"rollback {wanted.when}", outcome="reverted", detail=reason)
    services.ledger.record(taken)
    if wanted.failure is None:
        resolved(row, None, reason, services)
    else:
        said = f"{_sentence(wanted.why)} It was taken out by commit {out.landing.merged[:12]}."
        _tell(wanted, "reverted", said, row, services)
    _end_incidents(wanted, row, services)
    services.ledger.settle(row.id, "closed", "reverted", row.result | {"reason": reason})
    return Decided(
        repair=row.id,
        action="rollback",
        done=True,
        reason=reason,
        merged=out.landing.merged,
        checkout=out.landing.checkout,
    )


def _not_taken_out(wanted: Wanted, why: str, row: RepairRow, services: Services) -> None:
    """A person may type it again; what failed on probation and stays needs one."""
    if wanted.failure is None or row.outcome != "healed":
        return
    stuck = Entry(repair=row.id, label=LABEL, outcome="stuck", detail=f"{wanted.why} {why}")
    services.ledger.record(stuck)
    said = f"{_sentence(wanted.why)} It could not be taken out by itself: {why}"
    _tell(wanted, "relapsed", said, row, services)
    _end_incidents(wanted, row, services)


def leave_merged(row: RepairRow, why: str, services: Services) -> None:
    """Records that what failed on probation stays merged, and tells a person: no revert of it can
    be carried out."""
    stuck = Entry(repair=row.id, label=LABEL, outcome="stuck", detail=why)
    services.ledger.record(stuck)
    reason = f"It failed on probation. {_sentence(why)}"
    tell_of_relapse(row, None, "relapsed", reason, services, when=int(time.time()))
    end_incident(incident_of(row), fixed=False, services=services)


def _sentence(why: str) -> str:
    return why[:1].upper() + why[1:]


def _end_incidents(wanted: Wanted, row: RepairRow, services: Services) -> None:
    """The repaired one, and the new one that the fix has brought."""
    new = wanted.failure.fingerprint if wanted.failure else ""
    for fingerprint in {incident_of(row), new} - {""}:
        end_incident(fingerprint, fixed=False, services=services)


def _tell(wanted: Wanted, kind: Kind, said: str, row: RepairRow, services: Services) -> None:
    tell_of_relapse(row, wanted.failure, kind, said, services, when=wanted.when)
