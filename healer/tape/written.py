"""What the files that a job opened for writing are after its run.

Belongs here: reading them, bounded and without secrets. Does not belong here: which ones they are
(`make`), and comparing them (`healer.nights`).
"""

import hashlib
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path

from healer.facts.effects import MOST_KEPT, MOST_KEPT_OF_A_RUN
from healer.tape.facts import WrittenFile
from healer.tape.secrets import Cleaner

MAX_DIGEST_BYTES = 64 << 20
"""Of a larger file only the size is known."""


def look_at_written(paths: Mapping[str, bool], cleaner: Cleaner) -> Iterator[WrittenFile]:
    """Of paths, each with whether it was there before. What was made and taken away again is
    none."""
    room = MOST_KEPT_OF_A_RUN
    for path, was_there in paths.items():
        try:
            file = _read_written(path, cleaner, min(MOST_KEPT, room))
        except OSError:
            if was_there:
                yield WrittenFile(path, -1, "")
            continue
        if file is not None:
            room -= len(file.data or b"")
            yield file


def _read_written(path: str, cleaner: Cleaner, most_bytes: int) -> WrittenFile | None:
    """None: it is no file. Raises OSError where it is gone."""
    status = Path(path).stat()
    if not stat.S_ISREG(status.st_mode):
        return None
    size = status.st_size
    if size > MAX_DIGEST_BYTES:
        return WrittenFile(path, size, "")
    data = Path(path).read_bytes()
    clean = cleaner.clean_bytes(data, path) if len(data) <= most_bytes else b""
    if data and not clean:
        return WrittenFile(path, len(data), hashlib.sha256(data).hexdigest())
    return WrittenFile(path, len(clean), hashlib.sha256(clean).hexdigest(), clean)
