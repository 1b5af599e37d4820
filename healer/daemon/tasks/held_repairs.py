"""What failed while nothing might begin is repaired when it may: a pause or a window is over, or
another repair with the same cause.

Belongs here: offering the failure once more, or closing what the other repair has healed. Does not
belong here: whether a repair is due (`healer.watch.incidents`), what is held
(`healer.repair.premises`), and what has the same cause (`healer.repair.siblings`).
"""

from healer.facts.errors import UsageError
from healer.repair.premises import why_held
from healer.repair.probation_siblings import join_probation
from healer.repair.siblings import find_sibling, is_healed_by, say_no
from healer.services import Services
from healer.watch.inbox import Inbox, InboxError
from healer.watch.incident import Incident
from quarantine.errors import RepositoryError


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
            if not why_held(incident.script, self._services) and not self._waits(incident, now):
                self._inbox.offer_again(incident.last_failure)

    def _waits(self, incident: Incident, now: float) -> bool:
        """Whether another repair with its cause is under way still, or has healed it, too."""
        services = self._services
        try:
            failure = self._inbox.read(incident.last_failure)
            sibling = find_sibling(failure, services)
            if sibling is None or sibling.state == "open":
                return sibling is not None
            is_healed = is_healed_by(sibling, failure, services)
        except (InboxError, UsageError, RepositoryError):
            return False  # intake says why nothing can be done with it
        if is_healed:
            join_probation(sibling, incident, services)
        elif is_healed is not None:
            services.incidents.note_wait(incident.fingerprint, say_no(sibling), now=now)
        return is_healed is not False
