"""What time it is, for whatever decides by it: one clock, handed over, so that a test may set it.

Belongs here: the time of day. Does not belong here: how long work takes (`time.monotonic`), and
what runs outside of the services, which reads the system's clock itself (`healer run`).
"""

import time
from datetime import UTC, datetime


class Clock:
    """The system's clock."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def moment(self) -> datetime:
        """The same as an aware time, in UTC."""
        return datetime.fromtimestamp(self.now(), UTC)


class SetClock(Clock):
    """A clock that stands where it was set, for a simulation or a test."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """May be set anew at any time, also back."""

    def now(self) -> float:
        return self.seconds


SYSTEM_CLOCK = Clock()
