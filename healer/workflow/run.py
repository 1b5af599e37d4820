"""Runs one repair or one decision in this process, for the command line.

Belongs here: who runs what under which executor id. Does not belong here: the daemon's queue.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from healer.workflow import ask, decide, durable
from healer.workflow.decided import Decided
from healer.workflow.locks import alive
from healer.workflow.lookup import find
from healer.workflow.parts import Parts, Progress, use
from healer.workflow.record import Evidence, Request, Result
from healer.workflow.repair import repair

FOLLOW_S = 0.2
"""How often the ledger is looked at while another process runs the repair."""
FOLLOWING = "another healer runs this repair; its result is awaited"


def run_repair(parts: Parts, folder: Path, wanted: Request) -> Result:
    """Runs the wanted repair, or goes on with the open one that does the same, to its end."""

    while True:
        row, _ = ask.opened(parts.ledger, wanted)
        given = Request.model_validate(row.request).model_dump(mode="json")
        try:
            return Result.model_validate(_run(parts, folder, row.id, repair, given))
        except durable.AlreadyRunningError:
            result = _followed(parts, folder, row.id)
        if result is not None:
            return result


def run_decision(
    parts: Parts,
    folder: Path,
    action: Literal["approve", "reject", "rollback"],
    prefix: str,
    *,
    by: str,
    why: str,
    allowed: Callable[[Evidence], bool] | None = None,
) -> Decided:
    """Carries out a person's decision on the repair whose id begins with `prefix`."""

    row = find(parts.ledger, prefix)
    if action == "reject":
        return decide.reject(parts, row, why, by)
    now = int(time.time())
    given = {"repair": row.id, "by": by, "why": why, "when": now, "overrule": False}
    if action == "approve":
        evidence = decide.waiting(parts, row)
        if allowed and not allowed(evidence):
            return Decided(repair=row.id, action=action, done=False, reason="it was not confirmed")
        given["overrule"] = bool(decide.against(evidence))
    function = decide.approve if action == "approve" else decide.rollback
    workflow = f"{action}-{row.id}-{now}"
    return Decided.model_validate(_run(parts, folder, workflow, function, given))


def _run(
    parts: Parts, folder: Path, workflow: str, function: Callable[..., Any], given: Any
) -> Any:
    """Runs one workflow in this process, under an executor id and a queue of its own."""

    use(parts)
    name = _executor(workflow)
    url = durable.workflow_url(parts.config.state, folder)
    with durable.engine(url=url, folder=folder, executor=name, queue=name) as engine:
        engine.start(function, workflow, given)
        return engine.result(workflow)


def _executor(workflow: str) -> str:
    return f"cli-{workflow}"


def _followed(parts: Parts, folder: Path, repair: str) -> Result | None:
    """Waits for a repair that another process runs; None when that process ended before it."""

    note = Progress(repair=repair, step="following", state="note", detail=FOLLOWING)
    parts.progress(note)
    while (row := parts.ledger.repair(repair)).state == "open":
        if not alive(folder, _executor(repair)):
            row = parts.ledger.repair(repair)  # it may have ended well just before
            return None if row.state == "open" else Result.model_validate(row.result)
        time.sleep(FOLLOW_S)
    return Result.model_validate(row.result)
