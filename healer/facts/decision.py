"""The fact that a decision ends with; kept apart so that printing it imports no engine."""

from typing import Literal

from healer.failure import Fact


class Decided(Fact):
    """What came of a decision."""

    repair: str
    action: Literal["approve", "reject", "rollback"]
    done: bool
    reason: str
    merged: str | None = None
    checkout: str = ""
