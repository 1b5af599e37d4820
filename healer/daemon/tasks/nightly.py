"""What the daemon does once a night.

Belongs here: when. Does not belong here: what is done (`healer.repair.consolidate`).
"""

from datetime import datetime
from pathlib import Path

from healer.facts.progress import Progress
from healer.repair.consolidate import consolidate
from healer.services import Services
from healer.support.atomic_file import write_atomically

FILE = "consolidated"
"""In healer's folder: the day on which patterns were drawn last."""


class ConsolidateNightly:
    """Draws patterns from the ledger at `consolidate_at`, local time; a missed night is made up."""

    name = "nightly"
    every_s = 60.0

    def __init__(self, services: Services, state_dir: Path) -> None:
        self._services, self._file = services, state_dir / FILE

    def run(self, now: float) -> None:
        """Once for each day; what is remembered is the day, so a crash repeats it at most."""
        at = self._services.config.consolidate_at
        moment = datetime.fromtimestamp(now).astimezone()
        today, last_day = moment.date().isoformat(), self._last_day()
        if not at or f"{moment:%H:%M}" < at or last_day >= today:
            return
        write_atomically(self._file, today.encode("ascii"))
        if not last_day:
            return  # nothing is made up for the time before the daemon first ran
        for each in consolidate(self._services):
            detail = f"{each.script}: {each.repair or each.why_not}"
            note = Progress(repair=each.repair, step=self.name, state="note", detail=detail)
            self._services.progress(note)

    def _last_day(self) -> str:
        try:
            return self._file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return ""
