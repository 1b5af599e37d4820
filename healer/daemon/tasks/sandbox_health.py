"""Tells people when the sandbox stays away, and when it is back: a regular duty of the daemon.

Belongs here: looking, whether or not a repair needs it now. Does not belong here: how long it may
be away before somebody is told (`[mail] unjudged_min`, in `healer.notify.thread`).
"""

from collections.abc import Callable
from datetime import UTC, datetime

from healer.daemon.intake import Intake
from healer.render.notice import Notice
from healer.repair.close import send
from healer.services import Services
from sandbox import EngineStatus

INCIDENT = "sandbox"
"""The fingerprint of its thread of mails; a repair that could not be judged tells there, too."""


class SandboxAlarm:
    """Looks at Docker Engine, and says what has changed."""

    every_s = 60.0
    name = "sandbox"

    def __init__(self, services: Services, look: Callable[[], EngineStatus]) -> None:
        self._services, self._look = services, look
        self._well: bool | None = None
        """What was told last by this process; None before the first look."""

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """Tells of a change; that it is well before anything was said is no news."""
        status = self._look()
        if status.ok == self._well:
            return
        when = datetime.fromtimestamp(now, UTC)
        notice = Notice(
            kind="resolved" if status.ok else "unjudged",
            fingerprint=INCIDENT,
            script="",
            reason="The sandbox runs again." if status.ok else status.problem,
            when=when,
            event=str(int(now)),
            commands=() if status.ok else ("healer doctor",),
        )
        send(notice, self._services)
        self._well = status.ok
