"""Lists of repairs and steps on standard output, one line each.

Belongs here: which columns there are. Does not belong here: tables (`output`), or which rows
(the commands).
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from healer.cli.output import print_table
from healer.render.clean import one_line
from healer.render.one_line import format_age, format_money

if TYPE_CHECKING:
    from healer.ledger.glance import RepairGlance
    from healer.ledger.rows import Entry, RepairRow


def result_document(row: "RepairRow") -> dict[str, Any]:
    """The result as `--json` prints it; empty while the repair is open."""
    return row.result.model_dump(mode="json") if row.result else {}


def print_waiting(rows: "Iterable[RepairGlance]") -> None:
    """Id, age, script, failure and why it waits, one line each, in the order given."""
    print_table(
        ("ID", "AGE", "SCRIPT", "FAILURE", "WHY"),
        [
            (
                row.id,
                _age(row.created_at),
                row.script,
                _failure(row),
                one_line(row.reason, 200),
            )
            for row in rows
        ],
        one_line_each=True,
    )


def _failure(row: "RepairGlance") -> str:
    return one_line(": ".join(filter(None, (row.error, row.message))), 40)


def print_steps(entries: "Iterable[Entry]") -> None:
    """Age, repair, step, outcome, drafter, cost and detail, one line each."""
    print_table(
        ("AGE", "REPAIR", "STEP", "OUTCOME", "BY", "COST", "DETAIL"),
        [
            (
                _age(entry.at),
                entry.repair,
                entry.label,
                entry.outcome,
                entry.drafter,
                format_money(entry.cost_usd) if entry.cost_usd else "",
                entry.detail,
            )
            for entry in entries
        ],
    )


def _age(since: float) -> str:
    return format_age(datetime.fromtimestamp(since, UTC), datetime.now(UTC))
