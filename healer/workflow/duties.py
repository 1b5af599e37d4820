"""Regular duties of the daemon that look at the repository and at jobs.

Belongs here: changed scripts, jobs that are due. Does not belong here: the
rules (`healer.watch.scripts`, `healer.watch.jobs`, `quarantine.prune`), or when (`upkeep`).
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from healer.config import Job, seconds
from healer.render.notice import Notice
from healer.watch import jobs, scripts
from healer.workflow.intake import Intake
from healer.workflow.parts import Parts, Progress
from healer.workflow.tell import send
from quarantine.history import paths_of_people

DAY_S = 86_400.0


class ChangedScripts:
    """Checks scripts that changed on the target branch at once, before the next night does."""

    every_s = 5.0
    name = "changed scripts"

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts, self._file = parts, folder / "watched.json"

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """Opens a check (a repair that may find the script healthy) for each changed script."""
        repository, config = self._parts.repository, self._parts.config
        tip = repository.tip(config.target)
        before = _read(self._file)
        if tip is None or (before and before["tip"] == tip):
            return
        entries = repository.tree(tip).entries()
        files = {p: e.oid for p, e in entries.items() if config.may_heal(p)}
        known = (before["tip"], before["files"]) if before else None
        theirs = paths_of_people(repository, before["tip"], tip) if before else None
        found = scripts.changed(known, (tip, files), lambda p: theirs is None or p in theirs)
        for script in found.scripts:
            intake.check(script)
        _write(self._file, {"tip": tip, "files": files})


class DueJobs:
    """Starts `[[job]]`s with `every` through `healer run`, and tells of missed and late ones."""

    every_s = 1.0
    name = "jobs"

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts, self._file, self._folder = parts, folder / "jobs.json", folder
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002
        """One look at every job."""
        watched = [job for job in self._parts.config.job if job.every is not None]
        if not watched:
            return
        before = _read(self._file) or {}
        state = before | {j.script: self._look(j, before.get(j.script), now) for j in watched}
        if state != before:
            _write(self._file, state)

    def _look(self, job: Job, known: dict[str, Any] | None, now: float) -> dict[str, Any]:
        runs = jobs.Runs(**known) if known else jobs.Runs(watched_since=now)
        runs = self._reaped(job, runs, now)
        schedule = jobs.Schedule(seconds(job.every or "1d"), seconds(job.max_runtime))
        decision = jobs.decide(schedule, runs, now)
        values = vars(runs).copy()
        if decision.missed:
            self._tell(job, f"{len(decision.missed)} planned run(s) did not start", decision.slot)
            values["reported"] = decision.slot
        if decision.what == "overdue":
            self._tell(job, f"it runs longer than {job.max_runtime}", decision.slot)
            values["reported"] = decision.slot
        if decision.what == "start":
            self._start(job)
            values |= {"last_start": now, "last_end": None}
        return values

    def _reaped(self, job: Job, runs: jobs.Runs, now: float) -> jobs.Runs:
        """The state with a run that has ended noted; a run of a dead daemon counts as ended."""
        process = self._running.get(job.script)
        if runs.last_start is None or runs.last_end is not None:
            return runs
        if process is not None and process.poll() is None:
            return runs
        self._running.pop(job.script, None)
        return jobs.Runs(runs.watched_since, runs.last_start, now, runs.reported)

    def _start(self, job: Job) -> None:
        root = self._parts.repository.root
        if root is None:
            return
        command = job.command or ("python", job.script)
        with (self._folder / "jobs.log").open("ab") as output:
            self._running[job.script] = subprocess.Popen(
                [sys.executable, "-m", "healer", "run", "--", *command],
                cwd=root,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        note = Progress(repair="", step="job", state="note", detail=f"{job.script} started")
        self._parts.progress(note)

    def _tell(self, job: Job, what: str, slot: float) -> None:
        when = datetime.fromtimestamp(slot, UTC)
        notice = Notice(
            kind="missed",
            fingerprint=f"job:{job.script}",
            script=job.script,
            reason=f"{what}; it should run every {job.every}",
            when=when,
            event=str(int(slot)),
        )
        send(notice, self._parts)


def _read(path: Path) -> dict[str, Any] | None:
    """A small state file, or None where there is none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _write(path: Path, data: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(data), encoding="utf-8")
    fresh.replace(path)
