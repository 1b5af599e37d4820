"""The runs of watched jobs: one line for each, and a few good ones with what went in and out.

Belongs here: recording runs, and reading them back. Does not belong here: failures (`inbox`).
"""

import os
from pathlib import Path

from healer.support.atomic_file import make_private_folder
from healer.watch.record import write_record

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TypedDict

    class GoodRun(TypedDict):
        """A run that ended well, with its input and output; as `FailureRecord` has them."""

        format: int
        script: str
        argv: list[str]
        command: list[str]
        folder: str
        commit: str
        occurred_at: str
        stdin: str | None
        inputs: dict[str, str]
        stdout: str


LOG, OLD_LOG = "runs.log", "runs.log.1"
MAX_LOG_BYTES = 1 << 20
"""Then the log begins anew; the one before is kept."""
KEPT_GOOD_RUNS = 5


class LoggedRun:
    """One run of one script."""

    def __init__(
        self, script: str, commit: str, exit_code: int, started_at: float, duration_s: float
    ) -> None:
        """`started_at` is in seconds since the epoch; a shell's `exit_code`, so 128 + n."""
        self.script = script
        self.commit = commit
        self.exit_code = exit_code
        self.started_at = started_at
        self.duration_s = duration_s


def append(state_dir: Path, run: LoggedRun) -> None:
    """Adds one run, in one write at the end of the log."""
    make_private_folder(state_dir)
    times = f"{run.started_at:.3f}\t{run.duration_s:.3f}"
    script = run.script.encode("unicode_escape").decode("ascii")
    line = f"{times}\t{run.exit_code}\t{run.commit}\t{script}\n"
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


def read(state_dir: Path) -> "Iterator[LoggedRun]":
    """All runs that the log still has, oldest first; a line that a crash cut is left out."""
    for name in (OLD_LOG, LOG):
        try:
            lines = (state_dir / name).read_bytes().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            try:
                started_at, duration_s, code, commit, word = line.decode("ascii").split("\t")
                script = word.encode("ascii").decode("unicode_escape")
                yield LoggedRun(script, commit, int(code), float(started_at), float(duration_s))
            except ValueError:
                continue


def keep_good_run(state_dir: Path, script: str, good_run: "GoodRun") -> None:
    """Keeps a good run; the oldest give way, and a run like one that is kept is not kept again."""
    import json
    import zlib

    folder = _good_runs_folder(state_dir, script)
    same = [good_run["argv"], good_run["stdin"], good_run["inputs"], good_run["stdout"]]
    path = folder / f"{zlib.crc32(json.dumps(same).encode()):08x}.json"
    if path.exists():
        return
    write_record(path, good_run)
    for oldest in _by_age(folder)[:-KEPT_GOOD_RUNS]:
        oldest.unlink(missing_ok=True)


def read_good_runs(state_dir: Path, script: str) -> "tuple[GoodRun, ...]":
    """The good runs kept for a script, newest first; a file that is no record is left out.

    Nothing but the JSON object is made sure of: its keys are as `keep_good_run` was given them.
    """
    import json
    from contextlib import suppress

    good_runs: list[GoodRun] = []
    for path in reversed(_by_age(_good_runs_folder(state_dir, script))):
        with suppress(OSError, ValueError, RecursionError):
            good_run: GoodRun = json.loads(path.read_bytes())
            if isinstance(good_run, dict):
                good_runs.append(good_run)
    return tuple(good_runs)


def _good_runs_folder(state_dir: Path, script: str) -> Path:
    return state_dir / "good" / script.replace("/", "%")


def _by_age(folder: Path) -> list[Path]:
    """The records in a folder, oldest first."""
    return sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
