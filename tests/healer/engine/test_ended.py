"""What has ended is found, of one workflow, whatever its version and its end."""

import time
from pathlib import Path

import pytest
from dbos import DBOS

from healer.engine.durable import Engine
from healer.engine.ended import list_ended
from healer.engine.workflows import workflow
from healer.facts.decision import DecisionResult
from healer.facts.errors import WorkflowError
from tests.support.deadline import deadline


@workflow("ends-well", DecisionResult, DecisionResult, version=2)
def end_well(argument: DecisionResult) -> DecisionResult:
    return argument


@workflow("ends-by-a-bug", DecisionResult, DecisionResult)
def end_by_bug(argument: DecisionResult) -> DecisionResult:
    raise KeyError(argument.repair)


ARGUMENT = DecisionResult(repair="r1", action="approve", done=False, reason="")


def test_what_ended_before_is_listed_well_or_by_a_bug_and_of_one_workflow(tmp_path: Path) -> None:
    with deadline(), Engine(state_dir=tmp_path, executor="x", queue="x") as engine:
        for each, workflow_id in ((end_well, "a"), (end_by_bug, "b")):
            engine.start(each, workflow_id, ARGUMENT)
        engine.wait_until_ended("a")
        with pytest.raises(WorkflowError, match="KeyError"):
            engine.wait_until_ended("b")
        later = time.time() + 60
        assert list_ended(end_well, before=later) == ["a"]
        assert list_ended(end_by_bug, before=later) == ["b"]
        assert list_ended(end_well, before=time.time() - 60) == []
        engine.discard("a")
        assert list_ended(end_well, before=later) == []
        assert [each.workflow_id for each in DBOS.list_workflows()] == ["b"]
