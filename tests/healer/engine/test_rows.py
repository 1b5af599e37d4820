"""Who waits for a workflow that is in the database no more is told so."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from dbos import DBOS, SetWorkflowID

from healer.engine.durable import Engine
from healer.engine.locks import hold_executor_lock
from healer.engine.rows import list_open
from healer.engine.workflows import workflow
from healer.facts.decision import DecisionResult
from healer.facts.errors import WorkflowError
from tests.support.deadline import deadline


@workflow("waits-in-a-queue", DecisionResult, DecisionResult)
def wait_in_queue(argument: DecisionResult) -> DecisionResult:
    return argument


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    monkeypatch.setattr("healer.engine.rows.GONE_S", 0.3)
    with Engine(state_dir=tmp_path, executor="x", queue="x") as opened:
        yield opened


def test_what_was_never_there_is_not_waited_for(engine: Engine) -> None:
    with pytest.raises(WorkflowError, match="r1 is no longer in the state database"), deadline():
        engine.wait_until_ended("r1")


def test_what_goes_while_another_process_has_it_is_not_waited_for(engine: Engine) -> None:
    with hold_executor_lock(engine.state_dir, "cli-r1"):
        DBOS.register_queue("cli-r1")
        with SetWorkflowID("r1"):
            DBOS.enqueue_workflow("cli-r1", wait_in_queue.run, {})
        assert [each.workflow_id for each in list_open()] == ["r1"]
        timer = threading.Timer(0.5, engine.discard, args=["r1"])
        timer.start()
        with pytest.raises(WorkflowError, match="begins it again"), deadline():
            engine.wait_until_ended("r1")
        timer.join()
    assert list_open() == []
