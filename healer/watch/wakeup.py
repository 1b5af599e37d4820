"""Wakes the daemon when a failure lies in the inbox, through a named pipe beside it.

Belongs here: waking and waiting. Does not belong here: what lies there (`inbox`). Only the
standard library: `healer run` waits for this.

Nothing depends on being woken: the inbox is looked at every second all the same. watchfiles looks
many times a second whether an event came, which was half of what an idle daemon cost; a pipe costs
nothing until somebody writes to it.
"""

import os
import select
import stat
from contextlib import suppress
from pathlib import Path

from healer.support.atomic_file import make_private_folder

TYPE_CHECKING = False  # as typing has it, without loading it
if TYPE_CHECKING:
    from typing import Self

NAME = "bell"
"""The pipe's name in healer's folder. It stays: a daemon of an earlier version may wait there."""


def wake(state_dir: Path) -> None:
    """Wakes one who waits; nothing where nobody does. `state_dir` is healer's folder."""
    with suppress(OSError):  # nobody waits, or the pipe is full
        handle = os.open(state_dir / NAME, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        try:
            if stat.S_ISFIFO(os.fstat(handle).st_mode):
                os.write(handle, b"\0")
        finally:
            os.close(handle)


class WakeupPipe:
    """Waits to be woken; a with-block. Of several that wait, one is woken each time."""

    def __init__(self, state_dir: Path) -> None:
        """Raises OSError where there can be no pipe, as in some shared folders."""
        path = state_dir / NAME
        make_private_folder(state_dir)
        with suppress(FileExistsError):
            os.mkfifo(path, 0o600)
        # Opened for writing too: the end of the last writer would wake us for ever.
        self._handle = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_NOFOLLOW)
        if not stat.S_ISFIFO(os.fstat(self._handle).st_mode):
            self.close()
            raise FileExistsError(f"{path} is no named pipe; delete it")

    def __enter__(self) -> "Self":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def wait(self, timeout_s: float) -> bool:
        """True as soon as somebody called `wake`, false after `timeout_s`."""
        ready, _, _ = select.select([self._handle], [], [], timeout_s)
        with suppress(BlockingIOError):  # another who waits was faster
            while ready and os.read(self._handle, 4096):
                pass
        return bool(ready)

    def close(self) -> None:
        """Call it once."""
        os.close(self._handle)
