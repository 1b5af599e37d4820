"""What proves a pin of packages: the nights, and that nothing but the pin is changed.

Belongs here: the facts, and when they let a pin merge by itself. Does not belong here: making a pin
(`healer.draft.pins`), reading one (`quarantine.requirement_pins`), or running anything.
"""

from collections.abc import Iterator
from typing import Literal

from healer.failure import Fact
from healer.judge.nights import LEAST_NIGHTS


class PinProof(Fact):
    """What is known of a patch that is proved in another environment than the job's."""

    paths: tuple[str, ...] = ()
    """That it changes."""
    objection: str = ""
    """Why it is no pin that may merge by itself, whatever the nights say; empty: it is one."""
    replays: int = 0
    """Good nights that end in that environment as they were recorded, with equal effects."""
    change: str = ""
    """The first thing that is otherwise there on a good night; empty: nothing."""
    continuity: Literal["continues", "breaks", "cannot-tell"] = "cannot-tell"
    """Of the failing night there, held against the good ones."""
    why: str = ""
    """What breaks, or why it cannot be told."""

    @property
    def doubt(self) -> str:
        """Why it may not merge by itself; empty where it may."""
        return next(self._list_doubts(), "")

    def _list_doubts(self) -> Iterator[str]:
        if self.objection:
            yield self.objection
        if self.change:
            yield f"with the pin a recorded good night is not as it was: {self.change}"
        if self.replays < LEAST_NIGHTS:
            yield (
                f"with the pin {self.replays} good nights are known to be as they were, and "
                f"{LEAST_NIGHTS} are needed"
            )
        if self.continuity != "continues":
            why = self.why or "no good nights are recorded"
            yield f"with the pin the failing night is not known to go on as the good ones: {why}"
