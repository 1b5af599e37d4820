"""Where healer leans on what DBOS does not promise to keep, and which release was read for it.

Belongs here: each use of a private name of DBOS, listed in PRIVATES with why and where it stands,
and the format of what is stored: JSON, never pickles, for who can write to the state database must
not be able to run code. Does not belong here: what DBOS documents (`durable`, `workflows`,
`schedules`).

Two things are changed. DBOS unpickles any row that says it is pickled, whatever the configured
serialiser: that path is closed. And DBOS polls: its queue worker looks as often as the queue says,
and more threads look every second for new queues, messages, timers, delays and an internal queue,
none of which healer uses. Together that is more than half a percent of a core on a machine where
nothing breaks, and up to a second more until a command ends. A worker that is woken needs no
polling, so each queue here has a worker thread of DBOS's own code, which waits to be woken.
"""

import json
import threading
import time
from datetime import datetime
from importlib.metadata import version
from typing import Any, NamedTuple, Self

from dbos import DBOS, Queue, Serializer
from dbos import _core as dbos_core
from dbos import _dbos as dbos_engine
from dbos import _queue as dbos_queue
from dbos import _serialization as dbos_serialization
from dbos import _sys_db as dbos_database
from dbos import _workflow_commands as dbos_commands

from healer.facts.errors import WorkflowError

RELEASE_READ = "3.4.0"
"""The release of DBOS whose source was read for all of this; pyproject.toml asks for no other."""
_SOURCE = f"https://github.com/dbos-inc/dbos-transact-py/blob/{RELEASE_READ}/dbos/"

IDLE_S = 30.0
"""What nobody was woken for is found after this time, while no workflow runs."""
RECOVERY_S = 10.0
"""At its start DBOS puts what a dead process had back into the queue, and wakes nobody."""
UNUSED_S = 30.0
"""How often DBOS looks for what healer does not use: timers, delayed starts and new queues."""


class Private(NamedTuple):
    """A name of DBOS that may go with any release."""

    owner: Any
    name: str
    source: str
    """Where it is defined, in the release that was read."""
    why: str


PRIVATES = (
    Private(
        dbos_serialization, "DefaultSerializer", f"{_SOURCE}_serialization.py#L95",
        "it unpickles; both of its methods are replaced by a refusal",
    ),
    Private(
        dbos_commands, "_BACKGROUND_JOBS_INTERVAL_SEC", f"{_SOURCE}_workflow_commands.py#L95",
        "how often it looks for timers and delayed starts; set to UNUSED_S",
    ),
    Private(
        dbos_engine, "queue_thread", f"{_SOURCE}_queue.py#L892",
        "it looks for new queues each second; replaced by itself with a patient event",
    ),
    Private(
        dbos_database.SystemDatabase, "_notification_listener_polling",
        f"{_SOURCE}_sys_db.py#L4244",
        "the thread that waits for messages between workflows; replaced by nothing",
    ),
    Private(
        dbos_queue, "queue_worker_thread", f"{_SOURCE}_queue.py#L668",
        "what starts the workflows of one queue; run in a thread of ours that can be woken",
    ),
    Private(
        dbos_core.ActiveWorkflowById, "count_for_queue", f"{_SOURCE}_core.py#L1033",
        "whether a workflow of a queue runs here (`DBOS._active_workflows_set`)",
    ),
    Private(
        dbos_engine.DBOSRegistry, "get_internal_queue", f"{_SOURCE}_dbos.py#L393",
        "the queue of DBOS itself (`DBOS._registry`); it is looked at every UNUSED_S",
    ),
)  # fmt: skip


def require_read_release(release: str | None = None) -> None:
    """Raises WorkflowError unless the installed DBOS is the one that was read."""
    release = release or version("dbos")
    if release != RELEASE_READ:
        raise WorkflowError(
            f"dbos {release} is installed, and healer was read against {RELEASE_READ} only; "
            f"type: pip install dbos=={RELEASE_READ}"
        )


def refuse_pickle() -> None:
    """From now on no row is unpickled: who can write to the database must not run code."""
    dbos_serialization.DefaultSerializer.deserialize = _refuse  # type: ignore[assignment, method-assign]  # the patch
    dbos_serialization.DefaultSerializer.serialize = _refuse  # type: ignore[assignment, method-assign]  # the patch


def _refuse(*_: object) -> Any:
    raise WorkflowError("a row of the state database holds pickled data; it is not read")


def slow_down() -> None:
    """Before DBOS starts: its timers look every UNUSED_S, and nobody waits for messages."""
    dbos_commands._BACKGROUND_JOBS_INTERVAL_SEC = UNUSED_S
    dbos_engine.queue_thread = _watch_queues  # type: ignore[attr-defined]  # what it imported
    dbos_database.SystemDatabase._notification_listener_polling = _no_messages  # type: ignore[method-assign]  # the patch


def _no_messages(self: dbos_database.SystemDatabase) -> None:
    """Workflows of healer send each other nothing; the thread that would listen ends."""


class PatientEvent(threading.Event):
    """An event for which nobody waits shorter than UNUSED_S."""

    def wait(self, timeout: float | None = None) -> bool:
        """Ends at once when it is set."""
        return super().wait(patience_s(timeout))


def patience_s(timeout: float | None) -> float | None:
    """How long to wait where DBOS would wait `timeout` seconds; None is for ever."""
    return None if timeout is None else max(timeout, UNUSED_S)


def _watch_queues(stop_event: threading.Event, dbos: DBOS) -> None:
    """DBOS's own, which looks for new queues each second; ours are served by `QueueWorker`."""
    patient = PatientEvent()
    dbos.background_thread_stop_events.append(patient)
    if stop_event.is_set():
        patient.set()
    dbos_queue.queue_thread(patient, dbos)


class _Alarm(threading.Event):
    """What a queue worker waits for; set when it has to end, rung when there is work."""

    def __init__(self, dbos: DBOS, queue: str, idle_s: float) -> None:
        super().__init__()
        self._dbos, self._queue, self._idle_s = dbos, queue, idle_s
        self._rings = threading.Event()
        self._brisk_until = time.monotonic() + RECOVERY_S

    def ring(self) -> None:
        self._rings.set()

    def set(self) -> None:
        super().set()
        self._rings.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits as long as DBOS wants while a workflow runs, whose end makes room; else longer."""
        is_busy = self._dbos._active_workflows_set.count_for_queue(self._queue) > 0
        is_brisk = is_busy or time.monotonic() < self._brisk_until
        self._rings.wait(timeout if is_brisk else self._idle_s)
        self._rings.clear()
        return self.is_set()


class QueueWorker:
    """The thread that starts what is in one queue; at the end of the with-block nothing more."""

    def __init__(self, dbos: DBOS, queue: Queue, idle_s: float = IDLE_S) -> None:
        self._alarm = _Alarm(dbos, queue.name, idle_s)
        dbos._registry.get_internal_queue()._polling_interval_sec = UNUSED_S
        self._thread = threading.Thread(
            target=dbos_queue.queue_worker_thread,
            args=(self._alarm, dbos, queue),
            name=f"queue-{queue.name}",
            daemon=True,
        )

    def __enter__(self) -> Self:
        self._alarm.ring()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.set()
        self._thread.join(timeout=5)

    def wake(self) -> None:
        """Something was put into the queue."""
        self._alarm.ring()


_ERROR = "__error__"


class JsonSerializer(Serializer):
    """JSON, and nothing that could run code when it is read."""

    def serialize(self, data: Any) -> str:
        """JSON text; an exception becomes its type and message, a time its ISO form."""
        if isinstance(data, BaseException):
            data = {_ERROR: f"{type(data).__name__}: {data}"}
        return json.dumps(data, separators=(",", ":"), default=_as_text)

    def deserialize(self, serialized_data: str) -> Any:
        """The value; a stored exception comes back as WorkflowError."""
        data = json.loads(serialized_data)
        if isinstance(data, dict) and _ERROR in data:
            return WorkflowError(data[_ERROR])
        return data

    def name(self) -> str:
        """How rows name this format."""
        return "healer_json"


def _as_text(value: object) -> str:
    """The times with which DBOS calls scheduled workflows; TypeError for anything else."""
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")
