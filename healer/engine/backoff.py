"""How long a postponed workflow waits before it is tried again: each time twice as long. Pure.

Belongs here: times of one process. A restart tries at once, which is what its person expects.
Does not belong here: what postpones a workflow (`workflows`).
"""

FIRST_S = 30.0
LONGEST_S = 900.0


class Backoffs:
    """Workflows that were postponed, by id. Times are seconds of one clock, passed in."""

    def __init__(self) -> None:
        self._due_at: dict[str, float] = {}
        self._next_s: dict[str, float] = {}

    def postpone(self, workflow: str, now: float) -> None:
        """It could not go on; from now on it waits."""
        pause_s = self._next_s.get(workflow, FIRST_S)
        self._due_at[workflow] = now + pause_s
        self._next_s[workflow] = min(2 * pause_s, LONGEST_S)

    def is_backing_off(self, workflow: str) -> bool:
        """Whether it was postponed and has not gone on since."""
        return workflow in self._next_s

    def reset(self, workflow: str) -> None:
        """It went on: the next time it waits shortly again."""
        self._due_at.pop(workflow, None)
        self._next_s.pop(workflow, None)

    def is_due(self, workflow: str, now: float) -> bool:
        """Whether it may be tried: it was not postponed, or has waited long enough."""
        return now >= self._due_at.get(workflow, now)
