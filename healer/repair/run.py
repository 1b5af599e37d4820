"""Runs one repair or one decision in this process, for the command line.

Belongs here: who runs what under which executor id. Does not belong here: the daemon's queue.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from healer.engine import durable
from healer.engine.locks import alive, hold
from healer.facts.decision import Decided
from healer.facts.progress import Progress
from healer.facts.repair import Dossier, Request, Result
from healer.repair import approve, request, rollback
from healer.repair.lookup import find
from healer.repair.workflow import repair
from healer.services import Services, install_services

FOLLOW_S = 0.2
"""How often the ledger is looked at while another process runs the repair."""
FOLLOWING = "another healer runs this repair; its result is awaited"


def run_repair(services: Services, folder: Path, wanted: Request) -> Result:
    """Runs the wanted repair, or goes on with the open one that does the same, to its end."""

    while True:
        row, _ = request.opened(services.ledger, wanted)
        given = Request.model_validate(row.request).model_dump(mode="json")
        try:
            return Result.model_validate(_run(services, folder, row.id, repair, given))
        except durable.AlreadyRunningError:
            result = _followed(services, folder, row.id)
        if result is not None:
            return result


def run_decision(
    services: Services,
    folder: Path,
    action: Literal["approve", "reject", "rollback"],
    prefix: str,
    *,
    by: str,
    why: str,
    allowed: Callable[[Dossier], bool] | None = None,
) -> Decided:
    """Carries out a person's decision on the repair whose id begins with `prefix`.

    One at a time for each repair; one that was killed on its way is gone on with first.
    """
    row = find(services.ledger, prefix)
    overrule = False
    if action == "approve":
        evidence = approve.waiting(services, row)
        if allowed and not allowed(evidence):
            return Decided(repair=row.id, action=action, done=False, reason="it was not confirmed")
        overrule = bool(approve.against(evidence))
    try:
        if action == "reject":
            with _alone(folder, row.id):
                return approve.reject(services, row.id, why, by)
        if action == "approve":
            wish: dict[str, Any] = {"repair": row.id, "by": by, "overrule": overrule}
            return _decided(services, folder, row.id, approve.approve, wish)
        now = int(time.time())
        wanted = rollback.Wanted(repair=row.id, why=why, by=by, when=now)
        return _decided(services, folder, row.id, rollback.rollback, wanted.model_dump(mode="json"))
    except durable.AlreadyRunningError:
        reason = f"another decision on it is being carried out; see healer show {row.id}"
        return Decided(repair=row.id, action=action, done=False, reason=reason)


def _decider(repair: str) -> str:
    """The executor id, and so the lock, of whoever carries out a decision on a repair."""
    return f"cli-decide-{repair}"


@contextmanager
def _alone(folder: Path, repair: str) -> Iterator[None]:
    """Keeps other decisions on the repair out. Raises AlreadyRunningError."""
    lock = hold(folder, _decider(repair))
    if lock is None:
        raise durable.AlreadyRunningError(f"a decision on {repair} is being carried out")
    try:
        yield
    finally:
        os.close(lock)


def _decided(
    services: Services,
    folder: Path,
    repair: str,
    function: Callable[..., Any],
    given: dict[str, Any],
) -> Decided:
    install_services(services)
    url = durable.workflow_url(services.config.state, folder)
    name = _decider(repair)
    with durable.engine(url=url, folder=folder, executor=name, queue=name) as engine:
        workflow = engine.unfinished(f"{function.__name__}-{repair}")
        engine.start(function, workflow, given)
        return Decided.model_validate(engine.result(workflow))


def _run(
    services: Services, folder: Path, workflow: str, function: Callable[..., Any], given: Any
) -> Any:
    """Runs one workflow in this process, under an executor id and a queue of its own."""

    install_services(services)
    name = _executor(workflow)
    url = durable.workflow_url(services.config.state, folder)
    with durable.engine(url=url, folder=folder, executor=name, queue=name) as engine:
        engine.start(function, workflow, given)
        return engine.result(workflow)


def _executor(workflow: str) -> str:
    return f"cli-{workflow}"


def _followed(services: Services, folder: Path, repair: str) -> Result | None:
    """Waits for a repair that another process runs; None when that process ended before it."""

    note = Progress(repair=repair, step="following", state="note", detail=FOLLOWING)
    services.progress(note)
    while (row := services.ledger.repair(repair)).state == "open":
        if not alive(folder, _executor(repair)):
            row = services.ledger.repair(repair)  # it may have ended well just before
            return None if row.state == "open" else Result.model_validate(row.result)
        time.sleep(FOLLOW_S)
    return Result.model_validate(row.result)
