"""What changes rows of the ledger, each inside a transaction that its caller has begun.

Belongs here: the one place where a repair changes its state, adding a step, putting a lost repair
back. Does not belong here: transactions and queries (`store`), and the tables (`tables`).
"""

from collections.abc import Iterable

import sqlalchemy as sa

from healer.facts.repair import Dossier
from healer.facts.states import REPAIR, STATE_AFTER, RepairOutcome, RepairState
from healer.ledger import chain
from healer.ledger.rows import Entry, RepairRow, read_outcome, repair_state
from healer.ledger.tables import repairs, steps


def read_state(connection: sa.Connection, repair: str) -> RepairState:
    """The state of a repair, read for a change in this transaction. Raises KeyError."""
    # Written before it is read: that takes SQLite's lock, and PostgreSQL's on the row.
    touch = repairs.update().where(repairs.c.id == repair).values(id=repair)
    if connection.execute(touch).rowcount == 0:
        raise KeyError(repair)
    query = sa.select(repairs.c.state, repairs.c.outcome).where(repairs.c.id == repair)
    state, outcome = connection.execute(query).one()
    return repair_state(state, read_outcome(outcome))


def move(
    connection: sa.Connection,
    repair: str,
    outcome: RepairOutcome,
    values: dict[str, str],
    now: float,
) -> None:
    """The one place where a repair changes its state."""
    current = read_state(connection, repair)
    if current == STATE_AFTER[outcome]:
        return  # the step that did it is done once more, after a crash
    new = REPAIR.next_state(repair, current, outcome)
    change = repairs.update().where(repairs.c.id == repair)
    connection.execute(change.values(state=_column(new), outcome=outcome, updated_at=now, **values))


def _column(state: RepairState) -> str:
    return state if state in ("open", "waiting") else "closed"


def record_step(connection: sa.Connection, entry: Entry, now: float) -> None:
    """Adds a step; the same kind and number of the same repair again changes nothing."""
    chain.hold(connection)
    same = (steps.c.repair == entry.repair) & (steps.c.label == entry.label)
    if connection.execute(sa.select(steps.c.row).where(same)).first() is None:
        insert_step(connection, entry, now)


def insert_step(connection: sa.Connection, entry: Entry, now: float) -> None:
    """Adds a step, which must be new, at the end of the chain."""
    values = entry.model_dump() | {"at": entry.at or now}
    answer = connection.execute(steps.insert().values(values).returning(steps.c.row))
    chain.link(connection, answer.scalar_one())


def restore_repair(
    connection: sa.Connection, row: RepairRow, entries: Iterable[Entry], dossier: Dossier | None
) -> None:
    """Puts a repair back that the ledger does not have, with its steps. Raises IntegrityError where
    it has it, or another open one with its key."""
    chain.hold(connection)
    values = row.model_dump(include={column.key for column in repairs.columns})
    values |= {
        "state": _column(row.state),
        "request": row.request.model_dump_json() if row.request else "{}",
        "result": row.result.model_dump_json() if row.result else "{}",
        "evidence": dossier.model_dump_json() if dossier else "",
    }
    connection.execute(repairs.insert().values(values))
    for entry in entries:
        record_step(connection, entry, row.updated_at)
