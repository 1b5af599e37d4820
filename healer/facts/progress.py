"""What a watcher of a repair is shown while it runs.

Belongs here: the fact. Does not belong here: how it is printed (`healer.cli.live`), and anything
that a decision is taken from: progress may be lost.
"""

from healer.failure import Fact


class Progress(Fact):
    """Something a watcher may show; never part of a decision."""

    repair: str
    step: str
    state: str
    """`running`, `pass`, `fail`, `unjudged`, `skipped`, or `note`."""
    detail: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    """Of the failure that it is about; empty where none is known."""
    cost_usd: float = 0.0
