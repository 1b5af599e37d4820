"""Incidents that the fix of another one heals: they share its probation, and its end.

Belongs here: putting one on that probation, and ending it with the fix's. Does not belong here:
what has the same cause and whether it is healed (`siblings`), and how a probation ends
(`probation`).
"""

from healer.facts.states import IncidentEvent
from healer.ledger.rows import RepairRow
from healer.render.notice import Kind
from healer.render.one_line import as_sentence
from healer.repair.incident_events import end_incident
from healer.repair.notices import add_to_thread
from healer.repair.probation import describe_promise
from healer.services import Services
from healer.watch.incident import Incident


def join_probation(row: RepairRow, incident: Incident, services: Services) -> None:
    """The merged fix of `row` heals this incident, too, and it is over once that has held. Nothing
    is mailed where nobody was told of it."""
    reason = f"fixed by repair {row.id}: its command succeeds with that fix"
    promise = describe_promise(row.script, row.updated_at, services.config)
    sentences = f"{as_sentence(reason)} {promise} This is over once that has held."
    add_to_thread("merged", row, None, sentences, services, sibling=incident)
    end_incident(incident.fingerprint, "merge", services, reason=reason, repair=row.id)


def end_siblings(
    row: RepairRow,
    kind: Kind,
    event: IncidentEvent,
    reason: str,
    services: Services,
    *,
    by: str = "",
) -> None:
    """What share the probation of `row` end with it: their threads of mails, then themselves."""
    for incident in services.incidents.list_all():
        shares = incident.state == "probation" and incident.repair == row.id
        if shares and incident.fingerprint != row.incident:
            word = as_sentence(reason)
            add_to_thread(kind, row, None, word, services, by=by, sibling=incident)
            end_incident(incident.fingerprint, event, services, reason=reason, repair=row.id, by=by)
