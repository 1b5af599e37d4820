"""Workflows that have ended: which of them there are.

Belongs here: looking them up. Does not belong here: which may be forgotten, and forgetting one
(`Engine.discard`).
"""

from datetime import UTC, datetime
from typing import Any

from dbos import DBOS

from healer.engine.workflows import Workflow, find_workflow


def list_ended(workflow: Workflow[Any, Any], *, before: float) -> list[str]:
    """The ids of those of this workflow, in any version, that ended before then (seconds), well or
    by a bug. To be asked while an engine runs."""
    rows = DBOS.list_workflows(
        status=["SUCCESS", "ERROR"],
        completed_before=datetime.fromtimestamp(before, UTC).isoformat(),
        load_input=False,
        load_output=False,
    )
    return [row.workflow_id for row in rows if find_workflow(row.name) is workflow]
