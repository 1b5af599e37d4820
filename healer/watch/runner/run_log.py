"""The runs of watched jobs: one line for each, and a few good ones with what went in and out.

Belongs here: noting runs, and reading them back. Does not belong here: failures (`inbox`).
"""

import os
from pathlib import Path

from healer.watch.record import write_record

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    Record = dict[str, Any]

MAX_LOG_BYTES = 1 << 20
"""Then the log begins anew; the one before is kept."""
KEPT_GOOD_RUNS = 5


class Run:
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


def add(state: Path, run: Run) -> None:
    """Notes one run, in one write at the end of the log."""
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    times = f"{run.started_at:.3f}\t{run.duration_s:.3f}"
    script = run.script.encode("unicode_escape").decode("ascii")
    line = f"{times}\t{run.exit_code}\t{run.commit}\t{script}\n"
    log = state / "runs.log"
    handle = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode("ascii"))
        size = os.fstat(handle).st_size
    finally:
        os.close(handle)
    if size > MAX_LOG_BYTES:
        try:
            log.rename(state / "runs.log.1")
        except FileNotFoundError:
            return  # another run was faster


def read(state: Path) -> "Iterator[Run]":
    """The runs noted, oldest first; a line that was cut by a crash is left out."""
    for name in ("runs.log.1", "runs.log"):
        try:
            lines = (state / name).read_bytes().splitlines()
        except FileNotFoundError:
            continue
        for line in lines:
            try:
                started_at, duration_s, code, commit, word = line.decode("ascii").split("\t")
                script = word.encode("ascii").decode("unicode_escape")
                yield Run(script, commit, int(code), float(started_at), float(duration_s))
            except ValueError:
                continue


def keep_good(state: Path, script: str, record: "Record") -> None:
    """Keeps a good run; the oldest give way, and a run like one that is kept is not kept again."""
    import json
    import zlib

    folder = state / "good" / script.replace("/", "%")
    same = json.dumps([record["argv"], record["stdin"], record["inputs"], record["stdout"]])
    name = f"{zlib.crc32(same.encode()):08x}.json"
    if (folder / name).exists():
        return
    write_record(folder / name, record)
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in kept[:-KEPT_GOOD_RUNS]:
        path.unlink(missing_ok=True)


def good(state: Path, script: str) -> "tuple[Record, ...]":
    """The good runs kept for a script, newest first; a file that is no record is left out."""
    import json
    from contextlib import suppress

    folder = state / "good" / script.replace("/", "%")
    kept = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
    found = []
    for path in kept:
        with suppress(OSError, ValueError, RecursionError):
            record = json.loads(path.read_bytes())
            found += [record] if isinstance(record, dict) else []
    return tuple(found)
