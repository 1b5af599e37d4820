"""How a workflow stands is told from its row and from who lives; every pair is in the table."""

from typing import Any

import pytest
from dbos import WorkflowStatus
from pydantic import BaseModel

from healer.engine.condition import (
    APP_VERSION,
    DAEMON,
    DAEMON_QUEUE,
    Condition,
    Executor,
    condition_of,
    is_mine,
    is_orphan,
)
from healer.engine.workflows import Workflow, workflow

ME, OTHER, DEAD = "cli-me", "cli-other", "cli-dead"
LIVING = {ME, OTHER, DAEMON}


class Empty(BaseModel):
    pass


@workflow("test-condition", Empty, Empty, version=2)
def current(empty: Empty) -> Empty:
    return empty


def row(status: str, **facts: Any) -> WorkflowStatus:
    """A row of this version's, unless told otherwise."""
    stored = WorkflowStatus()
    values = {"name": "test-condition@2", "app_version": APP_VERSION, "executor_id": None}
    for name, value in (values | {"status": status, "queue_name": None} | facts).items():
        setattr(stored, name, value)
    return stored


def condition(stored: WorkflowStatus | None, me: str = ME, queue: str = ME) -> Condition:
    return condition_of(stored, current, Executor(me, queue, LIVING.__contains__))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"status": "SUCCESS"}, Condition.ENDED),
        ({"status": "ERROR"}, Condition.FAILED),
        ({"status": "CANCELLED"}, Condition.STOPPED),
        ({"status": "MAX_RECOVERY_ATTEMPTS_EXCEEDED"}, Condition.STOPPED),
        ({"status": "PENDING", "executor_id": ME}, Condition.RUNNING),
        ({"status": "PENDING", "executor_id": OTHER}, Condition.RUNNING),
        ({"status": "PENDING", "executor_id": DAEMON}, Condition.RUNNING),
        ({"status": "PENDING", "executor_id": DEAD}, Condition.STOPPED),
        ({"status": "PENDING", "executor_id": None}, Condition.STOPPED),
        ({"status": "ENQUEUED", "queue_name": ME}, Condition.RUNNING),
        ({"status": "ENQUEUED", "queue_name": OTHER}, Condition.RUNNING),
        ({"status": "ENQUEUED", "queue_name": DEAD}, Condition.STOPPED),
        ({"status": "ENQUEUED", "queue_name": DAEMON_QUEUE}, Condition.RUNNING),
        ({"status": "ENQUEUED", "queue_name": "_dbos_internal_queue"}, Condition.STOPPED),
        ({"status": "ENQUEUED", "queue_name": None}, Condition.STOPPED),
    ],
    ids=str,
)
def test_what_this_version_began(facts: dict[str, Any], expected: Condition) -> None:
    assert condition(row(**facts)) is expected


@pytest.mark.parametrize(
    "difference",
    [
        {"app_version": "healer-0"},
        {"app_version": None},
        {"name": "test-condition"},
        {"name": "test-condition@3"},
        {"name": "test-condition@22"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"status": "SUCCESS"}, Condition.ENDED),
        ({"status": "ERROR"}, Condition.FAILED),
        ({"status": "CANCELLED"}, Condition.OUTDATED),
        ({"status": "PENDING", "executor_id": DEAD}, Condition.OUTDATED),
        ({"status": "PENDING", "executor_id": ME}, Condition.OUTDATED),
        ({"status": "ENQUEUED", "queue_name": ME}, Condition.OUTDATED),
        ({"status": "ENQUEUED", "queue_name": DEAD}, Condition.OUTDATED),
        # An older process that lives is left to its work.
        ({"status": "PENDING", "executor_id": OTHER}, Condition.RUNNING),
        ({"status": "ENQUEUED", "queue_name": OTHER}, Condition.RUNNING),
    ],
    ids=str,
)
def test_what_another_version_began_is_outdated_once_nobody_has_it(
    facts: dict[str, Any], expected: Condition, difference: dict[str, Any]
) -> None:
    assert condition(row(**facts, **difference)) is expected


def test_what_was_never_begun_is_unknown() -> None:
    assert condition(None) is Condition.UNKNOWN


def test_the_daemon_serves_its_queue_and_a_command_leaves_it_to_a_living_daemon() -> None:
    waiting = row("ENQUEUED", queue_name=DAEMON_QUEUE)
    daemon = Executor(DAEMON, DAEMON_QUEUE, LIVING.__contains__)
    assert is_mine(waiting, daemon)
    assert not is_orphan(waiting, daemon)
    alone = Executor(ME, ME, {ME}.__contains__)
    assert is_orphan(waiting, alone)
    assert not is_mine(waiting, alone)


def test_the_first_version_of_a_workflow_has_the_name_that_it_always_had() -> None:
    first: Workflow[Empty, Empty] = workflow("test-first", Empty, Empty)(lambda empty: empty)
    assert (first.stored_name, current.stored_name) == ("test-first", "test-condition@2")
