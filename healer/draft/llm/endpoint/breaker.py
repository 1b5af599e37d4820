"""A circuit breaker for each endpoint, which closes again by itself.

Belongs here: when an endpoint is left alone. Does not belong here: what counts as its failure
(`calls`). An endpoint that failed THRESHOLD times in a row is not called for a while; then one
call tries it. Only new failures count: an old one never opens the breaker again.
"""

from dataclasses import dataclass
from threading import Lock

THRESHOLD = 3
FIRST_PAUSE_S = 30.0
LONGEST_PAUSE_S = 600.0


@dataclass
class _State:
    failures: int = 0
    pause_s: float = FIRST_PAUSE_S
    open_until: float = 0.0


class Breakers:
    """One breaker for each name. Times are seconds of one clock, passed in."""

    def __init__(self) -> None:
        self._states: dict[str, _State] = {}
        self._lock = Lock()

    def allows(self, name: str, now: float) -> bool:
        """True where a call may be made; after a pause, for one caller in each FIRST_PAUSE_S.

        A caller that then makes no call, or never says how it ended, holds up nobody for longer.
        """
        with self._lock:
            state = self._states.setdefault(name, _State())
            if now < state.open_until:
                return False
            if state.failures >= THRESHOLD:
                state.open_until = now + FIRST_PAUSE_S
            return True

    def succeeded(self, name: str) -> None:
        """The endpoint answered: all is forgotten."""
        with self._lock:
            self._states[name] = _State()

    def failed(self, name: str, now: float) -> None:
        """The endpoint did not answer."""
        with self._lock:
            state = self._states.setdefault(name, _State())
            state.failures += 1
            if state.failures >= THRESHOLD:
                state.open_until = now + state.pause_s
                state.pause_s = min(state.pause_s * 2, LONGEST_PAUSE_S)

    def pause(self, name: str, until: float) -> None:
        """The endpoint asked to be left alone until then."""
        with self._lock:
            state = self._states.setdefault(name, _State())
            state.open_until = max(state.open_until, until)
