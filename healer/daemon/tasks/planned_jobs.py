"""`[[job]]`s with `every`: started by DBOS schedules through `healer run`, and looked after.

Belongs here: starting a job, and telling of runs that are missing or late. Does not belong here:
the rules (`healer.watch.schedule`), or what a failing run says (`healer.watch`).

A schedule of DBOS fires whenever a slot of the job may have come: cron cannot say "every 7
minutes", so it says every minute, and the rules decide. They also see to it that two runs never
overlap, that a schedule which fires twice, or late after a gap, starts one run, and that a crash
starts none again: a start is noted before it is made.
"""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from healer.config import Job, seconds
from healer.daemon.intake import Intake
from healer.engine.durable import Engine
from healer.engine.schedules import Schedule, replace_schedules
from healer.facts.progress import Progress
from healer.render.notice import Notice
from healer.repair.close import send
from healer.services import Services
from healer.watch import schedule as jobs
from healer.watch.record import write_record

OVERDUE_AFTER_S = 60.0
"""`healer run` ends a job at its maximum run time and records that; a run that is there for so
much longer is told of."""
MAX_LOG_BYTES = 10 << 20
_NOT_FOR_JOBS = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")
_DIVISORS = (30, 20, 15, 12, 10, 6, 5, 4, 3, 2, 1)
_UNITS = (
    (86_400, (1,), "0 0 0 * * *"),
    (3_600, (12, 8, 6, 4, 3, 2, 1), "0 0 */{} * * *"),
    (60, _DIVISORS, "0 */{} * * * *"),
    (1, _DIVISORS, "*/{} * * * * *"),
)


class PlannedJobs:
    """The planned jobs of one daemon; as a duty it notices what ended, and what did not come."""

    every_s = 1.0
    name = "jobs"

    def __init__(self, services: Services, folder: Path) -> None:
        self._services, self._folder = services, folder
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Those that healer starts."""
        return tuple(job for job in self._services.config.job if job.every is not None)

    def install(self, engine: Engine) -> None:
        """Makes a schedule for each job, and looks once, for what came due while none ran."""
        schedules = [Schedule(job.script, cron_of(seconds(job.every or "1d"))) for job in self.jobs]
        replace_schedules(engine, schedules, lambda script: self.due(script, time.time()))

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """One look at every job; none is started."""
        for job in self.jobs:
            self._look(job, now, start=False)

    def due(self, script: str, now: float) -> None:
        """A slot of this job may have come."""
        for job in self.jobs:
            if job.script == script:
                self._look(job, now, start=True)

    def _look(self, job: Job, now: float, *, start: bool) -> None:
        with self._lock:
            every = _read(self._folder / "jobs.json")
            before = every.get(job.script) or {"runs": {"watched_since": now}}
            after = self._seen(job, before, now, start=start)
            if after != before or job.script not in every:
                write_record(self._folder / "jobs.json", {**every, job.script: after})
        if after.get("start") == now:
            self._start(job, after)

    def _seen(self, job: Job, before: dict[str, Any], now: float, *, start: bool) -> dict[str, Any]:
        """The state of a job after a look at it: what it holds is on disk before it is acted on."""
        runs = jobs.Runs(**before["runs"])
        if runs.last_start is not None and runs.last_end is None and not self._runs(job, before):
            runs = jobs.Runs(runs.watched_since, runs.last_start, now, runs.reported)
            self._tell(job, "overdue", "the run has ended", now, over=True)
        longest_s = seconds(job.max_runtime) + OVERDUE_AFTER_S
        schedule = jobs.Schedule(seconds(job.every or "1d"), longest_s)
        decision = jobs.decide(schedule, runs, now)
        values = vars(runs).copy()
        if decision.missed:
            said = f"{len(decision.missed)} planned run(s) did not start"
            self._tell(job, "missed", said, decision.slot)
            values["reported"] = decision.slot
        if decision.what == "overdue":
            self._tell(job, "overdue", f"it runs longer than {job.max_runtime}", decision.slot)
            values["reported"] = decision.slot
        after = {**before, "runs": values}
        if decision.what == "start" and start:
            values |= {"last_start": now, "last_end": None}
            after |= {"start": now, "process": ""}
        return after

    def _runs(self, job: Job, state: dict[str, Any]) -> bool:
        """Whether its last run is not over, also one that an earlier daemon has started."""
        child = self._children.get(job.script)
        if child is not None and child.poll() is not None:
            del self._children[job.script]
        known = state.get("process", "")
        return bool(known) and known == _identity(int(known.partition(" ")[0]))

    def _start(self, job: Job, state: dict[str, Any]) -> None:
        root = self._services.repository.root
        if root is None:
            return
        run = [sys.executable, "-m", "healer", "run", "--source", "job"]
        run += ["--max-runtime", f"{seconds(job.max_runtime):g}", "--"]
        log = self._folder / "jobs.log"
        if log.exists() and log.stat().st_size > MAX_LOG_BYTES:
            log.rename(log.with_suffix(".log.1"))
        with log.open("ab") as output:
            child = subprocess.Popen(
                [*run, *argv_of(job)],
                cwd=root,
                env={
                    name: value for name, value in os.environ.items() if name not in _NOT_FOR_JOBS
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        with self._lock:
            self._children[job.script] = child
            latest = _read(self._folder / "jobs.json")
            state = {**latest.get(job.script, state), "process": _identity(child.pid)}
            write_record(self._folder / "jobs.json", {**latest, job.script: state})
        self._tell(job, "missed", "it runs again", time.time(), over=True)
        self._services.progress(
            Progress(repair="", step="job", state="note", detail=f"{job.script} started")
        )

    def _tell(self, job: Job, trouble: str, what: str, slot: float, *, over: bool = False) -> None:
        """One incident for each job and trouble; that it is `over` is said where it was told."""
        notice = Notice(
            kind="resolved" if over else "missed",
            fingerprint=f"job:{trouble}:{job.script}",
            script=job.script,
            reason=f"{what}; it should run every {job.every}",
            when=datetime.fromtimestamp(slot, UTC),
            event=str(int(slot)),
        )
        send(notice, self._services)


def cron_of(every_s: float) -> str:
    """The sparsest cron expression (seconds first, UTC) that fires at every n × `every_s` since
    the epoch; the finest, each second, for what cron cannot divide."""
    for unit_s, counts, form in _UNITS:
        for count in counts:
            if every_s % (unit_s * count) == 0:
                return form.format(count)
    return "* * * * * *"


def argv_of(job: Job) -> tuple[str, ...]:
    """The job's own, else the script with this machine's Python: Debian has no `python`."""
    return job.command or ("python" if shutil.which("python") else "python3", job.script)


def _identity(pid: int) -> str:
    """A process as `PID START`, which no later one has; empty for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{pid} {fields[19]}"


def _read(path: Path) -> dict[str, Any]:
    """The state of all jobs; none where it cannot be read, or an earlier version wrote it."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return dict(_sound(data)) if isinstance(data, dict) else {}


def _sound(data: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for script, state in data.items():
        if isinstance(state, dict) and isinstance(state.get("runs"), dict):
            yield script, state
