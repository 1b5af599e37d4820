"""`healer run`: runs a job exactly as it would run without it, and records how it failed.

Belongs here: what happens before, during and after one job. Does not belong here: how bytes are
carried (`relay`), how a process is started (`child`), what a record holds (`notes`).

The rules: the job always runs, whatever trouble healer has; its bytes, its exit code and its
signals are its own; a failure is on disk before this ends. A stream that is a terminal is handed
to the job itself, so that size, keys and colours are as ever; its text is then not kept, and the
traceback comes from the hook. Only the standard library is loaded until a job has failed.
"""

import fcntl
import os
import sys
import time
from pathlib import Path
from signal import SIGKILL, SIGTERM

from healer.watch.runner import child, relay
from healer.watch.runner.options import RunOptions
from healer.watch.runner.tail import Tail

HOOK_FOLDER = str(Path(__file__).parent.parent / "hook")
HIGH_HANDLE = 200
"""The hook's pipe is moved up here, out of the way of scripts that number their own."""
MAX_HOOK_BYTES = 16 << 20
MAX_STDIN_BYTES = 1 << 20
GRACE_S = 10.0
"""Between asking a job that ran too long to stop and killing it."""
_OUT, _ERR = 1, 2

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Callable
    from signal import Signals

    from healer.watch.checkout import Place


class Ran:
    """Everything seen of one run, as it was: nothing is redacted yet."""

    def __init__(self, options: RunOptions, cwd: Path, started_at: float) -> None:
        self.options = options
        self.cwd = cwd
        self.started_at = started_at
        self.commit = ""
        self.script = ""
        self.exit_code: int | None = None
        self.signal: int | None = None
        self.timed_out = False
        self.duration_s = 0.0
        self.out = Tail()
        self.err = Tail()
        self.heard = Tail(MAX_HOOK_BYTES)
        self.stdin: bytes | None = None
        self.capture = False
        self.printed: Tail | None = None
        """What went to stdout, alone or, where both are one file, with stderr; None: a terminal."""

    @property
    def failed(self) -> bool:
        return self.exit_code != 0

    @property
    def shell_code(self) -> int:
        """The exit code as a shell reports it."""
        return child.SIGNAL_BASE + self.signal if self.signal else self.exit_code or 0


def run(options: RunOptions) -> int:
    """Runs the job and gives its exit code, or 128 + n where signal n ended it."""
    ran = Ran(options, _cwd(), time.time())
    place = None
    trouble = ""
    try:
        from healer.watch import checkout as places

        place = places.find_of(options, ran.cwd)
        ran.commit = places.commit(place)
        ran.script = places.script_of(options.argv, place, ran.cwd)
        ran.capture = _wants_capture(place.root, ran.script)
    except Exception as error:
        trouble = str(error)
    try:
        _run(ran, str(place.root) if place else "")
    except child.NotStartedError as error:
        _say(f"healer run: {error}")
        ran.exit_code = error.code
        ran.err.add(f"{error}\n".encode("utf-8", "replace"))
    if place is not None:
        trouble = _recorded(ran, place)
    if trouble and ran.failed:
        _say(f"healer: this failure was not recorded: {trouble}")
    return ran.shell_code


def _say(text: str) -> None:
    """One line on stderr; none where the job was started without one."""
    if sys.stderr is not None:
        sys.stderr.write(f"{text}\n")


def _cwd() -> Path:
    try:
        return Path.cwd()
    except OSError:  # the folder was removed; the job still runs
        return Path("/")


def _wants_capture(root: Path, script: str) -> bool:
    """Whether a `[[job]]` of this script says `capture = true`; wrong files count as no."""
    text = b""
    for name in ("healer.toml", "pyproject.toml"):
        try:
            text = (root / name).read_bytes()
            break
        except OSError:
            continue
    if b"capture" not in text or not script:
        return False
    import tomllib

    table = tomllib.loads(text.decode("utf-8", "replace"))
    table = table.get("tool", {}).get("healer", table)
    jobs = [job for job in table.get("job", ()) if job.get("script") == script]
    return any(job.get("capture") is True for job in jobs)


def _recorded(ran: Ran, place: "Place") -> str:
    """Notes the run; gives the sentence that says why it could not be, or nothing."""
    try:
        if ran.failed or ran.capture:
            from healer.watch.runner import failure_record

            failure_record.note(ran, place)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    from healer.watch.runner import run_log

    seen = run_log.Run(ran.script, ran.commit, ran.shell_code, ran.started_at, ran.duration_s)
    try:
        run_log.add(place.state, seen)
    except OSError:
        return ""  # the failure itself is safe, and a good run is no news
    return ""


def _run(ran: Ran, root: str) -> None:
    mask = child.hold_signals()
    started = time.monotonic()
    try:
        job, streams = _started(ran, root, mask)
    except OSError as error:  # no pipe, no process: healer steps aside, the job takes its place
        _say(f"healer: running without a record: {error}")
        child.become(ran.options.argv, os.environ, mask)
    child.pass_on_signals(job)
    try:
        relay.carry(streams, job.handle, _deadline(ran, job))
    except Exception as error:  # the job runs already, and must not be started again
        _say(f"healer: {type(error).__name__}: {error}")
        relay.carry_on(streams)
    ran.exit_code, ran.signal = child.wait(job)
    ran.duration_s = time.monotonic() - started
    _leave_to_a_helper(streams)


def _started(ran: Ran, root: str, mask: "set[Signals]") -> "tuple[child.Child, list[relay.Stream]]":
    """The running job and the streams to carry; after an OSError nothing runs."""
    streams, to_job = _output_streams(ran)
    environment = dict(os.environ)
    kept: list[int] = []
    if root:
        kept = _hook(ran, root, streams, environment)
    if ran.capture:
        _capture_stdin(ran, streams, to_job)
    job = child.start(ran.options.argv, environment, to_job, kept, mask)
    for handle in {*to_job.values(), *kept}:
        os.close(handle)
    return job, streams


def _output_streams(ran: Ran) -> tuple[list[relay.Stream], dict[int, int]]:
    """A pipe for each stream that is no terminal; one for both where both are the same file.

    With one pipe the order of the two stays as the job wrote them; what was kept is in `err`.
    """
    out, err = _identity(_OUT), _identity(_ERR)
    streams, to_job = [], {}
    if err is not None:
        sink, stream = relay.new_stream(_ERR, ran.err)
        streams.append(stream)
        to_job[_ERR] = sink
        if out == err:
            to_job[_OUT] = sink
            ran.printed = ran.err
    if out is not None and out != err:
        sink, stream = relay.new_stream(_OUT, ran.out)
        streams.append(stream)
        to_job[_OUT] = sink
        ran.printed = ran.out
    return streams, to_job


def _identity(handle: int) -> tuple[int, int] | None:
    """Which file an open stream is; None for a terminal or a closed one, which are left alone."""
    try:
        status = os.fstat(handle)
    except OSError:
        return None
    return None if os.isatty(handle) else (status.st_dev, status.st_ino)


def _hook(
    ran: Ran, root: str, streams: list[relay.Stream], environment: dict[str, str]
) -> list[int]:
    """Asks Python children to say more than text can; gives the pipe's end that they inherit."""
    source, low = os.pipe()
    sink = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, HIGH_HANDLE)
    os.close(low)
    streams.append(relay.Stream(source, -1, _listener(ran)))
    if "PYTHONPATH" in environment:
        environment["HEALER_PYTHONPATH"] = environment["PYTHONPATH"]
    others = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = f"{HOOK_FOLDER}:{others}" if others else HOOK_FOLDER
    inode = os.fstat(sink).st_ino
    environment["HEALER_HOOK"] = f"{sink}:{inode}:{int(ran.capture)}:{root}"
    return [sink]


def _listener(ran: Ran) -> "Callable[[bytes], None]":
    """Keeps what the hook says; at an exception it loads, beside the job's end, what the record
    needs, so that the failure is noticed sooner."""
    from _thread import start_new_thread

    loading: list[int] = []

    def hear(data: bytes) -> None:
        ran.heard.add(data)
        if not loading and b'"raised"' in data:
            loading.append(start_new_thread(_load, ()))

    return hear


def _load() -> None:
    try:
        from healer.redact import Redactor
        from healer.watch.runner import failure_record

        _ = Redactor, failure_record
    except Exception:
        return  # it is loaded again where it is needed, and said there


def _capture_stdin(ran: Ran, streams: list[relay.Stream], to_job: dict[int, int]) -> None:
    """Keeps a copy of stdin: of a file by reading beside the job, of a pipe by carrying it.

    A pipe is read ahead of the job; a terminal is left alone.
    """
    import stat

    try:
        mode = os.fstat(0).st_mode
    except OSError:
        return
    if stat.S_ISREG(mode):
        ran.stdin = os.pread(0, MAX_STDIN_BYTES, os.lseek(0, 0, os.SEEK_CUR))
    elif stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        source, sink = os.pipe()
        kept = bytearray()

        def keep(data: bytes) -> None:
            kept.extend(data)
            ran.stdin = bytes(kept) if len(kept) <= MAX_STDIN_BYTES else None

        streams.append(relay.Stream(os.dup(0), sink, keep, owns_target=True))
        to_job[0] = source


def _deadline(ran: Ran, job: child.Child) -> relay.Deadline | None:
    if ran.options.max_runtime_s is None:
        return None

    def stop() -> float | None:
        if ran.timed_out:
            child.send(job, SIGKILL)
            return None
        ran.timed_out = True
        child.send(job, SIGTERM)
        return time.monotonic() + GRACE_S

    return relay.Deadline(time.monotonic() + ran.options.max_runtime_s, stop)


def _leave_to_a_helper(streams: list[relay.Stream]) -> None:
    """Goes on carrying, in a process of its own, what a process that outlives the job writes."""
    still = [stream for stream in streams if stream.open and stream.target in (_OUT, _ERR)]
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
