"""Finds one repair by the beginning of its id, as people type it, and brings it to this clone.

Belongs here: the sentence where it is none, or several. Does not belong here: queries
(`healer.ledger.store`).
"""

from healer.facts.errors import UsageError, WorkflowError
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
from healer.services import Services
from quarantine.remote import bring_published, upstream_of


def find_row(ledger: Ledger, prefix: str) -> RepairRow:
    """The one repair whose id begins with `prefix`; of an incident's id, its newest repair. Raises
    UsageError."""
    if not prefix:  # as of an empty variable: with one repair alone it would be that one
        raise UsageError("the id is empty; list repairs with: healer log")
    rows = ledger.find(prefix)
    if not rows:
        rows = tuple(row for row in ledger.repairs() if row.incident.startswith(prefix))[-1:]
    if not rows:
        raise UsageError(f"there is no repair {prefix!r}; list them with: healer log")
    if len(rows) > 1:
        ids = ", ".join(row.id for row in rows[:5])
        raise UsageError(f"{prefix!r} may be any of {ids}; give more of the id")
    return rows[0]


def bring_here(row: RepairRow, services: Services) -> None:
    """A person decides in this clone on what another one has: it is this one's from now on, with
    the fix that waits. Raises TakenOverError, and WorkflowError where the fix cannot be had."""
    fleet = services.fleet
    if not fleet.clone or row.state not in ("waiting", "merged"):
        return
    dossier = services.ledger.dossier(row.id) if row.state == "waiting" else None
    last = dossier.last_candidate if dossier else None
    remote = upstream_of(services.repository, services.config.target)
    if last and last.candidate and remote:
        branch, commit = last.candidate.branch, last.candidate.commit
        problem = bring_published(
            services.repository, remote=remote.remote, branch=branch, commit=commit
        )
        if problem is not None:
            host = fleet.describe_holder(row)
            raise WorkflowError(f"the fix was made on {host}, and {problem.reason}")
    fleet.take(row)
