"""What a job's nights say of a fix: the good ones as they were, the bad one as one more of them.

Belongs here: the facts, and when they confirm a fix. Does not belong here: replaying nights
(`healer.evidence.nights`), or what is usual on them (`healer.nights`).
"""

from collections.abc import Iterator
from typing import Literal

from healer.failure import Fact

LEAST_NIGHTS = 3
"""Good nights on which a fix must do what the code did before it."""


class Nights(Fact):
    """What the recorded nights say."""

    replays: int = 0
    """Good nights that the code ends well on before the fix and after it, with equal effects."""
    change: str = ""
    """The first thing that the fix changes on a good night; empty: nothing."""
    continuity: Literal["continues", "breaks", "cannot-tell"] = "cannot-tell"
    """Of the failing night with the fix, held against the good ones."""
    why: str = ""
    """What breaks, or why it cannot be told."""
    unread_pages: str = ""
    """An answer of the failing night that says that there is more, as on no good night, while the
    night holds no more; empty: none."""
    neighbours: int = 0
    """Of the fix, tried on the failing night."""
    told_apart: int = 0
    """Of these, those that end well, do something else, and break with the good nights."""
    rivals: tuple[str, ...] = ()
    """Of these, those that do something else and go on as the fix does: what is otherwise."""
    is_cut_short: bool = False
    """Not every neighbour that was chosen could be tried."""

    @property
    def differs(self) -> bool:
        """Something is otherwise than it was on the good nights."""
        return bool(self.change) or self.continuity == "breaks"

    @property
    def is_open(self) -> bool:
        """Only whether a neighbour of the fix is told from it is not known yet."""
        return not self.neighbours and not self.model_copy(update={"told_apart": 1}).doubt

    @property
    def doubt(self) -> str:
        """Why they do not single the fix out; empty where they do."""
        return next(self._list_doubts(), "")

    def _list_doubts(self) -> Iterator[str]:
        """The most telling first."""
        if self.change:
            yield f"a recorded good night changes with the fix: {self.change}"
        if self.continuity == "breaks":
            yield f"the failing night does not go on as the good ones with the fix: {self.why}"
        if self.continuity == "cannot-tell":
            yield self.why or "no good nights are recorded"
        if self.unread_pages:
            yield (
                f"`{self.unread_pages}` comes in pages since the last good night, and no night "
                "knows what the others hold"
            )
        if self.replays < LEAST_NIGHTS:
            yield (
                f"{self.replays} good nights could be replayed, and {LEAST_NIGHTS} are needed to "
                "know that the fix leaves them as they were"
            )
        if self.rivals:
            yield f"another fix goes on as well and does something else: {self.rivals[0]}"
        if self.is_cut_short:
            yield "not every neighbour of the fix could be tried on the failing night"
        if not self.told_apart:
            yield (
                "of the neighbours of the fix none that ends well is told from it by what the good "
                "nights did, so that they say nothing of its values"
            )
