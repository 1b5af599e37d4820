"""After a fix was merged, the run that had failed is done again: the night is saved, not only the
code. For a `[[job]]` whose owner says that it may run twice (`rerun = "after-heal"`).

Belongs here: which run is done again, once, as it was, and what is said of it. Does not belong
here: how a job is started (`healer.watch.job_start`), and what its end means for the fix: a good
one counts for its probation as any run does, a failure is recorded as any is (`probation`).

At most once: a start is a row of the ledger before it is made. Whoever wrote the row may start the
run, nobody else and never again; where a crash came between, that is told, and a person starts it.
"""

import base64
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from healer.config import Job, seconds
from healer.facts.progress import Progress
from healer.failure import Failure
from healer.ledger.rows import Entry, RepairRow
from healer.redact import contains_placeholder
from healer.render.one_line import format_duration
from healer.repair.incident_events import has_commit
from healer.repair.pins_in_effect import is_installed_now
from healer.repair.probation_notices import notify_of_rerun
from healer.services import Services
from healer.tape.store import read_tape, tape_path
from healer.watch.inbox import Inbox, RunStart
from healer.watch.job_start import LOG, start_job
from healer.watch.pause import why_paused
from healer.watch.runner import run_log

START_S = 60.0
"""A run that was to be started and of which nothing is seen for so long was not started."""
FOLLOW_S = 0.1
SLACK_S = 0.002
"""The run log keeps milliseconds; the run that failed may be a moment older than its re-run."""
_STARTED_BY = ("run", "job", "rerun")
"""Sources of failures that say how the run was started."""
_OF_A_SESSION = re.compile(
    r"(XDG|SSH|DBUS|LC|GPG)_.*|_|(OLD)?PWD|SHLVL|TERM|COLUMNS|LINES|LS_COLORS|DISPLAY|"
    r"INVOCATION_ID|JOURNAL_STREAM|SYSTEMD_EXEC_PID|MEMORY_PRESSURE_.*"
)
"""Variables that no job leans on: they name the session that it was started in."""


class Reruns:
    """The runs of one repository that are done again. Any number of processes may look."""

    def __init__(self, services: Services, *, is_attended: bool) -> None:
        """`is_attended`: a person's command, whose user and variables may not be the job's: what it
        cannot do again is left to the daemon."""
        self._services, self._is_attended = services, is_attended
        self._state_dir = services.repository.state_dir
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._unseen_since: dict[str, float] = {}

    def finish(self) -> None:
        """Starts what is due, and waits until it has ended."""
        while self.look(self._services.clock.now()):
            time.sleep(FOLLOW_S)

    def look(self, now: float) -> bool:
        """Ends what has ended, and starts what is due; whether anything runs still."""
        is_busy = False
        for row in self._services.ledger.merged_without("probation"):
            job = self._services.config.job_of(row.script)
            is_asked = job is not None and job.rerun == "after-heal"
            if job is not None and is_asked and self._services.fleet.hold(row):
                is_busy |= self._look_at(row, job, now)
        return is_busy

    def _look_at(self, row: RepairRow, job: Job, now: float) -> bool:
        entries = self._services.ledger.entries(row.id)
        starts = [entry for entry in entries if entry.kind == "rerun"]
        ends = {entry.number: entry for entry in entries if entry.kind == "rerun_end"}
        if starts and starts[-1].number not in ends:
            end = self._find_end(row, starts[-1], now)
            if end is None:
                return True
            self._record_end(row, end)
            return end.outcome == "good" and job.catch_up == "all"  # another may be due
        if any(end.outcome != "good" for end in ends.values()):
            return False
        if any(entry.kind == "relapse" for entry in entries):
            return False
        failure = self._choose(row, job, {start.inputs for start in starts})
        return failure is not None and self._start(row, job, failure, len(starts) + 1)

    def _choose(self, row: RepairRow, job: Job, earlier: set[str]) -> Failure | None:
        """The failed run that is to be done again next; None where none is, or not now."""
        if job.catch_up == "last" and earlier:
            return None
        failures = list(self._list_failed(row))
        if job.catch_up == "last":
            failures = failures[:1]
        commands = {run_log.digest_of(f.argv) for f in failures if f.id in earlier}
        due = [f for f in failures if run_log.digest_of(f.argv) not in commands]
        is_free = not why_paused(self._state_dir, row.script) and self._has_fix(row)
        if not due or not is_free or row.script in run_log.read_running(self._state_dir):
            return None
        failure = due[-1]
        if not is_installed_now(row, failure, self._services.ledger, self._services.recordings):
            return None  # a pin is merged, and the job's packages are what they were
        return None if self._ran_well(row, run_log.digest_of(failure.argv)) else failure

    def _ran_well(self, row: RepairRow, command: str) -> bool:
        """Its own time came first, and it ended well with the fix."""
        return any(
            run.script == row.script
            and run.exit_code == 0
            and run.command == command
            and has_commit(self._services.repository, run.commit, row.fix_commit)
            for run in run_log.read(self._state_dir)
        )

    def _list_failed(self, row: RepairRow) -> Iterator[Failure]:
        """The runs that failed so on this machine, without the fix; the newest first."""
        for failure in Inbox(self._state_dir).walk_newest():
            is_same = failure.fingerprint == row.incident and failure.script == row.script
            is_run = is_same and failure.source in _STARTED_BY
            if is_run and not has_commit(self._services.repository, failure.commit, row.fix_commit):
                yield failure

    def _has_fix(self, row: RepairRow) -> bool:
        """Whether what would run here is the merged fix: a checkout may not have followed."""
        repository = self._services.repository
        head, root = repository.ref("HEAD"), repository.root
        if head is None or root is None or not repository.is_ancestor(row.fix_commit, head):
            return False
        dossier = self._services.ledger.dossier(row.id)
        last = dossier.last_candidate if dossier else None
        paths = last.candidate.paths if last and last.candidate else (row.script,)
        return not any(repository.is_modified(path) for path in paths)

    def _start(self, row: RepairRow, job: Job, failure: Failure, number: int) -> bool:
        """Whether it runs now, or another process starts it."""
        ledger, start = self._services.ledger, Inbox(self._state_dir).find_start(failure.id)
        environment, obstacle = self._restore(failure, start)
        if obstacle and self._is_attended:
            self._note(row, f"not run again from here: {obstacle}")
            return False
        claim = Entry(
            repair=row.id,
            kind="rerun",
            number=number,
            outcome="started",
            detail=f"the run that failed at {failure.occurred_at} is done again",
            inputs=failure.id,
            at=self._services.clock.now(),
        )
        if not ledger.claim(claim):
            return True
        if not obstacle and start is not None:
            try:
                self._children[row.id] = self._run(job, failure, start, environment)
            except OSError as error:
                obstacle = f"it could not be started: {error}"
        if not obstacle:
            self._note(row, claim.detail)
            return True
        self._record_end(row, self._end_of(claim, "not run", f"not run again: {obstacle}"))
        return False

    def _run(
        self, job: Job, failure: Failure, start: RunStart, environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        with tempfile.TemporaryFile() as stdin:
            stdin.write(base64.b64decode(failure.stdin or ""))
            stdin.seek(0)
            return start_job(
                failure.argv,
                source="rerun",
                max_runtime_s=seconds(job.max_runtime),
                log=self._state_dir / LOG,
                cwd=Path(start.cwd),
                environment=environment,
                options=("--repo", str(self._services.repository.root)),
                stdin=stdin,
            )

    def _restore(self, failure: Failure, start: RunStart | None) -> tuple[dict[str, str], str]:
        """(its environment, why it cannot be done again as it was, or nothing)"""
        obstacle = _find_obstacle(failure, start)
        if obstacle:
            return {}, obstacle
        environment = self._restore_environment(failure)
        missing = [name for name in failure.environment_names if name not in environment]
        secrets = [name for name in missing if not _OF_A_SESSION.fullmatch(name)]
        if secrets:
            return {}, f"{', '.join(secrets[:5])} of its environment is not set here"
        return environment, ""

    def _restore_environment(self, failure: Failure) -> dict[str, str]:
        """The variables that it had: with their values where these were kept, and secrets by name
        from this process's own."""
        tape = read_tape(tape_path(self._state_dir, failure.id))
        values = {**(tape.environment if tape else {}), **failure.environment}
        own = {n: os.environ[n] for n in failure.environment_names if n in os.environ}
        names = set(failure.environment_names)
        return own | {
            name: value
            for name, value in values.items()
            if name in names and not contains_placeholder(value)
        }

    def _find_end(self, row: RepairRow, start: Entry, now: float) -> Entry | None:
        """How it ended; None while it runs."""
        child = self._children.get(row.id)
        has_ended = child is not None and child.poll() is not None  # before the log is read
        command = self._command_of(start)
        for run in run_log.read(self._state_dir):
            is_it = run.script == row.script and run.started_at >= start.at - SLACK_S
            if is_it and command in (run.command, ""):
                when = f"{datetime.fromtimestamp(run.started_at).astimezone():%H:%M}"
                outcome = "good" if run.exit_code == 0 else "failed"
                detail = f"re-ran at {when}, {outcome} ({format_duration(run.duration_s)})"
                return self._end_of(start, outcome, detail)
        is_running = row.script in run_log.read_running(self._state_dir)
        if is_running or (child is not None and not has_ended):
            self._unseen_since.pop(row.id, None)
            return None
        if child is None and now - self._unseen_since.setdefault(row.id, now) < START_S:
            return None  # it may just begin, or just be written down
        what = "not known to have run again: it was cut off"
        return self._end_of(start, "unknown", what)

    def _command_of(self, start: Entry) -> str:
        failures = (f for f in Inbox(self._state_dir).walk_newest() if f.id == start.inputs)
        return next((run_log.digest_of(failure.argv) for failure in failures), "")

    def _end_of(self, start: Entry, outcome: str, detail: str) -> Entry:
        return start.model_copy(
            update={"kind": "rerun_end", "outcome": outcome, "detail": detail, "at": 0.0}
        )

    def _record_end(self, row: RepairRow, end: Entry) -> None:
        """The ledger last: what a crash leaves out is done again, and tells nobody twice."""
        child = self._children.pop(row.id, None)
        if child is not None:
            child.wait()  # it has written its last line
        notify_of_rerun(row, end, self._services)
        now = self._services.clock.now()
        self._services.incidents.note_rerun(row.incident, end.detail, now=now)
        self._services.ledger.record(end)
        self._note(row, end.detail)

    def _note(self, row: RepairRow, detail: str) -> None:
        note = Progress(repair=row.id, step="rerun", state="note", detail=f"{row.script}: {detail}")
        self._services.progress(note)


def _find_obstacle(failure: Failure, start: RunStart | None) -> str:
    """Why a run cannot be started again as it was, but for its environment; or nothing."""
    if start is None:
        return "it is not known where it was started"
    if start.uid != os.getuid():
        return f"user {start.uid} ran it, and this is {os.getuid()}"
    if not Path(start.cwd).is_dir():
        return f"its folder {start.cwd} is there no more"
    if any(map(contains_placeholder, failure.argv)):
        return "its command holds a secret, which is not kept"
    stdin = base64.b64decode(failure.stdin or "").decode("utf-8", "replace")
    return "its standard input holds a secret, which is not kept" * contains_placeholder(stdin)
