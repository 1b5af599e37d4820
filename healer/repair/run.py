"""Runs one repair or one decision in this process, for the command line.

Belongs here: who runs what under which executor id. Does not belong here: the daemon's queue.
"""

import time
from collections.abc import Callable
from pathlib import Path

from healer.engine.condition import DAEMON, DAEMON_QUEUE
from healer.engine.durable import Engine
from healer.engine.locks import AlreadyRunningError, hold_executor_lock, is_alive
from healer.engine.schema import workflow_url
from healer.engine.workflows import Argument, Workflow
from healer.facts.decision import DecisionAction, DecisionResult
from healer.facts.progress import Progress
from healer.facts.repair import Dossier, Request, Result
from healer.repair.approve import ApprovalRequest, approve, reject
from healer.repair.lookup import find_row
from healer.repair.refusals import require_candidate, require_dossier, require_waiting
from healer.repair.request import find_or_open
from healer.repair.rollback import RollbackRequest, rollback
from healer.repair.start import start_repair
from healer.repair.view import list_objections
from healer.repair.workflow import repair
from healer.services import Services, install_services

FOLLOW_S = 0.2
"""How often the ledger is looked at while another process runs the repair."""
FOLLOWING = "another healer runs this repair; its result is awaited"


def open_engine(services: Services, state_dir: Path, executor: str, workers: int = 1) -> Engine:
    """The workflow engine whose steps work with these services, under this executor id."""
    install_services(services)
    return Engine(
        url=workflow_url(services.config.state, state_dir),
        state_dir=state_dir,
        executor=executor,
        queue=DAEMON_QUEUE if executor == DAEMON else executor,
        workers=workers,
    )


def run_repair(services: Services, state_dir: Path, request: Request) -> Result:
    """Runs the wanted repair, or goes on with the open one that does the same, to its end."""
    while True:
        row, _ = find_or_open(services.ledger, request)
        executor = f"cli-{row.id}"
        try:
            with open_engine(services, state_dir, executor) as engine:
                if start_repair(engine, row, services):
                    return engine.wait_for(repair, row.id)
                return services.ledger.repair(row.id).known_result
        except AlreadyRunningError:
            result = _follow(services, state_dir, row.id, executor)
        if result is not None:
            return result


def _follow(services: Services, state_dir: Path, repair_id: str, executor: str) -> Result | None:
    """Waits for a repair that another process runs; None when that process ended before it."""
    note = Progress(repair=repair_id, step="following", state="note", detail=FOLLOWING)
    services.progress(note)
    while (row := services.ledger.repair(repair_id)).state == "open":
        if not is_alive(state_dir, executor):
            row = services.ledger.repair(repair_id)  # it may have ended well just before
            return None if row.state == "open" else row.known_result
        time.sleep(FOLLOW_S)
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
    decider = f"cli-decide-{row.id}"  # its lock keeps other decisions on the repair out
    try:
        if action == "reject":
            with hold_executor_lock(state_dir, decider):
                return reject(services, row.id, why, by)
        if action == "rollback":
            request = RollbackRequest(repair=row.id, why=why, by=by, when=int(time.time()))
            return _run_decision(services, state_dir, decider, rollback, request)
        require_waiting(row)
        dossier = require_dossier(services, row)
        attempt = require_candidate(dossier)
        if is_confirmed and not is_confirmed(dossier):
            return DecisionResult(
                repair=row.id, action=action, done=False, reason="it was not confirmed"
            )
        approval = ApprovalRequest(repair=row.id, by=by, overrule=bool(list_objections(attempt)))
        return _run_decision(services, state_dir, decider, approve, approval)
    except AlreadyRunningError:
        reason = f"another decision on it is being carried out; see healer show {row.id}"
        return DecisionResult(repair=row.id, action=action, done=False, reason=reason)


def _run_decision(
    services: Services,
    state_dir: Path,
    decider: str,
    workflow: Workflow[Argument, DecisionResult],
    request: Argument,
) -> DecisionResult:
    with open_engine(services, state_dir, decider) as engine:
        workflow_id = engine.next_try(f"{workflow.name}-{decider.removeprefix('cli-decide-')}")
        engine.start(workflow, workflow_id, request)
        return engine.wait_for(workflow, workflow_id)
