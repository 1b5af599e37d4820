"""Tells people when the sandbox stays away, and when it is back.

Belongs here: looking, whether or not a repair needs it now. Does not belong here: how long it may
be away before somebody is told (`[mail] unjudged_min`, in `healer.notify.rules`).
"""

from collections.abc import Callable
from datetime import UTC, datetime

from healer.render.notice import Notice
from healer.repair.notices import send_notice
from healer.services import Services
from sandbox import EngineStatus

INCIDENT = "sandbox"
"""The fingerprint of its thread of mails; a repair that could not be judged tells there, too."""


class WatchSandbox:
    """Looks at Docker Engine, and says what has changed."""

    name = "sandbox"
    every_s = 60.0

    def __init__(self, services: Services, engine_status: Callable[[], EngineStatus]) -> None:
        self._services, self._engine_status = services, engine_status
        self._was_well: bool | None = None
        """What was told last by this process; None before the first look."""

    def run(self, now: float) -> None:
        """Tells of a change; that it is well before anything was said is no news."""
        status, clone = self._engine_status(), self._services.fleet.clone
        if status.ok == self._was_well:
            return
        notice = Notice(
            kind="resolved" if status.ok else "unjudged",
            fingerprint=f"{INCIDENT} {clone}" if clone else INCIDENT,
            script="",
            reason="The sandbox runs again." if status.ok else status.problem,
            when=datetime.fromtimestamp(now, UTC),
            event=str(int(now)),
            commands=() if status.ok else ("healer doctor",),
        )
        send_notice(notice, self._services)
        self._was_well = status.ok
