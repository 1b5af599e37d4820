"""Durable functions and their checkpointed steps: what runs inside a workflow.

Belongs here: defining a workflow under a name and a version that stay, and running a step once.
Does not belong here: starting workflows, waiting for them, taking them over (`durable`).
"""

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from dbos import DBOS
from pydantic import BaseModel, ValidationError

from healer.engine.backoff import Backoffs
from healer.facts.errors import POISON

Argument = TypeVar("Argument", bound=BaseModel)
Result = TypeVar("Result", bound=BaseModel)
Model = TypeVar("Model", bound=BaseModel)


class ProcessState:
    """What the workflows of this process have in common."""

    def __init__(self) -> None:
        self.backoffs = Backoffs()
        self.halted = threading.Event()
        """No step is checkpointed any more: the process is about to end."""
        self.returned = threading.Event()
        """A workflow has returned; its state is being written."""
        self.errors: dict[str, Exception] = {}
        """Why a workflow was stopped, by its id, until who waits for it is told."""
        self.stopping = threading.Lock()
        """Held while a stop is written down, in the database and in `errors`."""
        self.bugs: dict[str, Exception] = {}
        """The same where a bug ends it: told when that is written down."""


process = ProcessState()


class Workflow(Generic[Argument, Result]):
    """A durable function. Name and version stand in the state database and tell, after an update,
    whether what was begun can go on."""

    def __init__(
        self,
        name: str,
        version: int,
        function: Callable[[Argument], Result],
        argument: type[Argument],
        result: type[Result],
    ) -> None:
        self.name, self.argument, self.result = name, argument, result
        self.stored_name = name if version == 1 else f"{name}@{version}"
        """How rows name it."""

        def run(raw: Any, _failures: int = 0) -> Any:
            try:
                return function(argument.model_validate(raw)).model_dump(mode="json")
            finally:
                process.returned.set()

        self.run: Callable[..., Any] = DBOS.workflow(name=self.stored_name)(run)
        """What DBOS calls, with the argument as JSON and how often the workflow failed before."""

    def read_argument(self, raw_input: object) -> Argument | None:
        """What a row says that it was begun with; None where this version cannot read it."""
        if not isinstance(raw_input, dict):  # DBOS gives the raw text of what it could not read
            return None
        try:
            return self.argument.model_validate(raw_input["args"][0])
        except ValidationError:
            return None


_workflows: dict[str, Workflow[Any, Any] | None] = {}
"""Those of this process, by name; None for one that DBOS itself starts."""


def register_name(name: str, definition: Workflow[Any, Any] | None = None) -> str:
    """Notes that this process has a function for workflows of that name; gives the name."""
    _workflows[name] = definition
    return name


def workflow(
    name: str, argument: type[Argument], result: type[Result], *, version: int = 1
) -> Callable[[Callable[[Argument], Result]], Workflow[Argument, Result]]:
    """Makes a durable function of one that takes and gives these facts.

    `version` goes up with every change after which an old checkpoint no longer fits: a step that
    was renamed, moved or taken out, or whose result has another shape. What an earlier version
    began is then begun anew.
    """

    def define(function: Callable[[Argument], Result]) -> Workflow[Argument, Result]:
        definition = Workflow(name, version, function, argument, result)
        register_name(name, definition)
        return definition

    return define


def is_known(stored_name: str) -> bool:
    """Whether this process has a function for what a row names, in whichever version."""
    return stored_name.partition("@")[0] in _workflows


def find_workflow(stored_name: str) -> Workflow[Any, Any] | None:
    """The workflow that a row names, as this process defines it; None where it does not."""
    return _workflows.get(stored_name.partition("@")[0])


def halt() -> None:
    """From now on no step is checkpointed: this process is about to end.

    Ending takes the sandbox away, and a step that sees that must not write down that the sandbox
    failed: it is repeated by whoever goes on with the repair.
    """
    process.halted.set()


def _wait_if_halted() -> None:
    if process.halted.is_set():
        threading.Event().wait()


class StepFailed(BaseException):  # it is no error that anybody handles
    """Ends a workflow without an outcome: DBOS would keep an Exception as one."""

    def __init__(self, *, is_news: bool) -> None:
        super().__init__()
        self.is_news = is_news
        """False where it was stopped here before: nobody needs to be told again."""


def is_retried() -> bool:
    """Whether the workflow that runs was postponed here, and has not gone on since."""
    return process.backoffs.is_backing_off(DBOS.workflow_id or "")


def step(name: str, into: type[Model], work: Callable[[], Model]) -> Model:
    """Runs `work` once and checkpoints what it gives; after a crash the checkpoint is used.

    An error is no outcome: it stops the workflow, `Engine.wait_for` raises it, and the next start
    goes on at this step, in the daemon after longer and longer waits. One that no waiting mends
    ends the workflow, which is begun anew once.
    """

    def run() -> Any:
        workflow_id = DBOS.workflow_id or ""
        try:
            result = work()
        except Exception as error:
            _wait_if_halted()
            if isinstance(error, POISON):
                process.bugs[workflow_id] = error
                raise
            raise _stop(workflow_id, error) from error
        _wait_if_halted()
        process.backoffs.reset(workflow_id)
        return result.model_dump(mode="json")

    return into.model_validate(DBOS.run_step({"name": name}, run))


def _stop(workflow_id: str, error: Exception) -> StepFailed:
    """Leaves the workflow where it is, to be gone on with at this step."""
    is_news = not is_retried()
    process.backoffs.postpone(workflow_id, time.monotonic())
    with process.stopping:
        with contextlib.suppress(Exception):  # a full disk, say: then it is found orphaned
            DBOS.cancel_workflow(workflow_id)
        # Told after it is written: whoever is told starts it again, which an open row ignores.
        process.errors[workflow_id] = error
    return StepFailed(is_news=is_news)
