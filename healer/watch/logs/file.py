"""One open log: what was written since last time, and whether it is still the same file.

Belongs here: reading one file, its rotation and truncation. Does not belong here: which files there
are (`follow`), and what becomes of the tracebacks (`batch`).
"""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from healer.failure.blocks import Block
from healer.failure.scan import Scanner
from healer.watch.logs.offsets import Offset

CHUNK = 1 << 20
HEAD_BYTES = 256


class LogFile:
    """One open file, until `close` or `end`; a with-block."""

    def __init__(self, path: str, file: BinaryIO, offset: int, skip: Iterable[str] = ()) -> None:
        """Reads from `offset` on; blocks with a digest in `skip` were found before."""
        status = os.fstat(file.fileno())
        self.path = path
        self.file = file
        self.identity = (status.st_dev, status.st_ino)
        self.read_to = offset
        self.safe = offset
        """Where a restart goes on: no traceback was open there."""
        self.found: list[str] = []
        self.skip = list(skip)
        self.scanner = Scanner()
        self.gone_since: float | None = None
        self.head = (0, "")
        self.remember_head()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file; may be called twice."""
        self.file.close()

    def new_blocks(self) -> Iterator[Block]:
        """Reads what was written since last time."""
        while True:
            self.file.seek(self.read_to)
            data = self.file.read(CHUNK)
            if not data:
                return
            self.read_to += len(data)
            yield from self._fresh(self.scanner.feed(data))

    def settle(self) -> list[Block]:
        """Nothing came for a moment: a traceback at the end of the file is complete."""
        return list(self._fresh(self.scanner.settle()))

    def end(self) -> list[Block]:
        """No more comes from this file: what is complete in it counts."""
        blocks = list(self._fresh(self.scanner.end()))
        self.close()
        return blocks

    def was_written_anew(self) -> bool:
        """Truncated, also where it has grown again since: its beginning is another one."""
        if os.fstat(self.file.fileno()).st_size < self.read_to:
            return True
        size, digest = self.head
        return digest != self._digest(size)

    def remember_head(self) -> None:
        """Remembers the beginning, as far as it was read."""
        size = min(HEAD_BYTES, self.read_to)
        if size != self.head[0]:
            self.head = (size, self._digest(size))

    def restart(self) -> list[Block]:
        """The file was truncated: what was open is finished, and reading starts at its top."""
        blocks = list(self._fresh(self.scanner.end()))
        self.scanner = Scanner()
        self.read_to = self.safe = 0
        self.found, self.skip, self.head = [], [], (0, "")
        return blocks

    def go_on(self, offset: Offset) -> None:
        """Reads on from where an earlier process has stopped, or from the top of a new content."""
        self.head = (offset.head_bytes, offset.head)
        self.read_to = self.safe = offset.offset
        self.skip = list(offset.found)
        if self.was_written_anew():
            self.restart()

    def to_offset(self) -> Offset:
        """What a restart must know of this file."""
        return Offset(*self.identity, self.safe, self.head[1], self.head[0], self.found)

    def _digest(self, size: int) -> str:
        self.file.seek(0)
        return hashlib.blake2b(self.file.read(size), digest_size=8).hexdigest()

    def _fresh(self, blocks: list[Block]) -> Iterator[Block]:
        """Leaves out what was found before a restart; moves on where nothing is open."""
        for block in blocks:
            digest = hashlib.blake2b("\n".join(block.lines).encode(), digest_size=8).hexdigest()
            self.found.append(digest)
            if digest in self.skip:
                self.skip.remove(digest)
            else:
                yield block
        if self.scanner.is_idle:
            self.safe = self.read_to - self.scanner.unread
            self.found = []


def open_log(path: str) -> BinaryIO:
    """A regular file, unbuffered; raises OSError for anything else."""
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not block
    file = os.fdopen(handle, "rb", buffering=0)
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(0, "it is no regular file")
    return file


def identify(path: str) -> tuple[int, int] | None:
    """(device, inode) of the file that has this name now, or None."""
    with suppress(OSError):
        status = Path(path).stat()
        return status.st_dev, status.st_ino
    return None


def find_renamed(path: Path, offset: Offset) -> str:
    """The file that had this name when its offset was saved, under its new name; or nothing."""
    with suppress(OSError):
        for other in path.parent.iterdir():
            if identify(str(other)) == (offset.device, offset.inode):
                return str(other)
    return ""
