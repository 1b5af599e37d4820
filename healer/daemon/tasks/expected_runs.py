"""`[[job]]`s that others start, under `healer run`: told of when a run does not begin or end.

Belongs here: looking, and telling once. Does not belong here: when a run is due
(`healer.watch.schedule`), jobs that healer starts (`planned_jobs`), and runs that fail: those are
recorded by themselves.
"""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from healer.config import Job, seconds
from healer.render.notice import format_time
from healer.repair.notices import notify_of_job
from healer.repair.premises import why_held
from healer.services import Services
from healer.support.local_time import to_local
from healer.watch.record import write_record
from healer.watch.runner import run_log
from healer.watch.schedule import Runs, find_absence

FILE = "expected.json"
"""In healer's folder: what was told of each of these jobs."""
OVERDUE_AFTER_S = 60.0


@dataclass(frozen=True)
class JobWatch:
    """What is known of one job; times are seconds since the epoch."""

    watched_since: float
    """Nothing before it can have been missed."""
    reported: float | None = None
    """The slot whose absence was told last."""
    is_absent: bool = False
    """That was told, and no run has begun since."""
    overlong: float | None = None
    """The start of the run that was told to take too long."""


class ExpectedRuns:
    """The jobs of one repository that others start."""

    name = "expected runs"
    every_s = 30.0

    def __init__(self, services: Services, state_dir: Path) -> None:
        self._services, self._state_dir = services, state_dir
        self._file = state_dir / FILE
        self._jobs = [j for j in services.config.job if j.is_planned and j.started_by != "healer"]

    def run(self, now: float) -> None:
        """One look at every job: what it holds is on disk before it is told."""
        if not self._jobs:
            return
        running = run_log.read_running(self._state_dir)
        last = {run.script: run.started_at for run in run_log.read(self._state_dir)}
        watches = _read(self._file)
        for job in self._jobs:
            before = watches.get(job.script) or JobWatch(now)
            start = running.get(job.script)
            after = self._look(job, before, start, last.get(job.script), now)
            if after != watches.get(job.script):
                watches[job.script] = after
                write_record(self._file, {name: asdict(each) for name, each in watches.items()})

    def _look(
        self, job: Job, watch: JobWatch, running: float | None, last: float | None, now: float
    ) -> JobWatch:
        starts = [each for each in (running, last) if each is not None]
        runs = Runs(watch.watched_since, max(starts, default=None), None, watch.reported)
        slot = find_absence(job.plan, runs, now)
        if slot is not None and not why_held(job.script, self._services):
            when = format_time(to_local(slot, job.timezone))
            what = f"the run of {when} did not begin within {job.grace}"
            notify_of_job(self._services, job, "missed", what, slot)
            return replace(watch, reported=slot, is_absent=True)
        is_back = (runs.last_start or 0.0) > (watch.reported or 0.0)
        if watch.is_absent and is_back:
            notify_of_job(self._services, job, "missed", "it runs again", now, is_over=True)
            watch = replace(watch, is_absent=False)
        return self._look_at_length(job, watch, running, now)

    def _look_at_length(
        self, job: Job, watch: JobWatch, running: float | None, now: float
    ) -> JobWatch:
        if watch.overlong is not None and running != watch.overlong:
            notify_of_job(self._services, job, "overdue", "the run has ended", now, is_over=True)
            watch = replace(watch, overlong=None)
        longest_s = seconds(job.max_runtime) + OVERDUE_AFTER_S
        if running is None or watch.overlong is not None or now - running <= longest_s:
            return watch
        what = f"it runs longer than {job.max_runtime}"
        notify_of_job(self._services, job, "overdue", what, running)
        return replace(watch, overlong=running)


def _read(path: Path) -> dict[str, JobWatch]:
    """What is known of all jobs; without those that cannot be read, which begin anew."""
    watches: dict[str, JobWatch] = {}
    data: Any = None
    with suppress(OSError, ValueError):
        data = json.loads(path.read_bytes())
    for script, facts in data.items() if isinstance(data, dict) else ():
        with suppress(TypeError):
            watches[script] = JobWatch(**facts)
    return watches
