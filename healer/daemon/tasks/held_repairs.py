"""What failed while nothing might begin is repaired when it may: a pause or a window is over.

Belongs here: offering the failure once more. Does not belong here: whether a repair is due
(`healer.watch.incidents`), and what is held (`healer.repair.premises`).
"""

from healer.repair.premises import why_held
from healer.services import Services
from healer.watch.inbox import Inbox


class StartHeldRepairs:
    """Looks at every incident of which a repair is due."""

    name = "held repairs"
    every_s = 10.0

    def __init__(self, services: Services, inbox: Inbox) -> None:
        self._services, self._inbox = services, inbox

    def run(self, now: float) -> None:
        """Offers the newest failure of each again; intake asks whether it still is one."""
        for incident in self._services.incidents.list_all():
            is_ready = incident.is_due and incident.state == "open" and incident.last_failure
            if not is_ready or incident.is_snoozed(now):
                continue
            if not why_held(incident.script, self._services):
                self._inbox.offer_again(incident.last_failure)
