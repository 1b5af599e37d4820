"""How long a postponed repair rests before it is tried again: each time twice as long. Pure.

Belongs here: times of one process. A restart tries at once, which is what its person expects.
"""

FIRST_S = 30.0
LONGEST_S = 900.0


class Rests:
    """Repairs that were postponed, by id. Times are seconds of one clock, passed in."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._next_s: dict[str, float] = {}

    def postpone(self, repair: str, now: float) -> None:
        """It could not go on; from now on it rests."""
        pause_s = self._next_s.get(repair, FIRST_S)
        self._until[repair] = now + pause_s
        self._next_s[repair] = min(2 * pause_s, LONGEST_S)

    def has_rested(self, repair: str) -> bool:
        """Whether it was postponed and has not gone on since."""
        return repair in self._next_s

    def over(self, repair: str) -> None:
        """It went on: the next time it rests shortly again."""
        self._until.pop(repair, None)
        self._next_s.pop(repair, None)

    def resting(self, repair: str, now: float) -> bool:
        """Whether it is too early to try it again."""
        return now < self._until.get(repair, now)
