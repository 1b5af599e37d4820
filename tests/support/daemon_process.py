"""A real `healer daemon`, told apart by what it says to systemd's socket."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

PROJECT = Path(__file__).parents[2]
DEADLINE_S = 150.0


class DaemonProcess:
    """Runs in a repository until it is stopped."""

    def __init__(self, root: Path, folder: Path, program: str = "healer") -> None:
        path = folder / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self.socket.settimeout(DEADLINE_S)
        self._said: list[str] = []
        with (folder / "daemon.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", program, "daemon"],
                cwd=root,
                env={**os.environ, "NOTIFY_SOCKET": str(path), "PYTHONPATH": str(PROJECT)},
                stderr=log,
            )

    def wait_for(self, state: str) -> None:
        """Until the daemon says this to systemd."""
        deadline = time.monotonic() + DEADLINE_S
        while not any(said.startswith(state) for said in self._said):
            assert time.monotonic() < deadline, f"{state} was never said"
            self._said.append(self.socket.recv(4096).decode())
        self._said.clear()

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def __enter__(self) -> "DaemonProcess":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.send(signal.SIGKILL)
            self.process.wait()
        self.socket.close()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)
