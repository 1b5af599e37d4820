"""`healer run`: runs a job exactly as it would run without it, and records how it failed.

Belongs here: what happens before, during and after one job. Does not belong here: how bytes are
carried (`pipes`, `relay`), how a process is started (`child`), what a record holds
(`failure_record`).

The rules: the job always runs, whatever trouble healer has; its bytes, its exit code and its
signals are its own; a failure is on disk before this ends. A stream that is a terminal is handed
to the job itself, so that size, keys and colours are as ever; its text is then not kept, and the
traceback comes from the hook. Only the standard library is loaded until a job has failed.
"""

import os
import sys
import time
from pathlib import Path
from signal import SIGKILL, SIGTERM

from healer.tape.good_nights import KEPT
from healer.watch.runner import child, relay
from healer.watch.runner.job_run import MAX_TAPE_BYTES, JobRun, Recording
from healer.watch.runner.options import RunOptions
from healer.watch.runner.pipes import STDERR, STDOUT, open_pipes

GRACE_S = 10.0
"""Between asking a job that ran too long to stop and killing it."""

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from signal import Signals

    from healer.watch.checkout import Checkout


def run(options: RunOptions) -> int:
    """Runs the job and gives its exit code, or 128 + n where signal n ended it."""
    job_run = JobRun(options, _find_cwd(), time.time())
    checkout = None
    trouble = ""
    try:
        from healer.watch.checkout import find_job_checkout, find_script, read_commit

        checkout = find_job_checkout(options, job_run.cwd)
        job_run.commit = read_commit(checkout)
        job_run.script = find_script(options.argv, checkout, job_run.cwd)
        _read_settings(job_run, checkout.root)
    except Exception as error:
        trouble = str(error)
    mark = _mark_start(job_run, checkout)
    try:
        _run_job(job_run, str(checkout.root) if checkout else "")
    except child.NotStartedError as error:
        _say(f"healer run: {error}")
        job_run.exit_code = error.code
        job_run.stderr.add(f"{error}\n".encode("utf-8", "replace"))
    finally:
        if mark is not None:
            mark.unlink(missing_ok=True)
    if checkout is not None:
        trouble = _record(job_run, checkout)
    if trouble and job_run.has_failed:
        _say(f"healer: this failure was not recorded: {trouble}")
    return job_run.shell_code


def _say(text: str) -> None:
    """One line on stderr; none where the job was started without one."""
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")


def _find_cwd() -> Path:
    try:
        return Path.cwd()
    except OSError:  # the folder was removed; the job still runs
        return Path("/")


def _mark_start(job_run: JobRun, checkout: "Checkout | None") -> Path | None:
    """A mark that the script runs, for whoever waits for it; None where it cannot be made."""
    if checkout is None or not job_run.script:
        return None
    from healer.watch.runner import run_log

    try:
        return run_log.mark_start(checkout.state_dir, job_run.script, job_run.started_at)
    except OSError:
        return None


def _read_settings(job_run: JobRun, root: Path) -> None:
    """What `[capture]` and the `[[job]]` of this script say; wrong files count as if they said
    nothing."""
    text = b""
    for name in ("healer.toml", "pyproject.toml"):
        try:
            text = (root / name).read_bytes()
            break
        except OSError:
            continue
    if b"capture" not in text and b"expect" not in text:
        return
    import tomllib

    table = tomllib.loads(text.decode("utf-8", "replace"))
    table = table.get("tool", {}).get("healer", table)
    jobs = [job for job in table.get("job", ()) if job.get("script") == job_run.script]
    job_run.captures = any(job.get("capture") is True for job in jobs)
    job_run.expect = tuple(entry for job in jobs for entry in job.get("expect", ()))
    job_run.recording = _make_recording(table.get("capture", {}))


def _make_recording(table: "dict[str, object]") -> Recording:
    max_mb, good_nights = table.get("max_mb"), table.get("good_nights")
    return Recording(
        is_on=table.get("enabled") is not False,
        network=table.get("network") is not False,
        max_bytes=max_mb << 20 if isinstance(max_mb, int) else MAX_TAPE_BYTES,
        good_nights=good_nights if isinstance(good_nights, int) else KEPT,
        skip=tuple(str(each) for each in table.get("skip", ())),  # type: ignore[attr-defined]  # a list, or it raises
    )


def _record(job_run: JobRun, checkout: "Checkout") -> str:
    """Records the run; gives the sentence that says why it could not be, or nothing."""
    try:
        if job_run.expect and not job_run.is_failure:
            _check_expectations(job_run, checkout)
        if job_run.is_failure or _is_worth_a_tape(job_run, checkout):
            from healer.watch.runner.failure_record import record_run

            trouble = record_run(job_run, checkout)
            if trouble:
                _say(f"healer: the tape of this failure was not kept: {trouble}")
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    from healer.watch.runner import run_log

    entry = run_log.LoggedRun(
        job_run.script,
        job_run.commit,
        job_run.shell_code or _choose_code(job_run),
        job_run.started_at,
        job_run.duration_s,
        command=run_log.digest_of(job_run.options.argv),
    )
    try:
        run_log.append(checkout.state_dir, entry)
    except OSError:
        return ""  # the failure itself is safe, and a good run is no news
    return ""


def _choose_code(job_run: JobRun) -> int:
    """Of a run that ended with 0."""
    from healer.watch.runner.run_log import HIDDEN_ERROR, NOT_AS_EXPECTED

    if not job_run.is_failure:
        return 0
    return NOT_AS_EXPECTED if job_run.broken else HIDDEN_ERROR


def _check_expectations(job_run: JobRun, checkout: "Checkout") -> None:
    """What cannot be read is said, and counts as if nothing were expected."""
    from healer.watch.runner.expected import check_expectations

    try:
        job_run.broken = check_expectations(job_run, checkout)
    except (TypeError, ValueError) as error:
        _say(f"healer: what is expected of {job_run.script} cannot be read: {error}")


def _is_worth_a_tape(job_run: JobRun, checkout: "Checkout") -> bool:
    from healer.tape.good_nights import is_due

    most = job_run.recording.good_nights if job_run.tape >= 0 else 0
    return is_due(checkout.state_dir, job_run.script, job_run.options.argv, most)


def _run_job(job_run: JobRun, root: str) -> None:
    mask = child.hold_signals()
    start = time.monotonic()
    try:
        job, streams = _start_job(job_run, root, mask)
    except OSError as error:  # no pipe, no process: healer steps aside, the job takes its place
        _say(f"healer: running without a record: {error}")
        child.become(job_run.options.argv, os.environ, mask)
    child.pass_on_signals(job)
    try:
        relay.carry(streams, job.handle, _deadline(job_run, job))
    except Exception as error:  # the job runs already, and must not be started again
        _say(f"healer: {type(error).__name__}: {error}")
        relay.carry_on(streams)
    job_run.exit_code, job_run.signal = child.wait(job)
    job_run.duration_s = time.monotonic() - start
    _leave_to_a_helper(streams)


def _start_job(
    job_run: JobRun, root: str, mask: "set[Signals]"
) -> "tuple[child.Child, list[relay.Stream]]":
    """The running job and the streams to carry; after an OSError nothing runs."""
    environment = dict(os.environ)
    pipes = open_pipes(job_run, root, environment)
    keep = [*pipes.hook_handles, *pipes.inherited]
    job = child.start(job_run.options.argv, environment, pipes.to_job, keep, mask)
    pipes.close_job_ends()
    return job, pipes.streams


def _deadline(job_run: JobRun, job: child.Child) -> relay.Deadline | None:
    if job_run.options.max_runtime_s is None:
        return None

    def stop() -> float | None:
        if job_run.timed_out:
            child.send(job, SIGKILL)
            return None
        job_run.timed_out = True
        child.send(job, SIGTERM)
        return time.monotonic() + GRACE_S

    return relay.Deadline(time.monotonic() + job_run.options.max_runtime_s, stop)


def _leave_to_a_helper(streams: list[relay.Stream]) -> None:
    """Goes on carrying, in a process of its own, what a process that outlives the job writes."""
    still = [stream for stream in streams if stream.is_open and stream.target in (STDOUT, STDERR)]
    if not still:
        return
    try:
        helper = os.fork()
    except OSError:
        return
    if helper == 0:
        try:
            relay.carry_on(still)
        finally:
            os._exit(0)
