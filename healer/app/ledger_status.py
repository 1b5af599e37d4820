"""What `healer status` says of the ledger: what is open, what is watched, how merges proved.

Belongs here: reading it without waiting, and what is said where it cannot be read. Does not belong
here: everything else that a status tells (`status`).
"""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from healer.app.quick_look import Condition
from healer.ledger.glance import LedgerGlance, RepairGlance
from healer.ledger.merges import NO_MERGES, WINDOW_S, MergeCount

ADVICE = "healer daemon sets a broken one aside, and puts back what is known elsewhere"
"""Where a database cannot be read."""


@dataclass(frozen=True)
class LedgerStatus:
    """What is open or waits, what is on probation, how merges proved, how the database is."""

    condition: Condition
    repairs: tuple[RepairGlance, ...] = ()
    on_probation: tuple[RepairGlance, ...] = ()
    merges: MergeCount = NO_MERGES


def read_ledger_status(start: Path, state_dir: Path, state: str, now: float) -> LedgerStatus:
    """Of the repository that holds `start`; `state` is what its configuration says."""
    if state != "sqlite":
        return _read_shared_ledger(start, now)
    ledger = LedgerGlance(state_dir)
    if not ledger.exists and any((state_dir / "waiting").glob("*.json")):
        return LedgerStatus(Condition(f"the ledger is missing; {ADVICE}", is_well=False))
    if not ledger.exists:
        return LedgerStatus(Condition("nothing is in it yet"))
    try:
        return LedgerStatus(
            Condition("ok"),
            ledger.list_open(),
            ledger.list_on_probation(),
            ledger.count_merges(now - WINDOW_S),
        )
    except sqlite3.DatabaseError as error:
        problem = f"the ledger cannot be read: {error}; {ADVICE}"
        return LedgerStatus(Condition(problem, is_well=False))


def _read_shared_ledger(start: Path, now: float) -> LedgerStatus:
    """The same of a PostgreSQL, which takes its driver."""
    from healer.app.state import open_ledger_of  # noqa: PLC0415  # heavy

    with open_ledger_of(start) as ledger:
        return LedgerStatus(
            Condition("ok"),
            tuple(row.glance for row in ledger.repairs("open", "waiting")),
            tuple(row.glance for row in ledger.merged_without("probation")),
            ledger.sums.merges(now - WINDOW_S),
        )
