"""Runs one repair or one decision in this process, and makes sure that an open repair runs at all.

Belongs here: who runs what under which executor id, and what becomes of a repair that another
version of healer began, or that a bug has ended: none stays open for ever. Does not belong here:
the daemon's queue, and whether a workflow can go on (`healer.engine.durable`).
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from healer.engine.condition import DAEMON, DAEMON_QUEUE, Condition
from healer.engine.durable import Engine, StuckError
from healer.engine.locks import AlreadyRunningError, hold_executor_lock, is_alive
from healer.engine.workflows import Argument, Workflow
from healer.facts.decision import DecisionAction, DecisionResult
from healer.facts.progress import Progress
from healer.facts.question import Question
from healer.facts.repair import Dossier, FinishedRepair, Outcome, Request, Result
from healer.ledger.rows import Entry, RepairRow
from healer.repair.answer import AnswerRequest, answer
from healer.repair.approve import ApprovalRequest, approve, reject
from healer.repair.checkpoints import drop_checkpoints
from healer.repair.close import close
from healer.repair.earlier_request import go_on_as_begun
from healer.repair.incident_events import begin_by_hand, end_incident
from healer.repair.lookup import bring_here, find_row
from healer.repair.make_way import make_way
from healer.repair.premises import find_tip
from healer.repair.refusals import (
    require_candidate,
    require_dossier,
    require_question,
    require_waiting,
)
from healer.repair.request import find_or_open
from healer.repair.rerun import Reruns
from healer.repair.rollback import RollbackRequest, rollback
from healer.repair.view import list_objections
from healer.repair.workflow import repair
from healer.services import Services, install_services
from healer.services.fleet import TakenOverError
from healer.watch.pause import why_paused
from quarantine.history import find_repair
from quarantine.merge import BEFORE

_WHY_ANEW = {
    Condition.OUTDATED: "begun by another version of healer; begun anew",
    Condition.FAILED: "ended by a bug in healer; begun anew",
}


def start_repair(engine: Engine, row: RepairRow, services: Services) -> bool:
    """Makes sure that the open repair of `row` runs somewhere; False where it was closed instead.

    One that another version began, or that a bug ended, is begun anew with the same request, the
    latter once. What it has merged already is not done again: it is recorded.
    """
    request = row.request
    if request is None:
        _close_unreadable(row, services)
        engine.discard(row.id)
        return False
    condition = engine.condition(repair, row.id)
    if condition in _WHY_ANEW or (condition is Condition.UNKNOWN and _may_be_merged(row, services)):
        tip = find_tip(request.target, services)
        fix_commit = find_repair(services.repository, tip, row.id) if tip else None
        if fix_commit is not None:
            reason = f"the fix was merged into {request.target} before the repair was cut short"
            outcome = Outcome(kind="healed", reason=reason, merged=fix_commit)
            return _close(engine, request, outcome, services)
    try:
        engine.start(repair, row.id, request)
    except StuckError as error:
        reason = f"healer could not go on with it, which is a bug in healer: {error}"
        return _close(engine, request, Outcome(kind="gave_up", reason=reason), services)
    if condition in _WHY_ANEW:
        _record_restart(row, _WHY_ANEW[condition], services)
    return True


def _may_be_merged(row: RepairRow, services: Services) -> bool:
    """A repair without checkpoints may be one of another clone, or one whose checkpoints are lost:
    either may have merged its fix already."""
    merging = services.repository.ref(f"{BEFORE}{row.id}")
    return bool(services.fleet.clone) or merging is not None


def _record_restart(row: RepairRow, why: str, services: Services) -> None:
    number = services.ledger.count_entries(row.id, "restart") + 1
    entry = Entry(repair=row.id, kind="restart", number=number, outcome="restarted", detail=why)
    services.ledger.record(entry)
    services.progress(Progress(repair=row.id, step="start", state="note", detail=why))


def _close(engine: Engine, request: Request, outcome: Outcome, services: Services) -> bool:
    close(FinishedRepair(request=request, outcome=outcome), services)
    engine.discard(request.repair)
    return False


def _close_unreadable(row: RepairRow, services: Services) -> None:
    """Its request is not one that this version reads: nothing can be done with it, or mailed."""
    reason = "its request cannot be read, for another version wrote it; repair the script again"
    result = Result(repair=row.id, script=row.script, outcome="gave_up", reason=reason)
    if row.fingerprint:
        end_incident(row.fingerprint, "fail", services, reason=reason, repair=row.id)
    services.ledger.settle(row.id, "gave_up", result)


FOLLOW_S = 0.2
"""How often the ledger is looked at while another process runs the repair."""
FOLLOW_ELSEWHERE_S = 2.0
"""The same where another machine does."""
_OTHER_DECISION = "another decision on it is being carried out"
FOLLOWING = "another healer runs this repair; its result is awaited"


def open_engine(services: Services, state_dir: Path, executor: str, workers: int = 1) -> Engine:
    """The workflow engine whose steps work with these services, under this executor id."""
    install_services(services)
    return Engine(
        state_dir=state_dir,
        executor=executor,
        queue=DAEMON_QUEUE if executor == DAEMON else executor,
        workers=workers,
    )


def run_repair(services: Services, state_dir: Path, request: Request) -> Result:
    """Runs the wanted repair, or goes on with the open one that does the same, to its end."""
    while True:
        row, _ = find_or_open(services.ledger, request)
        if make_way(row, request, services, state_dir, partial(open_engine, services, state_dir)):
            continue
        go_on_as_begun(row, request, services)
        begin_by_hand(row, services)
        executor = f"cli-{row.id}"
        try:
            result = _run_here(services, state_dir, row, executor)
        except (AlreadyRunningError, TakenOverError):
            outcome = _follow(services, state_dir, row.id, executor)
            if outcome is None:
                continue
            result = outcome
        Reruns(services, is_attended=True).finish()
        return _follow_incident(result, services)


def _follow_incident(result: Result, services: Services) -> Result:
    """One incident has one thing that waits for a person: who asked for a second is given that."""
    if not result.waiting_repair:
        return result
    detail = f"{result.reason}: this is it"
    services.progress(Progress(repair=result.repair, step="waits", state="note", detail=detail))
    return services.ledger.repair(result.waiting_repair).known_result


def _run_here(services: Services, state_dir: Path, row: RepairRow, executor: str) -> Result:
    """Raises AlreadyRunningError where another process runs it, and TakenOverError where another
    clone does."""
    if not services.fleet.hold(row):
        raise TakenOverError(f"another clone has repair {row.id}")
    with open_engine(services, state_dir, executor) as engine:
        if start_repair(engine, row, services):
            result = engine.wait_for(repair, row.id)
            drop_checkpoints(engine, services)
            return result
        return services.ledger.repair(row.id).known_result


def _follow(services: Services, state_dir: Path, repair_id: str, executor: str) -> Result | None:
    """Waits for a repair that another process runs, here or in another clone; None when that
    process, or its machine, ended before it."""
    host = services.fleet.describe_holder(services.ledger.repair(repair_id))
    detail = FOLLOWING + (f" (on {host})" if host else "")
    services.progress(Progress(repair=repair_id, step="following", state="note", detail=detail))
    while (row := services.ledger.repair(repair_id)).state == "open":
        is_elsewhere = row.holder != services.fleet.clone
        if services.fleet.hold(row) if is_elsewhere else not is_alive(state_dir, executor):
            row = services.ledger.repair(repair_id)  # it may have ended well just before
            return None if row.state == "open" else row.known_result
        time.sleep(FOLLOW_ELSEWHERE_S if is_elsewhere else FOLLOW_S)
    return row.known_result


def run_decision(
    services: Services,
    state_dir: Path,
    action: DecisionAction,
    prefix: str,
    *,
    by: str,
    why: str,
    is_confirmed: Callable[[Dossier], bool] | None = None,
) -> DecisionResult:
    """Carries out a person's decision on the repair whose id begins with `prefix`.

    One at a time for each repair; one that was killed on its way is gone on with first.
    `is_confirmed` is asked before an approval; False leaves all as it is.
    """
    row = find_row(services.ledger, prefix)
    bring_here(row, services)
    decider = f"cli-decide-{row.id}"  # its lock keeps other decisions on the repair out
    try:
        if action == "reject":
            with hold_executor_lock(state_dir, decider):
                return reject(services, row.id, why, by)
        if action == "rollback":
            request = RollbackRequest(repair=row.id, why=why, by=by, when=int(services.clock.now()))
            return _run_decision(services, state_dir, decider, rollback, request)
        require_waiting(row)
        dossier = require_dossier(services, row)
        attempt = require_candidate(dossier)
        if is_confirmed and not is_confirmed(dossier):
            return _not_done(row, action, "it was not confirmed")
        approval = ApprovalRequest(repair=row.id, by=by, overrule=bool(list_objections(attempt)))
        return _run_decision(services, state_dir, decider, approve, approval, merges=row)
    except AlreadyRunningError:
        return _not_done(row, action, f"{_OTHER_DECISION}; see healer show {row.id}")


def _not_done(row: RepairRow, action: DecisionAction, reason: str) -> DecisionResult:
    return DecisionResult(repair=row.id, action=action, done=False, reason=reason)


def run_answer(
    services: Services,
    state_dir: Path,
    prefix: str,
    choose: Callable[[Question], str],
    *,
    by: str,
    author: str,
) -> DecisionResult:
    """Carries out a person's answer to the question of the repair whose id begins with `prefix`.

    `choose` gives what the call is to give, or nothing: none of these, and it is left to a person.
    """
    row = find_row(services.ledger, prefix)
    question = require_question(services.ledger, row)
    bring_here(row, services)
    outcome = choose(question)
    if not outcome:
        return _leave_to_person(services, row, by)
    request = AnswerRequest(
        repair=row.id,
        question=question,
        outcome=outcome,
        by=by,
        author=author,
        when=int(services.clock.now()),
    )
    try:
        decider = f"cli-decide-{row.id}"
        return _run_decision(services, state_dir, decider, answer, request, merges=row)
    except AlreadyRunningError:
        return _not_done(row, "answer", f"{_OTHER_DECISION}; see healer show {row.id}")


def _leave_to_person(services: Services, row: RepairRow, by: str) -> DecisionResult:
    """None of the choices is right, and no other was given: it waits on, as a patch does."""
    services.ledger.record(
        Entry(
            repair=row.id,
            kind="answer",
            number=1 + services.ledger.count_entries(row.id, "answer"),
            outcome="none of these",
            detail=f"by {by}: none of these",
        )
    )
    reason = (
        "none of these; give the right value (healer answer ID none --value LITERAL), or repair it "
        f"by hand and close this: healer reject {row.id} --reason TEXT"
    )
    return _not_done(row, "answer", reason)


def _run_decision(
    services: Services,
    state_dir: Path,
    decider: str,
    workflow: Workflow[Argument, DecisionResult],
    request: Argument,
    *,
    merges: RepairRow | None = None,
) -> DecisionResult:
    """`merges`: what a pause keeps back. It is said before anything runs, but where one is gone on
    with that was killed on its way: it may have moved a target."""
    with open_engine(services, state_dir, decider) as engine:
        workflow_id = engine.next_try(f"{workflow.name}-{decider.removeprefix('cli-decide-')}")
        pause = why_paused(services.repository.state_dir, merges.script) if merges else ""
        if merges and pause and engine.condition(workflow, workflow_id) is Condition.UNKNOWN:
            action: DecisionAction = "answer" if workflow.name == "answer" else "approve"
            return _not_done(merges, action, f"{pause}, then healer {action} {merges.id}")
        engine.start(workflow, workflow_id, request)
        result = engine.wait_for(workflow, workflow_id)
    Reruns(services, is_attended=True).finish()
    return result
