"""`[[job]]`s that healer starts at their times, through `healer run`, and looks after.

Belongs here: starting a job, and telling of runs that are missing or late. Does not belong here:
the rules (`healer.watch.schedule`), or what a failing run says (`healer.watch`).

A schedule fires whenever a slot of the job may have come: cron cannot say "every 7 minutes", so it
says every minute, and the rules decide. They also see to it that two runs never overlap, that a
schedule which fires twice, or late after a gap, starts one run, and that a crash starts none again:
a start is noted before it is made.
"""

import json
import os
import shutil
import subprocess
import threading
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from healer.config import Job, seconds
from healer.engine.durable import Engine
from healer.engine.schedules import Schedule, cron_of, replace_schedules
from healer.facts.progress import Progress
from healer.render.notice import format_time
from healer.repair.notices import notify_of_job
from healer.services import Services
from healer.support.local_time import to_local
from healer.watch import schedule as rules
from healer.watch.job_start import LOG, start_job
from healer.watch.record import write_record
from healer.watch.runner import run_log

FILE = "jobs.json"
"""In healer's folder: what is known of each job's runs."""
OVERDUE_AFTER_S = 60.0
"""`healer run` ends a job at its maximum run time and records that; a run that is there for so
much longer is told of."""


@dataclass(frozen=True)
class JobState:
    """What is known of one job, as it is stored."""

    runs: rules.Runs
    start: float | None = None
    """The start that was noted last, and may have been cut off before it was made."""
    process: str = ""
    """Of that start, as `PID START`; empty before it was made."""
    missed: float | None = None
    """The newest slot that passed without a start, since the last one."""


class PlannedJobs:
    """The planned jobs of one daemon; as a task it notices what ended, and what did not come."""

    name = "jobs"
    every_s = 1.0

    def __init__(self, services: Services, state_dir: Path) -> None:
        self._services, self._file, self._log = services, state_dir / FILE, state_dir / LOG
        self._jobs = {
            job.script: job
            for job in services.config.job
            if job.is_planned and job.started_by == "healer"
        }
        self._lock = threading.Lock()
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def schedule(self, engine: Engine) -> None:
        """Makes a schedule for each job, and looks once, for what came due while none ran."""
        schedules = [
            Schedule(script, cron_of(seconds(job.every or "1m")))
            for script, job in self._jobs.items()
        ]
        clock = self._services.clock
        replace_schedules(engine, schedules, lambda script: self.start_if_due(script, clock.now()))

    def run(self, now: float) -> None:
        """One look at every job; none is started."""
        for job in self._jobs.values():
            self._look(job, now, may_start=False)

    def start_if_due(self, script: str, now: float) -> None:
        """A slot of this job may have come."""
        if script in self._jobs:
            self._look(self._jobs[script], now, may_start=True)

    def _look(self, job: Job, now: float, *, may_start: bool) -> None:
        with self._lock:
            states = _read(self._file)
            before = states.get(job.script)
            after = self._judge(job, before or JobState(rules.Runs(now)), now, may_start=may_start)
            if after != before:
                _write(self._file, {**states, job.script: after})
        if after.start == now:
            self._start(job, after)

    def _judge(self, job: Job, before: JobState, now: float, *, may_start: bool) -> JobState:
        """The state of a job after a look at it: what it holds is on disk before it is acted on."""
        runs = before.runs
        if runs.last_start is not None and runs.last_end is None and not self._runs(job, before):
            runs = replace(runs, last_end=now)
            notify_of_job(self._services, job, "overdue", "the run has ended", now, is_over=True)
        longest_s = seconds(job.max_runtime) + OVERDUE_AFTER_S
        decision = rules.decide(replace(job.plan, max_runtime_s=longest_s), runs, now)
        if decision.missed:
            what = _describe_missed(job, decision.missed)
            notify_of_job(self._services, job, "missed", what, decision.slot)
            runs = replace(runs, reported=decision.slot)
            before = replace(before, missed=decision.missed[-1])
        if decision.what == "overdue":
            notify_of_job(
                self._services,
                job,
                "overdue",
                f"it runs longer than {job.max_runtime}",
                decision.slot,
            )
            runs = replace(runs, reported=decision.slot)
        if decision.what == "start" and may_start:
            if job.script in run_log.read_running(self._log.parent):  # it is done again just now
                return JobState(replace(runs, last_start=now, last_end=now))
            return JobState(replace(runs, last_start=now, last_end=None), start=now)
        return replace(before, runs=runs)

    def _runs(self, job: Job, state: JobState) -> bool:
        """Whether its last run is not over, also one that an earlier daemon has started."""
        child = self._children.get(job.script)
        if child is not None and child.poll() is not None:
            del self._children[job.script]
        process = state.process
        return bool(process) and process == _identity(int(process.partition(" ")[0]))

    def _start(self, job: Job, state: JobState) -> None:
        root = self._services.repository.root
        if root is None:
            return
        child = start_job(
            argv_of(job),
            source="job",
            max_runtime_s=seconds(job.max_runtime),
            log=self._log,
            cwd=root,
            environment=os.environ,
        )
        with self._lock:
            self._children[job.script] = child
            states = _read(self._file)
            latest = replace(states.get(job.script, state), process=_identity(child.pid))
            _write(self._file, {**states, job.script: latest})
        now = self._services.clock.now()
        notify_of_job(self._services, job, "missed", "it runs again", now, is_over=True)
        note = Progress(repair="", step="job", state="note", detail=f"{job.script} started")
        self._services.progress(note)


def argv_of(job: Job) -> tuple[str, ...]:
    """The job's own, else the script with this machine's Python: Debian has no `python`."""
    return job.command or ("python" if shutil.which("python") else "python3", job.script)


def _describe_missed(job: Job, slots: tuple[float, ...]) -> str:
    last = format_time(to_local(slots[-1], job.timezone))
    if len(slots) == 1:
        return f"the run of {last} did not start"
    return f"{len(slots)} planned runs did not start, the last of them that of {last}"


def _identity(pid: int) -> str:
    """A process as `PID START`, which no later one has; empty for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{pid} {fields[19]}"


def _read(path: Path) -> dict[str, JobState]:
    """The state of all jobs; without those that cannot be read, which begin anew."""
    try:
        data = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    states = data.items() if isinstance(data, dict) else ()
    pairs = ((script, _parse(raw)) for script, raw in states)
    return {script: state for script, state in pairs if state is not None}


def _parse(raw: Any) -> JobState | None:
    try:
        runs = rules.Runs(**raw["runs"])
        return JobState(runs, raw.get("start"), raw.get("process", ""), raw.get("missed"))
    except (LookupError, TypeError, AttributeError):
        return None


def _write(path: Path, states: dict[str, JobState]) -> None:
    write_record(path, {script: asdict(state) for script, state in states.items()})
