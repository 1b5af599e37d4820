"""How a step ended, and what it wrote: the first and the last part of it.

Belongs here: what is kept of a child, and emptying its pipes. Does not belong here: running one
(`child`).
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from ..older_pythons import read_exit_code

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..messages import ProcessEnd

OUTPUT_BYTES = 1 << 20
_READ_BYTES = 1 << 16
_DRAIN_S = 2.0


class Sink(Protocol):
    """Where the bytes of one pipe go."""

    def add(self, data: bytes) -> None: ...


class CappedOutput:
    """Bytes of one stream: all of them up to the cap, else the first and the last half of it."""

    def __init__(self, cap_bytes: int = OUTPUT_BYTES) -> None:
        self._half = cap_bytes // 2
        self._head = bytearray()
        self._tail: deque[bytes] = deque()
        self._tail_bytes = 0
        self.total_bytes = 0

    def add(self, data: bytes) -> None:
        self.total_bytes += len(data)
        room = self._half - len(self._head)
        if room > 0:
            self._head += data[:room]
            data = data[room:]
        if data:
            self._tail.append(data)
            self._tail_bytes += len(data)
        while self._tail and self._tail_bytes - len(self._tail[0]) >= self._half:
            self._tail_bytes -= len(self._tail.popleft())

    @property
    def cut_bytes(self) -> int:
        return max(0, self.total_bytes - 2 * self._half)

    def text(self) -> str:
        """Decoded with replacement; a cut says how much is missing."""
        return self.bytes().decode("utf-8", "replace")

    def bytes(self) -> bytes:
        tail = b"".join(self._tail)[-self._half :] if self._tail else b""
        if not self.cut_bytes:
            return bytes(self._head) + tail
        return b"%b\n[... %d bytes cut ...]\n%b" % (bytes(self._head), self.cut_bytes, tail)


@dataclass
class Outcome:
    """How the child ended, as the kernel says, and what it wrote."""

    exit_code: int | None = None
    signal: int | None = None
    timed_out: bool = False
    oom: bool = False
    seconds: float = 0.0
    stdout: CappedOutput = field(default_factory=CappedOutput)
    stderr: CappedOutput = field(default_factory=CappedOutput)
    channel: CappedOutput = field(default_factory=CappedOutput)

    def fields(self) -> ProcessEnd:
        """The same as plain data, for the other side of the wall."""
        return {
            "exit_code": self.exit_code,
            "signal": self.signal,
            "timed_out": self.timed_out,
            "oom": self.oom,
            "stdout": self.stdout.text(),
            "stderr": self.stderr.text(),
            "seconds": round(self.seconds, 6),
        }

    def note_end(self, status: int, *, oom: bool) -> None:
        """`status` as the kernel gave it; `oom`: its counter moved."""
        self.oom, code = oom, read_exit_code(status)
        self.exit_code, self.signal = (code, None) if code >= 0 else (None, -code)

    def how(self) -> str:
        """For a sentence: what ended it."""
        if self.timed_out:
            return "the deadline"
        return f"signal {self.signal}" if self.signal else f"exit code {self.exit_code}"


def linger(readers: Mapping[int, Sink], linger_s: float) -> None:
    """Drains what comes in that time; pipes that have ended are passed over."""
    end, sources = time.monotonic() + linger_s, list(readers)
    while sources and (left_s := end - time.monotonic()) > 0:
        for fd in select.select(sources, [], [], left_s)[0]:
            if not pump(fd, readers[fd]):
                sources.remove(fd)


def pump(fd: int, sink: Sink) -> bool:
    """Reads once; false at the end of the pipe."""
    data = os.read(fd, _READ_BYTES)
    sink.add(data)
    return bool(data)


def drain(readers: Mapping[int, Sink]) -> None:
    """Reads what is left. All writers are dead, so every pipe ends; the limit is a safety net."""
    end = time.monotonic() + _DRAIN_S
    for fd, sink in readers.items():
        os.set_blocking(fd, False)
        try:
            while time.monotonic() < end and pump(fd, sink):
                pass
        except BlockingIOError:
            pass
        os.close(fd)
