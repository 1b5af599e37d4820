"""The runs of watched jobs: one line for each.

Belongs here: writing the lines, and reading them back. Does not belong here: failures (`inbox`),
and what good runs asked and did (`healer.tape.good_nights`).
"""

import os
import zlib
from pathlib import Path

from healer.support.atomic_file import make_private_folder

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

RUNNING = "running"
"""Folder with a mark for each run that is not over."""
LOG, OLD_LOG = "runs.log", "runs.log.1"
NOT_AS_EXPECTED, HIDDEN_ERROR = 256, 257
"""No shell's exit codes: the run ended with 0 and left something else than expected, or hid an
error as a pipe does. It was no good run."""
MAX_LOG_BYTES = 1 << 20
"""Then the log begins anew; the one before is kept."""


class LoggedRun:
    """One run of one script."""

    def __init__(
        self,
        script: str,
        commit: str,
        exit_code: int,
        started_at: float,
        duration_s: float,
        *,
        command: str = "",
    ) -> None:
        """`started_at` is in seconds since the epoch; a shell's `exit_code`, so 128 + n, or one of
        those above. `command`
        is a `digest_of`; empty where an earlier healer noted the run."""
        self.script = script
        self.commit = commit
        self.exit_code = exit_code
        self.started_at = started_at
        self.duration_s = duration_s
        self.command = command


def digest_of(argv: "Iterable[str]") -> str:
    """Names a command in eight digits; empty where a secret in it was redacted, or it is none."""
    words = tuple(argv)
    if not words or any("<REDACTED" in word for word in words):
        return ""
    return f"{zlib.crc32(chr(0).join(words).encode('utf-8', 'surrogatepass')):08x}"


def describe_exit(exit_code: int) -> str:
    """How a run ended, in a word or two; empty where it ended well."""
    words = {0: "", NOT_AS_EXPECTED: "not as expected", HIDDEN_ERROR: "an error inside"}
    return words.get(exit_code, f"exit {exit_code}")


def append(state_dir: Path, run: LoggedRun) -> None:
    """Adds one run, in one write at the end of the log."""
    make_private_folder(state_dir)
    times = f"{run.started_at:.3f}\t{run.duration_s:.3f}"
    script = run.script.encode("unicode_escape").decode("ascii")
    line = f"{times}\t{run.exit_code}\t{run.commit}\t{script}\t{run.command}\n"
    log = state_dir / LOG
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode("ascii"))
        size = os.fstat(handle).st_size
    finally:
        os.close(handle)
    if size > MAX_LOG_BYTES:
        try:
            log.rename(state_dir / OLD_LOG)
        except FileNotFoundError:
            return  # another run was faster


def mark_start(state_dir: Path, script: str, started_at: float) -> Path:
    """Notes that this process runs a script; the file goes with `Path.unlink` at its end."""
    folder = state_dir / RUNNING
    make_private_folder(folder)
    mark = folder / str(os.getpid())
    handle = os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        word = script.encode("unicode_escape").decode("ascii")
        os.write(handle, f"{started_at:.3f}\t{_birth_of(os.getpid())}\t{word}\n".encode("ascii"))
    finally:
        os.close(handle)
    return mark


def read_running(state_dir: Path) -> "dict[str, float]":
    """The scripts that run now, and since when; the mark of a dead process is removed."""
    scripts: dict[str, float] = {}
    folder = state_dir / RUNNING
    for mark in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            started_at, birth, word = mark.read_text("ascii").rstrip("\n").split("\t")
            if birth and _birth_of(int(mark.name)) == birth:
                script = word.encode("ascii").decode("unicode_escape")
                scripts[script] = min(float(started_at), scripts.get(script, float(started_at)))
                continue
        except (OSError, ValueError):
            pass
        mark.unlink(missing_ok=True)
    return scripts


def _birth_of(pid: int) -> str:
    """What no later process with this id has; empty for one that has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return fields[19].decode("ascii")
    except (OSError, IndexError):
        return ""


def read(state_dir: Path) -> "Iterator[LoggedRun]":
    """All runs that the log still has, oldest first; a line that a crash cut is left out."""
    for name in (OLD_LOG, LOG):
        try:
            lines = (state_dir / name).read_bytes().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            run = parse_line(line)
            if run is not None:
                yield run


def parse_line(line: bytes) -> "LoggedRun | None":
    """The run of one line of the log; None where it is none, or a crash cut it."""
    try:
        started_at, duration_s, code, commit, word, *more = line.decode("ascii").split("\t")
        script = word.encode("ascii").decode("unicode_escape")
        command = more[0].rstrip("\n") if more else ""
        times = float(started_at), float(duration_s)
        return LoggedRun(script, commit, int(code), *times, command=command)
    except ValueError:
        return None
