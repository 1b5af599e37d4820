"""How many of the fixes that were merged lately were taken out again, and when that is too many.

Belongs here: what is counted, and the circuit breaker on it. Does not belong here: counting
(`costs`, `glance`), and what follows from it (`healer.evidence.baseline`). It loads nothing heavy.
"""

from dataclasses import dataclass

WINDOW_DAYS = 30
WINDOW_S = WINDOW_DAYS * 86_400.0
MOST_REVERTED_PERCENT = 1
LEAST_REVERTS = 2
"""One alone says little of the others; its own failure is no more healed without a person."""


@dataclass(frozen=True)
class MergeCount:
    """The fixes of the last WINDOW_DAYS: those of one repository, or of all of a tenant's where
    machines share the ledger."""

    merged: int
    """By healer itself or by a person's approval; also those that were taken out again."""
    reverted: int

    @property
    def is_too_wrong(self) -> bool:
        """Whether no further fix may merge without a person."""
        is_more_than_one = self.reverted >= LEAST_REVERTS
        return is_more_than_one and 100 * self.reverted > MOST_REVERTED_PERCENT * self.merged

    def describe(self) -> str:
        """For a person: what was counted, and the limit."""
        return (
            f"{self.reverted} of the {self.merged} fixes that were merged in {WINDOW_DAYS} days "
            f"were taken out again, more than {MOST_REVERTED_PERCENT} %"
        )


NO_MERGES = MergeCount(merged=0, reverted=0)
