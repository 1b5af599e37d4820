"""DBOS, and what we hold against it: JSON only, one executor for each process, nothing stolen.

Belongs here: starting and stopping the engine, checkpointed steps, taking over what a dead
process left. Does not belong here: what a repair does (`repair`).
"""

import contextlib
import functools
import json
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import dbos
from dbos import DBOS, Serializer, SetWorkflowID
from dbos import _serialization as dbos_serialization
from pydantic import BaseModel

from healer.engine import dbos_patches
from healer.engine.backoff import Rests
from healer.engine.locks import alive, hold
from healer.engine.schema import schema_of
from healer.facts.errors import PostponedError, WorkflowError
from sandbox import SandboxError

APP_VERSION = "healer-1"
"""Goes up when a changed workflow could no longer follow an old checkpoint."""
DAEMON = "daemon"
"""The executor id of the one daemon of a repository and machine."""
DAEMON_QUEUE = "repairs"
UNFINISHED = ("CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")
"""Ended before their end; resumed when somebody asks again."""
LOOKS_BETWEEN_CARES = 4
"""How many looks at a repair's state come before it is seen whether its process still lives."""
FORGOTTEN_AT_ONCE = 1_000
POLL_S = 0.05
"""How often a command looks at its own queue; the daemon uses DAEMON_POLL_S while it works."""
LOOK_S = 0.25
"""How often a command looks whether its workflow has ended, where another process may run it."""
SOON_S = 0.01
SOON_LOOKS = 20
"""How often, and how many times, it looks once a workflow of this process has come to its end."""
DAEMON_POLL_S = 0.25

Model = TypeVar("Model", bound=BaseModel)


class JsonSerializer(Serializer):
    """JSON, and nothing that could run code when it is read."""

    def serialize(self, data: Any) -> str:
        """JSON text; an exception becomes its type and message, a time its ISO form."""
        if isinstance(data, BaseException):
            data = {"__error__": f"{type(data).__name__}: {data}"}
        return json.dumps(data, separators=(",", ":"), default=_as_text)

    def deserialize(self, serialized_data: str) -> Any:
        """The value; a stored exception comes back as WorkflowError."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and "__error__" in data:
            return WorkflowError(data["__error__"])
        return data

    def name(self) -> str:
        """How rows name this format."""
        return "healer_json"


def _as_text(value: object) -> str:
    """The times with which DBOS calls scheduled workflows; TypeError for anything else."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


def _no_pickle(*_: object) -> Any:
    raise WorkflowError("a row of the state database holds pickled data; it is not read")


def _refuse_pickle() -> None:
    """DBOS unpickles any row that says it is pickled, whatever the configured serialiser.

    Who can write to the database must not be able to run code, so that path is closed.
    """
    dbos_serialization.DefaultSerializer.deserialize = _no_pickle  # type: ignore[assignment, method-assign]
    dbos_serialization.DefaultSerializer.serialize = _no_pickle  # type: ignore[assignment, method-assign]


_halted = threading.Event()


def halt() -> None:
    """From now on no step is checkpointed: this process is about to end.

    Ending takes the sandbox away, and a step that sees that must not write down that the sandbox
    failed: it is repeated by whoever goes on with the repair.
    """
    _halted.set()


def _unless_halted() -> None:
    if _halted.is_set():
        threading.Event().wait()


class StepFailed(BaseException):  # it is no error that anybody handles
    """Ends a workflow without an outcome: DBOS would keep an Exception as one."""

    def __init__(self, *, news: bool) -> None:
        super().__init__()
        self.news = news
        """False where it was stopped here before: nobody needs to be told again."""


_rests = Rests()
_ending = threading.Event()
"""A workflow of this process has returned; its state is being written."""
_errors: dict[str, Exception] = {}
"""Why a workflow of this process was stopped, by its id, until who waits for it is told."""


def is_retried() -> bool:
    """Whether the workflow that runs was postponed here, and has not gone on since."""
    return _rests.has_rested(DBOS.workflow_id or "")


def workflow(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A durable function, under a name that stays; who waits for its result is woken."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*given: Any) -> Any:
            try:
                return function(*given)
            finally:
                _ending.set()

        durable_function: Callable[..., Any] = DBOS.workflow(name=name)(run)
        return durable_function

    return decorate


def step(name: str, into: type[Model], work: Callable[[], Model]) -> Model:
    """Runs `work` once and checkpoints what it gives; after a crash the checkpoint is used.

    An error is no outcome: it stops the workflow, `Engine.result` raises it, and the next start
    goes on at this step.
    """

    def run() -> Any:
        try:
            result = work()
        except Exception as error:
            _unless_halted()
            workflow = DBOS.workflow_id or ""
            _errors[workflow] = error
            news = not is_retried()
            if isinstance(error, PostponedError | SandboxError):
                _rests.postpone(workflow, time.monotonic())
            with contextlib.suppress(Exception):  # a full disk, say: then it is found orphaned
                DBOS.cancel_workflow(workflow)
            raise StepFailed(news=news) from error
        _unless_halted()
        _rests.over(DBOS.workflow_id or "")
        return result.model_dump(mode="json")

    return into.model_validate(DBOS.run_step({"name": name}, run))


def workflow_url(state: str, folder: Path) -> str:
    """The database of the workflows: SQLite in `folder`, or the PostgreSQL that `state` names."""
    return f"sqlite:///{folder / 'workflows.sqlite'}" if state == "sqlite" else state


def _write_ahead(url: str) -> None:
    """Lets a command read while the daemon writes; the file keeps the setting."""
    path = url.removeprefix("sqlite:///")
    if path != url:
        with contextlib.closing(sqlite3.connect(path, timeout=30)) as database:
            database.execute("PRAGMA journal_mode = WAL")


class AlreadyRunningError(WorkflowError):
    """A living process has the executor id that was asked for."""


class Engine:
    """DBOS in this process, under an executor id whose life others can see by a file lock.

    The kernel drops the lock however the process ends, so nobody mistakes the dead for living.
    """

    def __init__(self, *, url: str, folder: Path, executor: str, queue: str, workers: int) -> None:
        self.folder, self.executor, self.queue = folder, executor, queue
        self._url, self._workers = url, workers
        self._lock: int | None = None
        self._dbos: DBOS | None = None
        self._workers_by_queue: dict[str, dbos_patches.Worker] = {}

    def __enter__(self) -> "Engine":
        _refuse_pickle()
        _halted.clear()
        self._lock = hold(self.folder, self.executor)
        if self._lock is None:
            raise AlreadyRunningError(
                f"another healer runs as {self.executor} in {self.folder}; wait for it, or end it"
            )
        os.environ.setdefault("DBOS__TELEMETRY", "false")
        logging.getLogger("dbos").setLevel(logging.CRITICAL)  # errors reach the caller of `result`
        _write_ahead(self._url)
        dbos_patches.slow_down()
        self._dbos = DBOS(config=self._config())
        DBOS.listen_queues([])  # ours has a worker that can be woken
        DBOS.launch()
        poll = DAEMON_POLL_S if self.queue == DAEMON_QUEUE else POLL_S
        queue = DBOS.register_queue(
            self.queue, worker_concurrency=self._workers, polling_interval_sec=poll
        )
        self._workers_by_queue[self.queue] = dbos_patches.Worker(self._dbos, queue)
        return self

    def _config(self) -> dbos.DBOSConfig:
        config: dbos.DBOSConfig = {
            "name": "healer",
            "system_database_url": self._url,
            "serializer": JsonSerializer(),
            "executor_id": self.executor,
            "application_version": APP_VERSION,
            "log_level": "CRITICAL",
        }
        schema = schema_of("sqlite" if self._url.startswith("sqlite") else self._url, self.folder)
        if schema:
            config["dbos_system_schema"] = schema
        return config

    def serve(self, queue: str, *, look_s: float) -> None:
        """Starts what DBOS itself puts into another queue; `look_s` is how often it is looked."""
        if self._dbos is not None:
            made = DBOS.register_queue(queue, polling_interval_sec=look_s)
            self._workers_by_queue[queue] = dbos_patches.Worker(self._dbos, made, idle_s=look_s)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            halt()
        for worker in self._workers_by_queue.values():
            worker.stop()
        if self.queue != DAEMON_QUEUE:
            DBOS.delete_queue(self.queue)
        if kind is KeyboardInterrupt:
            return  # the process ends now; closing a database under a thread may crash it
        DBOS.destroy(workflow_completion_timeout_sec=0)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def start(self, function: Callable[[dict[str, Any]], Any], repair: str, given: Any) -> None:
        """Makes sure that this repair runs somewhere: new, taken over, or already running.

        The daemon lets one that was postponed rest first, each time longer."""
        if self.queue == DAEMON_QUEUE and _rests.resting(repair, time.monotonic()):
            return
        known = DBOS.get_workflow_status(repair)
        if known is not None and isinstance(known.input, str):
            # DBOS gives the raw text of what it could not read, and would wait for ever.
            raise WorkflowError(
                f"the state database in {self.folder} holds data of repair {repair} that healer "
                "did not write; look at it, then move it away and start again"
            )
        if known is not None and known.status == "ERROR":
            DBOS.delete_workflow(repair)  # it ended by a bug between two steps: begin again
            known = None
        if known is None:
            with SetWorkflowID(repair):
                DBOS.enqueue_workflow(self.queue, function, given)
        elif known.status in UNFINISHED or self._orphaned(known):
            DBOS.resume_workflow(repair, queue_name=self.queue)
        self._wake()

    def _wake(self) -> None:
        if self.queue in self._workers_by_queue:
            self._workers_by_queue[self.queue].wake()

    def resume(self, function: Callable[[dict[str, Any]], Any], workflow: str) -> None:
        """Goes on with a workflow that was begun, if nobody does; nothing where it is unknown."""
        if DBOS.get_workflow_status(workflow) is not None:
            self.start(function, workflow, None)

    def adopt(self, functions: Mapping[str, Callable[[dict[str, Any]], Any]]) -> list[str]:
        """Takes over these workflows, by name, from processes that died; gives their ids."""
        found = DBOS.list_workflows(
            status=["PENDING", "ENQUEUED"], name=list(functions), load_input=False
        )
        lost = [each for each in found if self._orphaned(each)]
        for each in lost:
            self.start(functions[each.name], each.workflow_id, None)
        return [each.workflow_id for each in lost]

    def forget(self, before: float) -> None:
        """Deletes the checkpoints of workflows that ended before then (seconds)."""
        moment = datetime.fromtimestamp(before, UTC).isoformat()
        ended = DBOS.list_workflows(
            status=["SUCCESS", "ERROR"],
            completed_before=moment,
            limit=FORGOTTEN_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if ended:
            DBOS.delete_workflows([each.workflow_id for each in ended])

    def unfinished(self, wish: str) -> str:
        """The id of the try at `wish` that was cut short, or of the next one: `wish`-1, -2, …"""
        number = 1
        while True:
            known = DBOS.get_workflow_status(f"{wish}-{number}")
            if known is None or known.status not in ("SUCCESS", "ERROR"):
                return f"{wish}-{number}"
            number += 1

    def _orphaned(self, known: dbos.WorkflowStatus) -> bool:
        """Nobody alive runs it, and it does not wait in a queue that somebody alive serves."""
        if known.status not in ("PENDING", "ENQUEUED"):
            return False
        if known.status == "PENDING":
            owner = known.executor_id or ""
            return owner != self.executor and not alive(self.folder, owner)
        queue = known.queue_name or ""
        server = DAEMON if queue == DAEMON_QUEUE else queue  # a command's queue has its name
        return queue != self.queue and not alive(self.folder, server)

    def result(self, repair: str) -> Any:
        """Waits for the end of a repair, and raises the error that stopped it.

        Where the process that has it dies meanwhile, this one goes on with it.
        """
        looks = soon = 0
        while True:
            if repair in _errors:
                raise _errors.pop(repair)
            known = DBOS.get_workflow_status(repair)
            if known is not None and known.status in UNFINISHED:
                raise _errors.pop(repair, None) or WorkflowError(
                    f"repair {repair} was stopped in another process; the same command goes on"
                )
            if known is None or known.status not in ("PENDING", "ENQUEUED"):
                return DBOS.retrieve_workflow(repair).get_result(polling_interval_sec=POLL_S)
            if soon:
                soon -= 1
                time.sleep(SOON_S)
                continue
            looks += 1
            if looks % LOOKS_BETWEEN_CARES == 0 and self._orphaned(known):
                DBOS.resume_workflow(repair, queue_name=self.queue)
                self._wake()
            if _ending.wait(LOOK_S):
                _ending.clear()
                soon = SOON_LOOKS


@contextlib.contextmanager
def engine(
    *, url: str, folder: Path, executor: str, queue: str, workers: int = 1
) -> Iterator[Engine]:
    """An engine that is stopped again."""
    with Engine(url=url, folder=folder, executor=executor, queue=queue, workers=workers) as running:
        yield running
