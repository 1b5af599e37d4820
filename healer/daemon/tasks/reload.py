"""SIGHUP: the daemon goes on with the configuration as it is now, or stays with the one it has.

Belongs here: when to start again, and what is said where a new configuration is wrong. Does not
belong here: reading it (`healer.config`), or starting again (`healer.cli`).

Starting again is the whole of it: everything under way is checkpointed, so the process replaces
itself, with its id, and goes on. A wrong configuration is found out before that.
"""

import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from healer.daemon.heartbeat import notify_systemd
from healer.facts.progress import Progress
from healer.support.atomic_file import write_atomically

FILE = "reload.json"
"""In healer's folder, while the daemon stays with the configuration before: why."""


class ReloadConfiguration:
    """Looks whether somebody asked for it."""

    name = "reload"
    every_s = 0.0

    def __init__(
        self,
        state_dir: Path,
        stop: threading.Event,
        check: Callable[[], None],
        progress: Callable[[Progress], None],
    ) -> None:
        """`check` raises where the configuration on disk is wrong; `stop` ends the daemon."""
        self.starts_again = False
        """The daemon was stopped to start again."""
        self._file, self._stop, self._check = state_dir / FILE, stop, check
        self._progress = progress
        self._requests = threading.Event()
        self._file.unlink(missing_ok=True)  # this daemon runs on what is on disk now

    def request(self) -> None:
        """For the signal's handler: does nothing by itself."""
        self._requests.set()

    def run(self, now: float) -> None:
        """Stops the daemon where the new configuration is right; else says what is wrong."""
        if not self._requests.is_set():
            return
        self._requests.clear()
        notify_systemd(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self._check()
        except Exception as error:
            self._refuse(f"{error}", now)
            notify_systemd("READY=1")
            return
        self._note("the configuration is read anew")
        self.starts_again = True
        self._stop.set()

    def _refuse(self, why: str, now: float) -> None:
        self._note(f"the configuration on disk is wrong, the one before stays: {why}")
        write_atomically(self._file, json.dumps({"at": now, "problem": why}).encode())

    def _note(self, detail: str) -> None:
        self._progress(Progress(repair="", step="reload", state="note", detail=detail))
