"""Mails what `scripts/watchdog` had to do, once healer runs again.

Belongs here: reading its notes. Does not belong here: what it does, and the mail it sends itself
where healer does not run again.
"""

from datetime import UTC, datetime
from pathlib import Path

from healer.daemon.intake import Intake
from healer.render.notice import Notice
from healer.repair.close import send
from healer.services import Services

FILE = "restarted"
"""One line for each note: seconds since the epoch, a space, one or two sentences."""


class Restarted:
    """Takes the notes; each becomes one mail, also after a crash in between."""

    every_s = 20.0
    name = "watchdog's notes"

    def __init__(self, services: Services, folder: Path) -> None:
        self._services, self._file = services, folder / FILE

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """Mails every note, then removes them."""
        taken = self._file.with_name(f"{FILE}.mailing")
        if not taken.exists():
            try:
                self._file.rename(taken)  # the watchdog may write the next one at any moment
            except FileNotFoundError:
                return
        for line in taken.read_text(encoding="utf-8", errors="replace").splitlines():
            at, _, what = line.partition(" ")
            if at.isdigit() and what:
                self._mail(int(at), what)
        taken.unlink()

    def _mail(self, at: int, what: str) -> None:
        notice = Notice(
            kind="restarted",
            fingerprint="watchdog",
            script="",
            reason=what,
            when=datetime.fromtimestamp(at, UTC),
            event=str(at),
            commands=("healer doctor", "healer status"),
        )
        send(notice, self._services)
