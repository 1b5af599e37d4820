"""The pipes between a job and what keeps its bytes: both outputs, the hook's, stdin, and the tape.

Belongs here: which pipe there is for what, and what is kept of it. Does not belong here: carrying
bytes through them (`relay`), starting the job (`child`).
"""

import fcntl
import os
from pathlib import Path

from healer.watch.runner import relay
from healer.watch.runner.job_run import JobRun

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

STDIN, STDOUT, STDERR = 0, 1, 2
HOOK_FOLDER = str(Path(__file__).parent.parent / "hook")
HIGH_HANDLE = 200
"""The hook's pipe and the tape go up here, out of the way of scripts that number their own."""
MAX_STDIN_BYTES = 1 << 20
_SCRIPT_BYTES = 64 << 10


class JobPipes:
    """The pipes of one job."""

    def __init__(self) -> None:
        self.streams: list[relay.Stream] = []
        """What healer carries."""
        self.to_job: dict[int, int] = {}
        """The job's 0, 1 and 2: which of our handles each becomes; the others stay as they are."""
        self.hook_handles: list[int] = []
        """The handles that the job inherits under their own numbers, and that only it needs."""
        self.inherited: list[int] = []
        """Those that healer keeps, too."""

    def close_job_ends(self) -> None:
        """Closes what only the job needs, once it has it."""
        for handle in {*self.to_job.values(), *self.hook_handles}:
            os.close(handle)


def open_pipes(job_run: JobRun, root: str, environment: dict[str, str]) -> JobPipes:
    """All pipes that a job needs; raises OSError where one cannot be made.

    With a repository's `root`, Python children are told of the hook through `environment`.
    """
    pipes = JobPipes()
    _open_outputs(job_run, pipes)
    if root:
        _open_hook(job_run, root, pipes, environment)
    if job_run.captures or job_run.recording.is_on:
        _capture_stdin(job_run, pipes)
    return pipes


def _open_outputs(job_run: JobRun, pipes: JobPipes) -> None:
    """A pipe for each stream that is no terminal; one for both where both are the same file.

    With one pipe the order of the two stays as the job wrote them; what was kept is in `stderr`.
    """
    stdout, stderr = _identify_file(STDOUT), _identify_file(STDERR)
    if stderr is not None:
        sink, stream = relay.new_stream(STDERR, job_run.stderr)
        pipes.streams.append(stream)
        pipes.to_job[STDERR] = sink
        if stdout == stderr:
            pipes.to_job[STDOUT] = sink
            job_run.printed = job_run.stderr
    if stdout is not None and stdout != stderr:
        sink, stream = relay.new_stream(STDOUT, job_run.stdout)
        pipes.streams.append(stream)
        pipes.to_job[STDOUT] = sink
        job_run.printed = job_run.stdout


def _identify_file(handle: int) -> tuple[int, int] | None:
    """Which file an open stream is; None for a terminal or a closed one, which are left alone."""
    try:
        status = os.fstat(handle)
    except OSError:
        return None
    return None if os.isatty(handle) else (status.st_dev, status.st_ino)


def _open_hook(job_run: JobRun, root: str, pipes: JobPipes, environment: dict[str, str]) -> None:
    """Asks Python children to say more than text can, through a pipe that they inherit."""
    source, sink = os.pipe()
    sink = _move_up(sink)
    pipes.streams.append(relay.Stream(source, -1, _hook_listener(job_run)))
    pipes.hook_handles.append(sink)
    if "PYTHONPATH" in environment:
        environment["HEALER_PYTHONPATH"] = environment["PYTHONPATH"]
    others = environment.get("PYTHONPATH", "")
    environment["PYTHONPATH"] = f"{HOOK_FOLDER}:{others}" if others else HOOK_FOLDER
    inode = os.fstat(sink).st_ino
    tape, tape_inode = -1, 0
    if job_run.recording.is_on:
        tape = job_run.tape = _make_tape()
        tape_inode = os.fstat(tape).st_ino
        pipes.inherited.append(tape)
        _set_hash_seed(job_run.options.argv, environment)
    limits = f"{job_run.recording.max_bytes}:{int(job_run.recording.network)}"
    place = f"{tape}:{tape_inode}:{os.getpid()}"
    environment["HEALER_HOOK"] = f"{sink}:{inode}:{place}:{limits}:{root}"


def _set_hash_seed(argv: "Sequence[str]", environment: dict[str, str]) -> None:
    """A seed for the order of sets that is as good as the one that Python would draw, but known;
    the hook takes it out of the job's environment again. Python 2, which draws none, would notice:
    nothing is set for a command that names it, or a script that does."""
    if "PYTHONHASHSEED" in environment or any(map(_names_python_2, argv)):
        return
    environment["PYTHONHASHSEED"] = str(int.from_bytes(os.urandom(4), "big") or 1)
    environment["HEALER_HASH_SEED"] = "1"


def _names_python_2(word: str) -> bool:
    if "python2" in word:
        return True
    if not os.path.isfile(word):  # noqa: PTH113 - a word; opening a named pipe would wait
        return False
    try:
        with open(word, "rb") as file:  # noqa: PTH123 - a word, which may be no path at all
            return b"python2" in file.read(_SCRIPT_BYTES)
    except OSError:
        return False


def _move_up(low: int) -> int:
    """The same under a high handle; where the user may have only few (`ulimit -n`) it stays."""
    try:
        high = fcntl.fcntl(low, fcntl.F_DUPFD_CLOEXEC, HIGH_HANDLE)
    except OSError:
        return low
    os.close(low)
    return high


def _make_tape() -> int:
    """Memory without a name that every process of the job can add to, and nobody else can read."""
    tape = _move_up(os.memfd_create("tape", os.MFD_CLOEXEC))
    fcntl.fcntl(tape, fcntl.F_SETFL, os.O_APPEND)
    return tape


def _hook_listener(job_run: JobRun) -> "Callable[[bytes], None]":
    """Keeps what the hook says; at an exception it loads, beside the job's end, what the record
    needs, so that the failure is noticed sooner."""
    from _thread import start_new_thread

    loads: list[int] = []

    def listen(data: bytes) -> None:
        job_run.hook_messages.add(data)
        if not loads and b'"raised"' in data:
            loads.append(start_new_thread(_load_recorder, ()))

    return listen


def _load_recorder() -> None:
    try:
        from healer.redact import Redactor
        from healer.watch.runner import failure_record

        _ = Redactor, failure_record
    except Exception:
        return  # it is loaded again where it is needed, and said there


def _capture_stdin(job_run: JobRun, pipes: JobPipes) -> None:
    """Keeps a copy of stdin: of a file by reading beside the job; of a pipe, where that was asked
    for, by carrying it: a pipe is read ahead of the job then. A terminal is left alone.
    """
    import stat

    try:
        mode = os.fstat(STDIN).st_mode
    except OSError:
        return
    if stat.S_ISREG(mode):
        try:
            data = os.pread(STDIN, MAX_STDIN_BYTES + 1, os.lseek(STDIN, 0, os.SEEK_CUR))
        except OSError:
            return  # it is open for writing alone
        job_run.stdin = data if len(data) <= MAX_STDIN_BYTES else None
    elif not job_run.captures:
        return
    elif stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        source, sink = os.pipe()
        copy = bytearray()

        def keep(data: bytes) -> None:
            copy.extend(data)
            job_run.stdin = bytes(copy) if len(copy) <= MAX_STDIN_BYTES else None

        pipes.streams.append(relay.Stream(os.dup(STDIN), sink, keep, owns_target=True))
        pipes.to_job[STDIN] = source
