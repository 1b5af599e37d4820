"""The workflow engine: DBOS under an executor id whose life others can see, and nothing stolen.

Belongs here: starting and stopping DBOS; making sure that a workflow runs somewhere, by taking it
over from a dead process, or by beginning it anew where it cannot go on. Does not belong here: what
a workflow does (`workflows`), how one stands (`condition`), what DBOS does not promise
(`dbos_patches`).
"""

import logging
import os
import time
from collections.abc import Collection
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Self

import dbos
from dbos import DBOS, SetWorkflowID

from healer.engine import dbos_patches
from healer.engine.condition import (
    APP_VERSION,
    DAEMON_QUEUE,
    OPEN,
    STOPPED,
    Condition,
    Executor,
    condition_of,
    is_mine,
    is_orphan,
)
from healer.engine.dbos_patches import JsonSerializer
from healer.engine.locks import hold_executor_lock, is_alive
from healer.engine.old_sqlite import choose_connection_class
from healer.engine.rows import POLL_S, list_open, wait_for_row
from healer.engine.schema import prepare_database, workflow_url
from healer.engine.workflows import (
    Argument,
    Result,
    Workflow,
    find_workflow,
    halt,
    is_known,
    process,
)
from healer.facts.errors import WorkflowError
from healer.support.parse_lock import serialise_parsing

MAX_FAILURES = 2
"""A workflow that a bug ended is begun anew once: what fails twice would fail for ever."""
LOOKS_BETWEEN_CARES = 4
"""How many looks at a workflow's state come before it is seen whether its process still lives."""
FORGOTTEN_AT_ONCE = 1_000
DAEMON_POLL_S = 0.25
"""How often the daemon looks at its queue while it works; a command uses POLL_S."""
LOOK_S = 0.25
"""How often a command looks whether its workflow has ended, where another process may run it."""
SOON_S = 0.01
SOON_LOOKS = 20
"""How often, and how many times, it looks once a workflow of this process has come to its end."""


class StuckError(WorkflowError):
    """A workflow was begun anew and failed again; nothing more is tried."""


class Engine:
    """DBOS in this process, for a with-block. The kernel drops its lock however the process ends,
    so nobody mistakes the dead for living.

    Entering raises AlreadyRunningError where another process is this executor.
    """

    def __init__(self, *, state_dir: Path, executor: str, queue: str, workers: int = 1) -> None:
        self.state_dir, self.queue = state_dir, queue
        self._executor = Executor(executor, queue, partial(is_alive, state_dir))
        self._workers = workers
        self._process, self._serving = ExitStack(), ExitStack()
        """What goes with the process, and what ends first: the threads that start workflows."""
        self._queue_workers: dict[str, dbos_patches.QueueWorker] = {}

    def __enter__(self) -> Self:
        dbos_patches.require_read_release()
        dbos_patches.refuse_pickle()
        serialise_parsing()  # workflows run in threads
        process.halted.clear()
        with ExitStack() as stack:
            stack.enter_context(hold_executor_lock(self.state_dir, self._executor.id))
            os.environ.setdefault("DBOS__TELEMETRY", "false")
            logging.getLogger("dbos").setLevel(logging.CRITICAL)  # errors reach `wait_for`
            prepare_database(self.state_dir)
            dbos_patches.slow_down()
            self._dbos = DBOS(config=self._config())
            stack.callback(DBOS.destroy, workflow_completion_timeout_sec=0)
            DBOS.listen_queues([])  # ours has a worker that can be woken
            DBOS.launch()
            self._process = stack.pop_all()
        is_daemon = self.queue == DAEMON_QUEUE
        if not is_daemon:
            self._serving.callback(DBOS.delete_queue, self.queue)
        poll_s = DAEMON_POLL_S if is_daemon else POLL_S
        self._serve(self.queue, poll_s, dbos_patches.IDLE_S, self._workers)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is not None:
            halt()
        self._serving.close()
        if kind is not KeyboardInterrupt:
            self._process.close()
        # else the process ends now: closing a database under a thread may crash it

    def serve(self, queue: str, *, look_s: float) -> None:
        """Starts what DBOS itself puts into another queue; `look_s` is how often it is looked."""
        self._serve(queue, look_s, look_s)

    def _serve(self, name: str, poll_s: float, idle_s: float, workers: int | None = None) -> None:
        queue = DBOS.register_queue(name, worker_concurrency=workers, polling_interval_sec=poll_s)
        worker = dbos_patches.QueueWorker(self._dbos, queue, idle_s)
        self._queue_workers[name] = self._serving.enter_context(worker)

    def _config(self) -> dbos.DBOSConfig:
        return {
            "name": "healer",
            "system_database_url": workflow_url(self.state_dir),
            "db_engine_kwargs": {"connect_args": {"factory": choose_connection_class()}},
            "serializer": JsonSerializer(),
            "executor_id": self._executor.id,
            "application_version": APP_VERSION,
            "log_level": "CRITICAL",
        }

    def condition(self, workflow: Workflow[Any, Any], workflow_id: str) -> Condition:
        """How it stands. Raises WorkflowError where its row was not written by healer."""
        return condition_of(self._read(workflow_id), workflow, self._executor)

    def start(
        self,
        workflow: Workflow[Argument, Result],
        workflow_id: str,
        argument: Argument | None = None,
        *,
        retries: bool = True,
    ) -> None:
        """Makes sure that it runs somewhere, unless it has ended; without `retries`, unless it has
        failed.

        Without `argument` only what was begun goes on. The daemon lets one that was postponed wait
        first, each time longer. Raises StuckError where bugs ended it too often, and WorkflowError
        where its row was not written by healer.
        """
        is_due = process.backoffs.is_due(workflow_id, time.monotonic())
        if self.queue == DAEMON_QUEUE and not is_due:
            return
        row = self._read(workflow_id)
        condition = condition_of(row, workflow, self._executor)
        raw = argument.model_dump(mode="json") if argument is not None else None
        if row is None:
            if raw is not None:
                self._enqueue(workflow, workflow_id, raw)
        elif condition is Condition.FAILED and not retries:
            return
        elif condition in (Condition.OUTDATED, Condition.FAILED):
            self._begin_anew(workflow, row, raw)
        elif condition is Condition.STOPPED:
            DBOS.resume_workflow(workflow_id, queue_name=self.queue)
        self._queue_workers[self.queue].wake()

    def _read(self, workflow_id: str) -> dbos.WorkflowStatus | None:
        row = DBOS.get_workflow_status(workflow_id)
        if row is not None and isinstance(row.input, str):
            # DBOS gives the raw text of what it could not read, and would wait for ever.
            raise WorkflowError(
                f"the state database in {self.state_dir} holds data of repair {workflow_id} "
                "that healer did not write; look at it, then move it away and start again"
            )
        return row

    def _enqueue(
        self, workflow: Workflow[Any, Any], workflow_id: str, raw: Any, failures: int = 0
    ) -> None:
        with SetWorkflowID(workflow_id):
            DBOS.enqueue_workflow(self.queue, workflow.run, raw, *((failures,) if failures else ()))

    def _begin_anew(self, workflow: Workflow[Any, Any], row: dbos.WorkflowStatus, raw: Any) -> None:
        """Forgets its checkpoints; where no argument is given, it keeps the one that it had."""
        raw_before, *more = row.input["args"] if row.input else (None,)
        failures = (more[0] if more else 0) + (row.status == "ERROR")
        if failures >= MAX_FAILURES:
            raise StuckError(f"it failed {failures} times, the last time with: {row.error}")
        DBOS.delete_workflow(row.workflow_id)
        argument = raw if raw is not None else raw_before
        self._enqueue(workflow, row.workflow_id, argument, failures)

    def adopt(self, *workflows: Workflow[Any, Any]) -> list[str]:
        """Takes over what dead processes left of these workflows; gives the ids."""
        ids = []
        for workflow in workflows:
            for each in self.list_orphans(workflow):
                self.start(workflow, each)
                ids.append(each)
        return ids

    def list_orphans(self, workflow: Workflow[Any, Any]) -> list[str]:
        """The ids of its workflows that were begun and that nobody alive goes on with."""
        return [
            row.workflow_id
            for row in list_open()
            if find_workflow(row.name) is workflow
            and condition_of(row, workflow, self._executor) is not Condition.RUNNING
        ]

    def list_arguments(self, workflow: Workflow[Argument, Any]) -> list[Argument | None]:
        """What those of its workflows that have not ended were begun with, whoever goes on with
        them; None for one that this version cannot read."""
        rows = list_open(load_input=True)
        its = (row for row in rows if find_workflow(row.name) is workflow)
        return [workflow.read_argument(row.input) for row in its]

    def cancel_unknown(self) -> list[str]:
        """Ends what an earlier version began and this one has no function for; gives the ids."""
        unknown = [
            each.workflow_id
            for each in list_open()
            if not is_known(each.name)
            and (is_mine(each, self._executor) or is_orphan(each, self._executor))
        ]
        for each in unknown:
            DBOS.cancel_workflow(each)
        return unknown

    def discard(self, workflow_id: str) -> None:
        """Forgets one workflow, however it stands."""
        DBOS.delete_workflow(workflow_id)

    def forget(self, before: float, keep: Collection[str] = ()) -> None:
        """Deletes the checkpoints of workflows that ended before then (seconds), but for those
        with an id to `keep`."""
        rows = DBOS.list_workflows(
            status=["SUCCESS", "ERROR"],
            completed_before=datetime.fromtimestamp(before, UTC).isoformat(),
            limit=FORGOTTEN_AT_ONCE + len(keep),
            load_input=False,
            load_output=False,
        )
        old = [each.workflow_id for each in rows if each.workflow_id not in keep]
        if old:
            DBOS.delete_workflows(old)

    def next_try(self, prefix: str) -> str:
        """The id of the try that was cut short, or of the next one: `prefix`-1, -2, …"""
        number = 1
        while True:
            row = DBOS.get_workflow_status(f"{prefix}-{number}")
            if row is None or row.status not in ("SUCCESS", "ERROR"):
                return f"{prefix}-{number}"
            number += 1

    def wait_for(self, workflow: Workflow[Any, Result], workflow_id: str) -> Result:
        """What came of it, as `wait_until_ended`."""
        return workflow.result.model_validate(self.wait_until_ended(workflow_id))

    def wait_until_ended(self, workflow_id: str) -> object:
        """Waits for the end of a workflow, and raises the error that stopped it; gives its result
        as it is stored.

        Where the process that has it dies meanwhile, this one goes on with it. Raises WorkflowError
        where it is in the database no more.
        """
        looks = soon = 0
        while True:
            if workflow_id in process.errors:
                raise process.errors.pop(workflow_id)
            row = wait_for_row(workflow_id, self.state_dir)
            if row.status in STOPPED:
                with process.stopping:
                    error = process.errors.pop(workflow_id, None)
                raise error or WorkflowError(
                    f"{workflow_id} was stopped in another process; the same command goes on"
                )
            if row.status not in OPEN:
                if workflow_id in process.bugs:
                    raise process.bugs.pop(workflow_id)
                handle: dbos.WorkflowHandle[object] = DBOS.retrieve_workflow(workflow_id)
                return handle.get_result(polling_interval_sec=POLL_S)
            if soon:
                soon -= 1
                time.sleep(SOON_S)
                continue
            looks += 1
            workflow = find_workflow(row.name)
            if looks % LOOKS_BETWEEN_CARES == 0 and workflow is not None:
                self.start(workflow, workflow_id, retries=False)  # whoever waits is told of it
            if process.returned.wait(LOOK_S):
                process.returned.clear()
                soon = SOON_LOOKS
