"""The writing end of a tape, in the job's Pythons.

Runs inside the job, under Python 3.8 and later, and loads nothing that is not loaded anyway. The
tape is a piece of memory without a name that `healer run` holds (so nothing is on disk before it
is redacted, and it outlives a kill -9); each record is one write at its end, so that threads and
forked processes need no lock. Belongs here: records, and the mark that one is missing. Does not
belong here: what is noted (`healer_hook_watch`, `healer_hook_network` and their like), and what a
record is worth (`healer.tape`).
"""

from __future__ import annotations

import os
from time import time_ns

MAGIC = b"\xfeT"
"""Then one letter, the process, the conversation (4 bytes each), the time in ns (8), the length of
what follows (4): big-endian. `healer.tape.raw` reads it."""
NOT_WHOLE = 0o1777
"""The mode of a tape on which something is missing: it can be set where nothing can be written."""


class Tape:
    """The writing end of a tape."""

    def __init__(self, handle: int, inode: int, max_bytes: int, owner: int = 0) -> None:
        """A handle that is another file by now is never written to. `owner` is the process that
        has the tape under the same handle for as long as it counts."""
        self.handle = handle
        self.path = "/proc/%d/fd/%d" % (owner, handle)
        self.inode = inode
        self.max_bytes = max_bytes
        self.pid = os.getpid().to_bytes(4, "big")
        self.hash_seed = os.environ.get("PYTHONHASHSEED", "")
        os.register_at_fork(after_in_child=self._note_fork)

    def _note_fork(self) -> None:
        self.pid = os.getpid().to_bytes(4, "big")

    def write(self, kind: bytes, data: bytes, number: int = 0) -> None:
        """Adds one record; none where the tape is full, gone since the job closed it, or cannot
        grow (`ulimit -f`): the tape says so then."""
        if self.handle < 0:
            return
        try:
            status = os.fstat(self.handle)
        except OSError:
            self._lose()
            return
        if status.st_ino != self.inode:
            self._lose()
            return
        if status.st_size + len(data) > self.max_bytes:
            if status.st_size > self.max_bytes + (64 << 10):
                return
            kind, data = b"F", b""
        head = (MAGIC, kind, self.pid, number.to_bytes(4, "big"), time_ns().to_bytes(8, "big"))
        try:
            os.write(self.handle, b"".join((*head, len(data).to_bytes(4, "big"), data)))
        except OSError:
            if kind != b"X":
                self.stumble()

    def stumble(self) -> None:
        """Says that something is missing."""
        if self.handle < 0:
            return
        try:
            os.fchmod(self.handle, NOT_WHOLE)
        except OSError:  # the job is another user by now
            self.write(b"X", b"")

    def _lose(self) -> None:
        """The job closed the handle, as daemons do: from now on nothing is noted."""
        self.handle = -1
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CLOEXEC)
        except OSError:  # nobody waits for this tape any more
            return
        try:
            if os.fstat(handle).st_ino == self.inode:
                os.fchmod(handle, NOT_WHOLE)
        except OSError:
            pass
        finally:
            os.close(handle)

    def note(self, kind: bytes, fact: object, data: bytes = b"", number: int = 0) -> None:
        """A fact as `ascii` writes it, on a line, and then bytes."""
        self.write(kind, ascii(fact).encode("ascii") + b"\n" + data, number)
