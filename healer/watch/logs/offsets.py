"""How far each log was read, durable together with what was found on the way.

Belongs here: the state file of the log follower. Does not belong here: reading logs (`logs`).
"""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

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
    outbox: list[dict[str, Any]] = field(default_factory=list)


def load(path: Path) -> Offsets | None:
    """What was saved; None where nothing was, or where it cannot be read."""
    try:
        record = json.loads(path.read_bytes())
        files = {str(name): Offset(**each) for name, each in record["files"].items()}
        return Offsets(files, list(record["outbox"]))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def save(path: Path, offsets: Offsets) -> None:
    """Writes everything at once; raises OSError where the disk refuses."""
    write_record(path, asdict(offsets))
