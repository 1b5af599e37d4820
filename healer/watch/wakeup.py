"""Wakes the daemon when a failure lies in the inbox, through a named pipe beside it.

Belongs here: ringing and waiting. Does not belong here: what lies there (`inbox`). Only the
standard library: `healer run` waits for this.

Nothing depends on a ring: the inbox is looked at every second all the same. watchfiles looks many
times a second whether an event came, which was half of what an idle daemon cost; a pipe costs
nothing until somebody rings.
"""

import os
import select
import stat
from contextlib import suppress
from pathlib import Path

NAME = "bell"


def ring(state: Path) -> None:
    """Wakes whoever waits; nothing where nobody does. `state` is healer's folder."""
    with suppress(OSError):  # nobody listens, or the pipe is full of rings
        handle = os.open(state / NAME, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            if stat.S_ISFIFO(os.fstat(handle).st_mode):
                os.write(handle, b"\0")
        finally:
            os.close(handle)


class Bell:
    """Waits for rings. Of several that wait, one hears each."""

    def __init__(self, state: Path) -> None:
        """Raises OSError where there can be no pipe, as in some shared folders."""
        path = state / NAME
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Opened for writing too: the end of the last writer would wake us for ever.
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)
        if not stat.S_ISFIFO(os.fstat(self._handle).st_mode):
            self.close()
            raise FileExistsError(f"{path} is no named pipe; delete it")

    def wait(self, timeout_s: float) -> bool:
        """True as soon as it was rung, false after `timeout_s`."""
        ready, _, _ = select.select([self._handle], [], [], timeout_s)
        with suppress(BlockingIOError):  # another who waits was faster
            while ready and os.read(self._handle, 4096):
                pass
        return bool(ready)

    def close(self) -> None:
        """Call it once."""
        os.close(self._handle)
