"""The daemon's regular duties: mails, jobs that are due, changed scripts, old branches.

Belongs here: what is looked at, and how often. Does not belong here: the rules behind it
(`healer.watch.schedule`, `healer.watch.changed_scripts`, `quarantine.prune`).
"""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from healer.daemon.heartbeat import Signs, notify_systemd
from healer.daemon.intake import Intake
from healer.facts.progress import Progress
from healer.services import Services

BEAT_S = 1.0


class Duty(Protocol):
    """Something that is done now and then."""

    every_s: float
    name: str

    def do(self, now: float, intake: Intake) -> None:
        """Does it. An error is noted, and the duty is tried again at its next turn."""


class Upkeep:
    """Runs the duties, each at its own pace."""

    def __init__(self, services: Services, duties: tuple[Duty, ...], signs: Signs) -> None:
        self._services, self._duties, self._signs = services, duties, signs
        self._next = dict.fromkeys((duty.name for duty in duties), 0.0)

    def ready(self) -> None:
        """The daemon serves from now on."""
        notify_systemd("READY=1")

    def run(self, stop: threading.Event, intake: Intake) -> None:
        """Until `stop` is set."""
        while not stop.wait(BEAT_S):
            self._signs.turn("upkeep")
            for duty in self._duties:
                self._do(duty, intake)
        notify_systemd("STOPPING=1")

    def _do(self, duty: Duty, intake: Intake) -> None:
        now = time.time()
        if now < self._next[duty.name]:
            return
        self._next[duty.name] = now + duty.every_s
        try:
            duty.do(now, intake)
        except Exception as error:
            said = f"{duty.name} failed and is tried again: {type(error).__name__}: {error}"
            self._services.progress(Progress(repair="", step="upkeep", state="note", detail=said))


class Mails:
    """Makes and sends the mails that are due."""

    every_s = 2.0
    name = "mails"

    def __init__(self, services: Services) -> None:
        self._services = services

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """As `Notifier.tick` decides, on the machine's own clock: the digest has its hour."""
        self._services.notifier.tick(datetime.fromtimestamp(now, UTC).astimezone())


class Orphans:
    """Goes on with what was left lying: repairs whose process died while the daemon ran, steps
    that an error stopped, failures that could not be taken."""

    every_s = 30.0
    name = "orphans"

    def __init__(self, give_back: Callable[[], None]) -> None:
        """`give_back` puts failures that could not be taken back into the inbox."""
        self._give_back = give_back

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002
        """As at the daemon's start: incidents are put right before their failures come again."""
        intake.adopt()
        self._give_back()
