"""How long a search may take: processor time, and never much longer by the clock.

Belongs here: counting the time, and saying that it is over. Every loop of the search that can be
long asks. Does not belong here: what is left out then.
"""

import math
import time

WALL_FACTOR = 4
"""The budget is processor time of all cores; on a busy machine it may take this much longer."""


class SearchTime:
    """The budget of one search, used up by this thread and by the containers of its screening."""

    def __init__(self, budget_s: float) -> None:
        """`budget_s`: processor seconds; infinite for no limit. The time begins now."""
        self.budget_s = budget_s
        self.was_cut_off = False
        """Something was left out for lack of time."""
        self._end = time.monotonic() + WALL_FACTOR * budget_s
        self._begin_s = time.thread_time()
        self._screening_s = 0.0

    @property
    def used_s(self) -> float:
        """The search's own processor time and the containers' share."""
        return self._screening_s + time.thread_time() - self._begin_s

    @property
    def wall_left_s(self) -> float:
        """How long the next screening may take by the clock."""
        left_s = self.budget_s - self.used_s
        return min(self._end - time.monotonic(), WALL_FACTOR * left_s)

    def charge(self, seconds: float) -> None:
        """Adds what a container has used."""
        self._screening_s += seconds

    def portion(self, share: float) -> float:
        """The `used_s` at which this share of what is left now will be used up."""
        used_s = self.used_s
        return used_s + share * max(self.budget_s - used_s, 0.0)

    def is_past(self, limit_s: float = math.inf) -> bool:
        """The search has used `limit_s`, or all of its time."""
        return self.used_s >= min(limit_s, self.budget_s) or time.monotonic() >= self._end

    def cut_off(self, limit_s: float = math.inf) -> bool:
        """`is_past`, for a loop that then leaves out the rest; that is remembered."""
        is_past = self.is_past(limit_s)
        self.was_cut_off = self.was_cut_off or is_past
        return is_past


UNLIMITED = SearchTime(math.inf)
"""For what is small, and for measurements."""
