"""How far each log was read, durable together with what was found on the way.

Belongs here: the state file of the log follower. Does not belong here: reading logs (`follow`).
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from healer.failure import Failure
from healer.watch.record import write_record


@dataclass
class Offset:
    """One log: where reading starts again, and how the file is recognised."""

    device: int
    inode: int
    offset: int
    """The first byte that was not read for good: an open traceback begins at or after it."""
    head: str = ""
    """A digest of the file's first bytes: other bytes mean that it was written anew."""
    head_bytes: int = 0
    found: list[str] = field(default_factory=list)
    """Digests of tracebacks found behind `offset`, which a restart would find again."""


@dataclass
class Offsets:
    """All logs, by path, and the failures that the inbox may not hold yet."""

    files: dict[str, Offset] = field(default_factory=dict)
    outbox: list[Failure] = field(default_factory=list)


def load_offsets(path: Path) -> Offsets | None:
    """What was saved; None where nothing was, or where it cannot be read."""
    try:
        record = json.loads(path.read_bytes())
        files = {str(name): Offset(**each) for name, each in record["files"].items()}
        return Offsets(files, [Failure.model_validate(each) for each in record["outbox"]])
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def save_offsets(path: Path, offsets: Offsets) -> None:
    """Writes everything at once; raises OSError where the disk refuses."""
    files = {name: asdict(offset) for name, offset in offsets.files.items()}
    outbox = [failure.model_dump(mode="json") for failure in offsets.outbox]
    write_record(path, {"files": files, "outbox": outbox})
