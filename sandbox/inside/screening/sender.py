"""The way of a worker's records to the supervisor.

Belongs here: sending several records at once, and one worker at a time. Does not belong here: what
is in them.
"""

from __future__ import annotations

import fcntl
import json
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..messages import ScreenRecord

_TOGETHER_S = 0.1


class Sender:
    """Writes lines of JSON to a descriptor that all workers share. Each sending wakes the
    supervisor, so records of a tenth of a second go together."""

    def __init__(self, fd: int, lock_fd: int) -> None:
        """`lock_fd`: a file that all workers have open."""
        self._fd = fd
        self._lock_fd = lock_fd
        self._lines: list[bytes] = []
        self._last_s = 0.0

    def send(self, record: ScreenRecord) -> None:
        """Sends it now or soon."""
        self._lines.append(json.dumps(record).encode() + b"\n")
        if time.monotonic() - self._last_s > _TOGETHER_S:
            self.flush()

    def flush(self) -> None:
        """Sends what waits."""
        data, self._lines = b"".join(self._lines), []
        fcntl.lockf(self._lock_fd, fcntl.LOCK_EX)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(self._fd, view) :]
        finally:
            fcntl.lockf(self._lock_fd, fcntl.LOCK_UN)
        self._last_s = time.monotonic()
