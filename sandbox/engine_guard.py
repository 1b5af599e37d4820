"""Stops asking a sick engine: after repeated faults, a pause instead of another try.

Belongs here: which faults count, and what a job is told meanwhile. Does not belong here: how long
a pause lasts; the breaker that knows is handed in (`healer.support.circuit_breaker`).
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from sandbox.report import Fault, FaultKind


class Breaker(Protocol):
    """Knows from failures in a row whether a request may be made. Safe for threads."""

    def allow_request(self, now: float) -> bool:
        """Whether a request may be made at this time (monotonic seconds)."""

    def record_success(self) -> None:
        """It worked."""

    def record_failure(self, now: float) -> None:
        """It did not work."""


class EngineGuard:
    """Refuses jobs while the breaker is open. Without a breaker it never does."""

    def __init__(
        self, breaker: Breaker | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._breaker = breaker
        self._clock = clock
        self._lock = threading.Lock()
        self._faults = 0
        """In a row."""
        self._last: Fault | None = None

    def refuse(self) -> Fault | None:
        """A fault to return at once, or None where a job may be tried."""
        with self._lock:
            if not self._breaker or self._breaker.allow_request(self._clock()) or not self._last:
                return None
            return Fault(
                kind=self._last.kind,
                message=f"The sandbox pauses after {self._faults} faults in a row; the last one: "
                f"{self._last.message}",
            )

    def record(self, fault: Fault | None) -> None:
        """How a try ended; None is a success."""
        with self._lock:
            if fault is None:
                self._faults, self._last = 0, None
                if self._breaker:
                    self._breaker.record_success()
            elif not can_come_from_job(fault):
                self._faults += 1
                self._last = fault
                if self._breaker:
                    self._breaker.record_failure(self._clock())


def can_come_from_job(fault: Fault) -> bool:
    """A hostile job can bring these about; counting them would let one draft stop all repairs."""
    if fault.kind is FaultKind.CONTAINER:
        return not fault.retryable  # a tree too large, files that cannot be removed
    return fault.kind in (FaultKind.PROTOCOL, FaultKind.DEADLINE)
