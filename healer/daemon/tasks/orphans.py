"""Goes on with what was left lying while the daemon ran.

Belongs here: how often, and in which order. Does not belong here: what is gone on with
(`healer.daemon.orphans`).
"""

from collections.abc import Callable

from healer.daemon.orphans import Orphans


class AdoptOrphans:
    """Repairs whose process died, steps that an error stopped, failures that were not taken."""

    name = "orphans"

    def __init__(
        self, orphans: Orphans, return_failures: Callable[[], None], *, every_s: float = 30.0
    ) -> None:
        """`return_failures` puts failures that could not be taken back into the inbox."""
        self._orphans, self._return_failures = orphans, return_failures
        self.every_s = every_s

    def run(self, now: float) -> None:  # noqa: ARG002  # the form of every task
        """As at the daemon's start: incidents are put right before their failures come again."""
        self._orphans.adopt()
        self._return_failures()
