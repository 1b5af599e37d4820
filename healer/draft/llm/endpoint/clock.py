"""Time, as a part that tests can replace."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """What this package needs to know of time."""

    def now(self) -> float:
        """Seconds since the epoch."""

    def sleep(self, seconds: float) -> None:
        """Returns after so many seconds."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def day_of(now: float) -> str:
    """The UTC day of a time, as `2026-11-20`: budgets per day end at midnight UTC."""
    return datetime.fromtimestamp(now, UTC).date().isoformat()
