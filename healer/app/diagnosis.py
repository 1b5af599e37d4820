"""One line of `healer doctor`.

Does not belong here: what is looked at (`doctor` and the modules beside it).
"""

from typing import Literal

from healer.failure import Fact


class Diagnosis(Fact):
    """One thing that was looked at."""

    name: str
    status: Literal["pass", "note", "fail"]
    """`note`: a repair can run without it."""
    detail: str
    next_step: str = ""
