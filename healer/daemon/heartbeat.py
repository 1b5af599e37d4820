"""Signs of life: to systemd (`sd_notify`), and as a file that `scripts/watchdog` looks at.

Belongs here: whether the daemon's loops still turn, and saying so. Does not belong here: what is
done when they do not; whoever misses the signs starts the daemon again.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from healer.support.atomic_file import write_atomically

FILE = "alive"
"""In healer's folder: holds the daemon's process id, and is as old as the last sign."""
STARTED = "started"
"""Beside it: as old as the daemon; what was installed later is not what runs."""
EVERY_S = 10.0
Loop = Literal["failures", "tasks"]
STUCK_S: Mapping[Loop, float] = {"failures": 180.0, "tasks": 1_800.0}
"""A loop that has not beaten for so long hangs. One failure takes a few git commands of at most a
minute each; the periodic tasks may wait for a slow mail server, once for each of many mails."""


class Heartbeat:
    """Gives signs of life for as long as every loop beats."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir
        self._beats = dict.fromkeys(STUCK_S, time.monotonic())

    def beat(self, loop: Loop) -> None:
        """This loop has come round."""
        self._beats[loop] = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Until `stop` is set."""
        with contextlib.suppress(OSError):
            (self._state_dir / STARTED).touch(mode=0o600)
        self.show()
        while not stop.wait(EVERY_S):
            self.show()

    def show(self) -> None:
        """One sign of life, unless a loop hangs."""
        now = time.monotonic()
        if any(now - self._beats[loop] > limit_s for loop, limit_s in STUCK_S.items()):
            return
        notify_systemd("WATCHDOG=1")
        with contextlib.suppress(OSError):  # a full disk must not end the signs to systemd
            write_atomically(self._state_dir / FILE, f"{os.getpid()}\n".encode(), durable=False)


def notify_systemd(state: str) -> None:
    """Tells systemd, where it started us (`sd_notify`); does nothing elsewhere."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
        try:
            sender.sendto(state.encode(), address)
        except OSError:
            return  # a dead socket must not stop the daemon
