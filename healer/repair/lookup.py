"""Finds one repair by the beginning of its id, as people type it.

Belongs here: the sentence where it is none, or several. Does not belong here: queries
(`healer.ledger.store`).
"""

from healer.facts.errors import UsageError
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger


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
