"""Does again what had failed, after its fix was merged.

Belongs here: how often is looked. Does not belong here: which runs, and what is said of them
(`healer.repair.rerun`).
"""

from healer.repair.rerun import Reruns
from healer.services import Services


class RerunHealed:
    """Looks at every merged fix that is still watched."""

    name = "re-runs"
    every_s = 2.0

    def __init__(self, services: Services) -> None:
        self._reruns = Reruns(services, is_attended=False)

    def run(self, now: float) -> None:
        """One look; what it starts goes on by itself."""
        self._reruns.look(now)
