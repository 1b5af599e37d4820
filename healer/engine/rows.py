"""Rows of workflows in the state database, as DBOS gives them.

Belongs here: reading them, with an end to the wait for one. Does not belong here: how a workflow
stands by its row (`condition`), and those that have ended (`ended`).
"""

import time
from pathlib import Path

import dbos
from dbos import DBOS

from healer.engine.condition import OPEN
from healer.facts.errors import WorkflowError

POLL_S = 0.05
"""How often it is looked, where no end is long."""
GONE_S = 5.0
"""How long a workflow may be in no row while somebody waits for it: begun anew, it is out for a
moment."""


def list_open(*, load_input: bool = False) -> list[dbos.WorkflowStatus]:
    """Of all workflows that have not ended."""
    return DBOS.list_workflows(status=list(OPEN), load_input=load_input)


def list_step_results(workflow_id: str) -> list[object]:
    """What the steps of a workflow have given, in their order, as it is stored."""
    steps = DBOS.list_workflow_steps(workflow_id)
    return [each["output"] for each in steps if each["error"] is None]


def wait_for_row(workflow_id: str, state_dir: Path) -> dbos.WorkflowStatus:
    """Raises WorkflowError where there is none: DBOS would wait for it without an end."""
    until = time.monotonic() + GONE_S
    while True:
        row = DBOS.get_workflow_status(workflow_id)
        if row is not None:
            return row
        if time.monotonic() >= until:
            raise WorkflowError(
                f"{workflow_id} is no longer in the state database in {state_dir}; the same "
                "command begins it again"
            )
        time.sleep(POLL_S)
