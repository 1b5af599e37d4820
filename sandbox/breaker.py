"""Stops asking a sick engine: after repeated faults, a pause instead of another try."""

import threading
import time
from collections.abc import Callable

from sandbox.job import Fault, FaultKind


def _job_can_cause(fault: Fault) -> bool:
    """A hostile job can bring these about; counting them would let one draft stop all repairs."""
    if fault.kind is FaultKind.CONTAINER:
        return not fault.retryable  # a tree too large, files that cannot be removed
    return fault.kind in (FaultKind.PROTOCOL, FaultKind.DEADLINE)


class CircuitBreaker:
    """Open after `limit` faults in a row, for `pause_s`; then one job may try."""

    def __init__(
        self,
        limit: int = 5,
        pause_s: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._pause_s = pause_s
        self._clock = clock
        self._lock = threading.Lock()
        self._faults = 0
        self._open_until = 0.0
        self._last: Fault | None = None

    def refusal(self) -> Fault | None:
        """A fault to return at once while open, else None. Afterwards one caller gets through."""
        with self._lock:
            now = self._clock()
            if self._faults < self._limit or self._last is None:
                return None
            if now >= self._open_until:
                self._open_until = now + self._pause_s  # for everybody but this caller
                return None
            return Fault(
                kind=self._last.kind,
                message=f"The sandbox pauses after {self._faults} faults in a row; the last one: "
                f"{self._last.message}",
            )

    def record(self, fault: Fault | None) -> None:
        """Tells how a try ended; None is a success."""
        with self._lock:
            if fault is None:
                self._faults, self._last = 0, None
            elif not _job_can_cause(fault):
                self._faults += 1
                self._last = fault
                self._open_until = self._clock() + self._pause_s
