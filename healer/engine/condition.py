"""How a workflow stands, told from its row and from who lives. Pure, but for who lives.

Belongs here: the one table of what a row means. Does not belong here: doing something about it
(`durable`).
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from dbos import WorkflowStatus

from healer.engine.workflows import Workflow

APP_VERSION = "healer-1"
"""Never changes: whether an old checkpoint still fits is told by each workflow's own version."""
DAEMON = "daemon"
"""The executor id of the one daemon of a repository and machine."""
DAEMON_QUEUE = "repairs"
OPEN = ("PENDING", "ENQUEUED")
STOPPED = ("CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""Ended before their end; resumed when somebody asks again."""


class Condition(Enum):
    """How a workflow stands, and so what it needs to run."""

    UNKNOWN = "it was never begun, or is forgotten"
    RUNNING = "somebody who lives has it"
    STOPPED = "nobody has it; it goes on where it was"
    OUTDATED = "another version of healer began it, and nobody has it; it is begun anew"
    FAILED = "a bug ended it; it is begun anew, once"
    ENDED = "it has its result"


class Executor(NamedTuple):
    """Who asks: a process with its id and its queue."""

    id: str
    queue: str
    is_alive: Callable[[str], bool]
    """Whether a process of this machine has that executor id."""


def condition_of(
    row: WorkflowStatus | None, workflow: Workflow[Any, Any], executor: Executor
) -> Condition:
    """How the workflow of this row stands for this executor."""
    if row is None:
        return Condition.UNKNOWN
    if row.status not in (*OPEN, *STOPPED):
        return Condition.FAILED if row.status == "ERROR" else Condition.ENDED
    is_current = (row.name, row.app_version) == (workflow.stored_name, APP_VERSION)
    if row.status in STOPPED or is_orphan(row, executor):
        return Condition.STOPPED if is_current else Condition.OUTDATED
    if is_mine(row, executor) and not is_current:
        return Condition.OUTDATED  # left by the process before, and nothing here would run it
    return Condition.RUNNING


def is_mine(row: WorkflowStatus, executor: Executor) -> bool:
    """It is this executor's to run: it has claimed it, or serves the queue in which it waits."""
    if row.status == "PENDING":
        return row.executor_id == executor.id
    return row.queue_name == executor.queue


def is_orphan(row: WorkflowStatus, executor: Executor) -> bool:
    """Nobody alive runs it, and it does not wait in a queue that somebody alive serves."""
    if is_mine(row, executor):
        return False
    if row.status == "PENDING":
        return not executor.is_alive(row.executor_id or "")
    queue = row.queue_name or ""
    return not executor.is_alive(DAEMON if queue == DAEMON_QUEUE else queue)
    # a command's queue has its executor's name
