"""Finds one repair by the beginning of its id."""

from healer.facts.errors import UsageError
from healer.ledger.store import Ledger, RepairRow


def find(ledger: Ledger, prefix: str) -> RepairRow:
    """The one repair whose id begins with `prefix`. Raises UsageError."""
    rows = ledger.find(prefix)
    if not rows:
        raise UsageError(f"there is no repair {prefix!r}; list them with: healer log")
    if len(rows) > 1:
        ids = ", ".join(row.id for row in rows[:5])
        raise UsageError(f"{prefix!r} may be any of {ids}; give more of the id")
    return rows[0]
