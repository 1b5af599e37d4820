"""Runs the daemon's periodic tasks, each at its own pace, in one thread.

Belongs here: what a task is, and when it runs. Does not belong here: the tasks (`tasks`), and jobs
that healer starts for a user (`tasks.planned_jobs`).
"""

import threading
from collections.abc import Callable, Sequence
from typing import Protocol

from healer.daemon.heartbeat import Heartbeat, notify_systemd
from healer.facts.progress import Progress
from healer.support.clock import SYSTEM_CLOCK, Clock

TICK_S = 1.0


class Task(Protocol):
    """Something that is done now and then."""

    name: str
    every_s: float

    def run(self, now: float) -> None:
        """Does it, at `now` (Unix time). An error is noted, and it is tried again at its next
        turn."""


class PeriodicTasks:
    """The tasks of one daemon."""

    def __init__(
        self,
        tasks: Sequence[Task],
        heartbeat: Heartbeat,
        progress: Callable[[Progress], None],
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._tasks, self._heartbeat, self._progress = tasks, heartbeat, progress
        self._clock = clock
        self._due_at = dict.fromkeys((task.name for task in tasks), 0.0)

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        while not stop.wait(TICK_S):
            self._heartbeat.beat("tasks")
            self.run_due(self._clock.now())
        notify_systemd("STOPPING=1")

    def run_due(self, now: float) -> None:
        """Each task whose time has come, once."""
        for task in self._tasks:
            if now < self._due_at[task.name]:
                continue
            self._due_at[task.name] = now + task.every_s
            try:
                task.run(now)
            except Exception as error:
                detail = f"{task.name} failed and is tried again: {type(error).__name__}: {error}"
                self._progress(Progress(repair="", step="task", state="note", detail=detail))
