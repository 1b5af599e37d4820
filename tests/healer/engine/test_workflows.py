"""A step runs once, an error stops its workflow where it is, and after `halt` none is written."""

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from dbos import DBOS
from pydantic import BaseModel

from healer.engine import workflows
from healer.engine.condition import Condition
from healer.engine.durable import Engine, StuckError
from healer.engine.workflows import (
    ProcessState,
    StepFailed,
    find_workflow,
    halt,
    is_known,
    is_retried,
    step,
    workflow,
)
from healer.facts.errors import PostponedError
from sandbox import Fault, FaultKind, SandboxError


class Count(BaseModel):
    number: int = 0


log: list[str] = []
errors: list[Exception] = []
"""What the second step raises, one after the other."""


def work(name: str, number: int) -> Count:
    log.append(name)
    if name == "two" and errors:
        raise errors.pop(0)
    return Count(number=number)


@workflow("test-steps", Count, Count)
def two_steps(count: Count) -> Count:
    first = step("one", Count, partial(work, "one", count.number + 1))
    try:
        return step("two", Count, partial(work, "two", first.number + 1))
    except StepFailed as failed:
        log.append(f"stopped: {failed.__cause__}; news: {failed.is_news}; retried: {is_retried()}")
        raise


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    log.clear()
    errors.clear()
    for name, value in vars(ProcessState()).items():
        monkeypatch.setattr(workflows.process, name, value)  # a new process, as it were
    with Engine(state_dir=tmp_path, executor="cli-1", queue="cli-1") as running:
        yield running


def test_each_step_runs_once_and_gives_what_it_gave(engine: Engine) -> None:
    engine.start(two_steps, "w", Count(number=5))
    assert engine.wait_for(two_steps, "w") == Count(number=7)
    assert log == ["one", "two"]
    assert [each["function_name"] for each in DBOS.list_workflow_steps("w")] == ["one", "two"]


def test_an_error_stops_the_workflow_and_the_next_start_goes_on_at_that_step(
    engine: Engine,
) -> None:
    errors.append(OSError("the disk is full"))
    engine.start(two_steps, "w", Count())
    with pytest.raises(OSError, match="the disk is full"):
        engine.wait_for(two_steps, "w")
    assert engine.condition(two_steps, "w") is Condition.STOPPED
    engine.start(two_steps, "w")
    assert engine.wait_for(two_steps, "w") == Count(number=2)
    assert [each for each in log if not each.startswith("stopped")] == ["one", "two", "two"]


@pytest.mark.parametrize(
    "error",
    [
        PostponedError("the endpoint is away"),
        SandboxError(Fault(kind=FaultKind.ENGINE, message="Docker is away", retryable=True)),
        OSError("the disk is full"),
    ],
    ids=["postponed", "sandbox", "disk"],
)
def test_what_lacks_something_outside_backs_off_and_says_so_once(
    engine: Engine, error: Exception
) -> None:
    errors.extend([error, error])
    for _ in range(2):
        engine.start(two_steps, "w", Count())
        with pytest.raises(type(error)):
            engine.wait_for(two_steps, "w")
        assert workflows.process.backoffs.is_backing_off("w")
    engine.start(two_steps, "w")
    engine.wait_for(two_steps, "w")
    assert not workflows.process.backoffs.is_backing_off("w")
    stops = [each.partition("; ")[2] for each in log if each.startswith("stopped")]
    assert stops == ["news: True; retried: True", "news: False; retried: True"]


def test_who_is_told_of_a_stop_can_start_it_again_at_once(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cancel = DBOS.cancel_workflow

    def cancel_slowly(workflow_id: str) -> None:
        time.sleep(0.3)
        cancel(workflow_id)
        time.sleep(0.3)

    monkeypatch.setattr(DBOS, "cancel_workflow", cancel_slowly)
    errors.extend(OSError("the disk is full") for _ in range(2))
    for _ in range(2):
        engine.start(two_steps, "w", Count())
        with pytest.raises(OSError, match="the disk is full"):
            engine.wait_for(two_steps, "w")
    engine.start(two_steps, "w")
    assert engine.wait_for(two_steps, "w") == Count(number=2)


def test_what_no_waiting_mends_is_begun_anew_once_and_has_an_end(engine: Engine) -> None:
    errors.extend([ValueError("a bug"), KeyError("a bug"), TypeError("never raised")])
    for error in (ValueError, KeyError):
        engine.start(two_steps, "w", Count())
        with pytest.raises(error, match="a bug"):
            engine.wait_for(two_steps, "w")
        assert engine.condition(two_steps, "w") is Condition.FAILED
        assert not workflows.process.backoffs.is_backing_off("w")
    with pytest.raises(StuckError, match="failed 2 times, the last time with: KeyError: 'a bug'"):
        engine.start(two_steps, "w", Count())
    assert log == ["one", "two"] * 2


def test_after_halt_a_step_never_comes_to_its_checkpoint(engine: Engine) -> None:
    halt()
    try:
        args = ("one", Count, partial(work, "one", 1))
        thread = threading.Thread(target=step, args=args, daemon=True)
        thread.start()
        thread.join(0.2)
        assert (log, thread.is_alive()) == (["one"], True)
    finally:
        workflows.process.halted.clear()


def test_a_workflow_is_known_in_every_version_and_others_are_not() -> None:
    assert is_known("test-steps")
    assert is_known("test-steps@7")
    assert find_workflow("test-steps@7") is two_steps
    for stored_name in ("test-step", "test-steps-2", "", "@", "mend", "test-steps "):
        assert not is_known(stored_name)
        assert find_workflow(stored_name) is None


def test_an_argument_that_does_not_fit_never_reaches_the_function(engine: Engine) -> None:
    with pytest.raises(ValueError, match="number"):
        two_steps.run({"number": "many"})
    assert log == []
