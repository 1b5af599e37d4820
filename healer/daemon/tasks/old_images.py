"""Removes sandbox images that no interpreter of this machine is in need of any more.

Belongs here: when. Does not belong here: which (`sandbox.prune`). Each change of an environment's
packages makes an image of 130 to 340 MB.
"""

from collections.abc import Callable
from contextlib import suppress

from sandbox import SandboxError

DAY_S = 86_400.0


class RemoveOldImages:
    """Those that are older than a day: what is younger may be about to be used. Containers of dead
    sessions go, too."""

    name = "old images"
    every_s = 3_600.0

    def __init__(self, prune: Callable[[float], object]) -> None:
        """`prune` removes what is outdated and was built before a moment (seconds)."""
        self._prune = prune

    def run(self, now: float) -> None:
        """Where Docker Engine is away, a later turn does it: `WatchSandbox` tells of that."""
        with suppress(SandboxError):
            self._prune(now - DAY_S)
