"""A record: its id, its time, and its way to the disk so that it survives whatever comes next.

Belongs here: what every record has, and putting one into the inbox. Does not belong here: what the
facts mean, and reading them back (`inbox`). Only the standard library: `healer run` waits for this.
"""

import os
import time
from pathlib import Path

from healer.support.atomic_file import write_atomically
from healer.watch.wakeup import wake

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from collections.abc import Mapping


_last_us = 0


def new_id() -> str:
    """20 hexadecimal digits that sort by time: microseconds, then chance.

    Ids of one process are in the order in which they were asked for.
    """
    global _last_us  # noqa: PLW0603 - the clock may stand still between two calls
    _last_us = max(time.time_ns() // 1000, _last_us + 1)
    return f"{_last_us:013x}{os.urandom(4).hex()[:7]}"


def format_timestamp(seconds: float) -> str:
    """RFC 3339 in UTC, to the millisecond."""
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


def write_record(path: Path, record: "Mapping[str, object]") -> None:
    """Writes `path` as JSON; whole, durable and for the user alone, as `write_atomically` says."""
    import json  # a good run is recorded without it

    data = json.dumps(record, ensure_ascii=True, separators=(",", ":"))
    write_atomically(path, data.encode("ascii"))


def deliver(state_dir: Path, record_id: str, record: "Mapping[str, object]") -> None:
    """Puts a record into the inbox, and wakes the daemon. Raises OSError where the disk refuses."""
    write_record(state_dir / "inbox" / f"{record_id}.json", record)
    wake(state_dir)
