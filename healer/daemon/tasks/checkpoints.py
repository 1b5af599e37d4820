"""Drops the checkpoints of repairs that are over, so that their database stays small.

Belongs here: when. Does not belong here: which (`healer.repair.checkpoints`).
"""

from healer.engine.durable import Engine
from healer.repair.checkpoints import KEPT_S, drop_checkpoints
from healer.services import Services


class DropCheckpoints:
    """Also of those that commands have begun."""

    name = "checkpoints"
    every_s = KEPT_S

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services, self._engine = services, engine

    def run(self, now: float) -> None:
        """Whatever the time is: it is kept by the services' clock."""
        del now
        drop_checkpoints(self._engine, self._services)
