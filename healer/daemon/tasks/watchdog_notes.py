"""Mails what `scripts/watchdog` had to do, once healer runs again.

Belongs here: reading its notes. Does not belong here: what it does, and the mail it sends itself
where healer does not run again.
"""

from datetime import UTC, datetime
from pathlib import Path

from healer.render.notice import Notice
from healer.repair.notices import send_notice
from healer.services import Services

FILE = "restarted"
"""One line for each note: seconds since the epoch, a space, one or two sentences."""


class MailWatchdogNotes:
    """Takes the notes; each becomes one mail, also after a crash in between."""

    name = "watchdog's notes"
    every_s = 20.0

    def __init__(self, services: Services, state_dir: Path) -> None:
        self._services, self._file = services, state_dir / FILE

    def run(self, now: float) -> None:  # noqa: ARG002  # the form of every task
        """Mails every note, then removes them."""
        notes = self._file.with_name(f"{FILE}.mailing")
        if not notes.exists():
            try:
                self._file.rename(notes)  # the watchdog may write the next one at any moment
            except FileNotFoundError:
                return
        for line in notes.read_text(encoding="utf-8", errors="replace").splitlines():
            at, _, what = line.partition(" ")
            if at.isdigit() and what:
                self._mail(int(at), what)
        notes.unlink()

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
        send_notice(notice, self._services)
