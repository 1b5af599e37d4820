"""Puts facts on disk so that they survive whatever comes next.

Belongs here: ids, and writing a file whole or not at all. Does not belong here: what the facts
mean, and reading them back (`inbox`). Only the standard library: `healer run` waits for this.
"""

import os
import time
from pathlib import Path

from healer.watch.wakeup import ring

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]


_last_us = 0


def new_id() -> str:
    """20 hexadecimal digits that sort by time: microseconds, then chance.

    Ids of one process are in the order in which they were asked for.
    """
    global _last_us  # noqa: PLW0603 - the clock may stand still between two calls
    _last_us = max(time.time_ns() // 1000, _last_us + 1)
    return f"{_last_us:013x}{os.urandom(4).hex()[:7]}"


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def write(folder: Path, name: str, record: "Record") -> Path:
    """Writes `folder/name` as JSON: when this returns, it is on disk under its final name.

    The folder is made, for the user alone. A reader never sees half a file, also after a crash.
    Raises OSError where the disk refuses.
    """
    import json  # a good run is noted without it

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode("ascii")
    return write_bytes(folder, name, data)


def deliver(state: Path, record: "Record") -> None:
    """Puts a record into the inbox, and wakes the daemon. Raises OSError as `write` does."""
    write(state / "inbox", f"{record['id']}.json", record)
    ring(state)


def write_bytes(folder: Path, name: str, data: bytes) -> Path:
    """As `write`, for bytes in a folder that exists."""
    temporary = folder / f".{name}.{os.getpid()}.tmp"
    try:
        with open(temporary, "wb", opener=_private) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        final = temporary.rename(folder / name)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(folder)
    return final


def sync_folder(folder: Path) -> None:
    """Makes renames in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
