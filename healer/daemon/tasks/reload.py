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
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from healer.daemon.heartbeat import notify_systemd
from healer.facts.progress import Progress
from healer.services import Services

if TYPE_CHECKING:
    from healer.daemon.intake import Intake

FILE = "reload.json"


class Reload:
    """The duty that looks whether somebody asked for it."""

    every_s = 0.0
    name = "reload"

    def __init__(
        self, services: Services, folder: Path, stop: threading.Event, check: Callable[[], None]
    ) -> None:
        """`check` raises where the configuration on disk is wrong; `stop` ends the daemon."""
        self.wanted = False
        """The daemon was stopped to start again."""
        self._services, self._file, self._stop, self._check = services, folder / FILE, stop, check
        self._asked = threading.Event()
        self._file.unlink(missing_ok=True)  # this daemon runs on what is on disk now

    def ask(self) -> None:
        """For the signal's handler: does nothing by itself."""
        self._asked.set()

    def do(self, now: float, intake: "Intake") -> None:  # noqa: ARG002  # the duties' common form
        """Stops the daemon where the new configuration is right; else says what is wrong."""
        if not self._asked.is_set():
            return
        self._asked.clear()
        notify_systemd(f"RELOADING=1\nMONOTONIC_USEC={time.monotonic_ns() // 1000}")
        try:
            self._check()
        except Exception as error:
            self._refuse(f"{error}", now)
            notify_systemd("READY=1")
            return
        self._say("the configuration is read anew")
        self.wanted = True
        self._stop.set()

    def _refuse(self, why: str, now: float) -> None:
        self._say(f"the configuration on disk is wrong, the one before stays: {why}")
        self._file.write_text(json.dumps({"at": now, "problem": why}), encoding="utf-8")

    def _say(self, what: str) -> None:
        self._services.progress(Progress(repair="", step="reload", state="note", detail=what))


def problem(folder: Path) -> str:
    """Why the running daemon did not take the configuration on disk; empty where it did."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((folder / FILE).read_text(encoding="utf-8"))["problem"])
    return ""
