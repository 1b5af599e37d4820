"""What comes of a person's decision on a repair; kept apart so that printing it imports no engine.

Belongs here: the fact. Does not belong here: carrying a decision out (`healer.repair.approve`,
`healer.repair.rollback`).
"""

from typing import Literal

from healer.failure import Fact

DecisionAction = Literal["approve", "reject", "rollback", "answer", "ack", "snooze"]


class DecisionResult(Fact):
    """What came of a decision."""

    repair: str
    action: DecisionAction
    done: bool
    reason: str
    merged: str | None = None
    checkout: str = ""
    """Why the working tree did not follow; empty when it did."""
