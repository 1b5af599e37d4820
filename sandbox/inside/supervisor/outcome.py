"""How a step ended, and what it wrote: the first and the last part of it.

Belongs here: what is kept of a child. Does not belong here: running one (`child`).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..messages import ProcessEnd

OUTPUT_BYTES = 1 << 20


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

    def how(self) -> str:
        """For a sentence: what ended it."""
        if self.timed_out:
            return "the deadline"
        return f"signal {self.signal}" if self.signal else f"exit code {self.exit_code}"
