"""The way between the host and a step that is asked one thing after another.

Belongs here: handing on what the host asks, and telling where an answer ends. Does not belong here:
what is asked and answered: to the supervisor both are bytes, and what the step says is untrusted.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

DONE = b'{"kind": "done"}\n'
"""The line after which the step waits for the next question."""
_IDLE_S = 600.0
"""As long as a container may wait for a job: the host hangs up much sooner."""
_PIPE_BYTES = 1 << 16


class Relay:
    """One step's questions and answers; a sink for what the step writes to its channel."""

    def __init__(self, answer: Callable[[bytes], None], timeout_s: float, most_bytes: int) -> None:
        """`answer` is given all lines of one answer, `most_bytes` at most, without the last line;
        `timeout_s`: how long the step may take for each."""
        self._answer, self._timeout_s, self._most_bytes = answer, timeout_s, most_bytes
        self._question = bytearray()
        self._lines = bytearray()
        self._is_asked = False
        self.deadline = time.monotonic() + _IDLE_S
        """On the monotonic clock: the step is ended then."""

    def ask(self, data: bytes) -> None:
        """Some bytes of what the host asks."""
        self._question += data
        self._is_asked = True
        self.deadline = time.monotonic() + self._timeout_s

    def hand_on(self, fd: int) -> bool:
        """Writes to the step's standard input what fits; whether all of it is handed on."""
        try:
            del self._question[: os.write(fd, self._question[:_PIPE_BYTES])]
        except BlockingIOError:
            pass
        except BrokenPipeError:  # it is dead, or reads no more
            self._question.clear()
        return not self._question

    def add(self, data: bytes) -> None:
        """What the step wrote; answers where it is done."""
        before = max(0, len(self._lines) - len(DONE))
        self._lines += data
        while (end := self._lines.find(DONE, before)) >= 0:
            lines, rest = bytes(self._lines[:end]), self._lines[end + len(DONE) :]
            self._tell(lines)
            self._lines, before = rest, 0
        del self._lines[self._most_bytes :]

    def end(self) -> None:
        """The step is gone: what it said of a question that it did not finish is the answer."""
        if self._is_asked:
            self._tell(bytes(self._lines))

    def _tell(self, lines: bytes) -> None:
        self._lines.clear()
        self._is_asked = False
        self.deadline = time.monotonic() + _IDLE_S
        self._answer(lines)
