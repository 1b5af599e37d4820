"""A circuit breaker: what failed again and again is left alone for a while, then tried once.

Belongs here: when a request may be made. Does not belong here: what counts as a failure, and what
is said meanwhile (the callers'). Times are seconds of one clock, passed in.
"""

from threading import Lock


class CircuitBreaker:
    """Opens after `limit` failures in a row, and closes again by itself. Safe for threads.

    The pause doubles with each further failure, from `first_pause_s` to `longest_pause_s`. Only
    new failures count: an old one never opens the breaker again.
    """

    def __init__(self, *, limit: int, first_pause_s: float, longest_pause_s: float) -> None:
        self._limit = limit
        self._first_pause_s = first_pause_s
        self._longest_pause_s = longest_pause_s
        self._lock = Lock()
        self._failures = 0
        self._pause_s = first_pause_s
        self._open_until = 0.0
        self._reason = ""

    @property
    def failures(self) -> int:
        """Failures in a row."""
        return self._failures

    @property
    def reason(self) -> str:
        """Why it is open, as a caller gave it last."""
        return self._reason

    def allow_request(self, now: float) -> bool:
        """True where a request may be made; after a pause, for one caller in `first_pause_s`.

        A caller that then makes none, or never says how it ended, holds up nobody for longer.
        """
        with self._lock:
            if now < self._open_until:
                return False
            if self._failures >= self._limit:
                self._open_until = now + self._first_pause_s
            return True

    def record_success(self) -> None:
        """It worked: all is forgotten."""
        with self._lock:
            self._failures, self._pause_s, self._open_until = 0, self._first_pause_s, 0.0
            self._reason = ""

    def record_failure(self, now: float, reason: str = "") -> None:
        """It did not work."""
        with self._lock:
            self._failures, self._reason = self._failures + 1, reason
            if self._failures >= self._limit:
                self._open_until = now + self._pause_s
                self._pause_s = min(self._pause_s * 2, self._longest_pause_s)

    def pause_until(self, until: float, reason: str = "") -> None:
        """The other side asked to be left alone until then."""
        with self._lock:
            self._reason = reason
            self._open_until = max(self._open_until, until)
