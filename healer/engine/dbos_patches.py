"""DBOS at the pace of a sidecar: asleep while nothing happens, at work the moment something does.

Belongs here: when DBOS's own threads look at the database. Does not belong here: what they find.

DBOS polls. Its queue worker looks as often as the queue says, and more threads look every second
for new queues, messages, timers, delays and an internal queue, none of which healer uses: together
more than half a percent of a core on a machine where nothing breaks, and up to a second more until
a command ends. A worker that is woken needs no polling, so each queue here has a worker thread of
DBOS's own code, which waits on a bell.
"""

import threading
import time

from dbos import DBOS, Queue
from dbos import _dbos as dbos_engine
from dbos import _queue as dbos_queue
from dbos import _sys_db as dbos_database
from dbos import _workflow_commands as dbos_commands

IDLE_S = 30.0
"""What no bell told is found after this time, while no workflow runs."""
RECOVERY_S = 10.0
"""At its start DBOS puts what a dead process had back into the queue, and rings no bell."""
UNUSED_S = 30.0
"""How often DBOS looks for what healer does not use: timers, delayed starts and new queues."""


def slow_down() -> None:
    """Before DBOS starts: its timers look every UNUSED_S, and nobody waits for messages."""
    dbos_commands._BACKGROUND_JOBS_INTERVAL_SEC = UNUSED_S
    dbos_engine.queue_thread = _queue_manager  # type: ignore[attr-defined]  # what it imported
    dbos_database.SystemDatabase._notification_listener_polling = _no_messages  # type: ignore[method-assign]


def _no_messages(self: dbos_database.SystemDatabase) -> None:
    """Workflows of healer send each other nothing; the thread that would listen ends."""


class Patient(threading.Event):
    """An event for which nobody waits shorter than UNUSED_S."""

    def wait(self, timeout: float | None = None) -> bool:
        """Ends at once when it is set."""
        return super().wait(patience_s(timeout))


def patience_s(timeout: float | None) -> float | None:
    """How long to wait where DBOS would wait `timeout` seconds; None is for ever."""
    return None if timeout is None else max(timeout, UNUSED_S)


def _queue_manager(stop_event: threading.Event, dbos: DBOS) -> None:
    """DBOS's own, which looks for new queues each second; ours are served by `Worker`."""
    patient = Patient()
    dbos.background_thread_stop_events.append(patient)
    if stop_event.is_set():
        patient.set()
    dbos_queue.queue_thread(patient, dbos)


class _Bell(threading.Event):
    """What a queue worker waits on; set when it has to end, rung when there is work."""

    def __init__(self, engine: DBOS, queue: str, idle_s: float) -> None:
        super().__init__()
        self._engine, self._queue, self._idle_s = engine, queue, idle_s
        self._rung = threading.Event()
        self._brisk_until = time.monotonic() + RECOVERY_S

    def ring(self) -> None:
        self._rung.set()

    def set(self) -> None:
        super().set()
        self._rung.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Waits as long as DBOS wants while a workflow runs, whose end makes room; else longer."""
        busy = self._engine._active_workflows_set.count_for_queue(self._queue) > 0
        busy = busy or time.monotonic() < self._brisk_until
        self._rung.wait(timeout if busy else self._idle_s)
        self._rung.clear()
        return self.is_set()


class Worker:
    """The thread that starts what is in one queue."""

    def __init__(self, engine: DBOS, queue: Queue, idle_s: float = IDLE_S) -> None:
        self._bell = _Bell(engine, queue.name, idle_s)
        internal = engine._registry.get_internal_queue()
        internal._polling_interval_sec = UNUSED_S
        self._thread = threading.Thread(
            target=dbos_queue.queue_worker_thread,
            args=(self._bell, engine, queue),
            name=f"queue-{queue.name}",
            daemon=True,
        )
        self._bell.ring()
        self._thread.start()

    def wake(self) -> None:
        """Something was put into the queue."""
        self._bell.ring()

    def stop(self) -> None:
        """Nothing more is started."""
        self._bell.set()
        self._thread.join(timeout=5)
