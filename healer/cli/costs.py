"""`healer costs`: money and tokens by day, script, model, outcome or purpose.

Belongs here: the table, and the bars of days below it. Does not belong here: the sums
(`healer.ledger.costs`).
"""

import sys
from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder

if TYPE_CHECKING:
    from healer.ledger.costs import Cost, Grouping

NOT_KNOWN = "not known"
"""Of calls that an earlier version made, which did not say what for."""
DAYS = 56
"""Whose bars fit between two dates on a line of 80 characters."""


@click.command()
@click.option(
    "--by",
    type=click.Choice(["day", "script", "model", "outcome", "purpose"]),
    default="day",
    help="Group.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def costs(ctx: click.Context, by: "Grouping", as_json: bool) -> int:
    """Show money and tokens, grouped; on a terminal with a bar for each of the last days."""
    from healer.app.state import open_ledger_of
    from healer.cli.output import print_json, print_table
    from healer.render.one_line import format_money

    with open_ledger_of(start_folder(ctx)) as ledger:
        rows = ledger.sums.costs(by)
    if as_json:
        print_json([row.model_dump(mode="json") for row in rows])
        return 0
    if not rows:
        click.echo("nothing was spent yet", err=True)
        return 0
    print_table(
        (by.upper(), "CALLS", "TOKENS IN", "TOKENS OUT", "COST"),
        [
            (
                row.group or NOT_KNOWN,
                str(row.calls),
                str(row.tokens_in),
                str(row.tokens_out),
                format_money(row.cost_usd, is_known=row.cost_known),
            )
            for row in rows
        ],
    )
    if by == "day" and sys.stdout.isatty() and (bars := draw_days(rows)):
        print(bars)
    return 0


def draw_days(rows: "Sequence[Cost]") -> str:
    """A bar for the cost of each day up to the newest, days without any between them; empty where
    nothing has cost anything. `rows` has one group for each day, at least one."""
    from healer.render.one_line import format_bars

    costs = {date.fromisoformat(row.group): row.cost_usd for row in rows}
    last = max(costs)
    first = max(min(costs), last - timedelta(days=DAYS - 1))
    count = (last - first).days + 1
    values = [costs.get(first + timedelta(days=number), 0.0) for number in range(count)]
    return f"{first} {format_bars(values)} {last}" if any(values) else ""
