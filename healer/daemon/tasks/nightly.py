"""What the daemon does once a night.

Belongs here: when. Does not belong here: what is done (`consolidate`).
"""

from datetime import datetime
from pathlib import Path

from healer.daemon.intake import Intake
from healer.facts.progress import Progress
from healer.repair.consolidate import consolidate
from healer.services import Services


class Nightly:
    """Draws patterns from the ledger at `consolidate_at`, local time; a missed night is made up."""

    every_s = 60.0
    name = "nightly"

    def __init__(self, services: Services, folder: Path) -> None:
        self._services, self._file = services, folder / "consolidated"

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """Once for each day; what is remembered is the day, so a crash repeats it at most."""
        at = self._services.config.consolidate_at
        moment = datetime.fromtimestamp(now).astimezone()
        today = moment.date().isoformat()
        if not at or f"{moment:%H:%M}" < at or self._last() >= today:
            return
        first = not self._last()
        self._file.write_text(today, encoding="ascii")
        for found in () if first else consolidate(self._services):
            said = f"{found.script}: {found.repair or found.why_not}"
            note = Progress(repair=found.repair, step=self.name, state="note", detail=said)
            self._services.progress(note)

    def _last(self) -> str:
        try:
            return self._file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
