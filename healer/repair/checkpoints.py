"""Drops the checkpoints of repairs that are over: the ledger holds what is known of them.

Belongs here: which, and when. Does not belong here: those of decisions, which are small, and by
which is known that one was tried (`Engine.forget`, after `keep_days`).
"""

from healer.engine.durable import Engine
from healer.engine.ended import list_ended
from healer.repair.workflow import repair
from healer.services import Services

KEPT_S = 3_600.0
"""A process that waits for a repair of another one looks at its checkpoints, well within this."""


def drop_checkpoints(engine: Engine, services: Services) -> None:
    """Of repairs that ended an hour ago and are closed in the ledger. What is open there, waits for
    a person, or is not there at all, keeps them."""
    repair_ids = list_ended(repair, before=services.clock.now() - KEPT_S)
    for repair_id in services.ledger.choose_closed(repair_ids):
        engine.discard(repair_id)
