"""`healer costs`: money and tokens by day, script, model or outcome."""

from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder

if TYPE_CHECKING:
    from healer.ledger.costs import Grouping


@click.command()
@click.option(
    "--by", type=click.Choice(["day", "script", "model", "outcome"]), default="day", help="Group."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def costs(ctx: click.Context, by: "Grouping", as_json: bool) -> int:
    """Show money and tokens, grouped."""
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
                row.group,
                str(row.calls),
                str(row.tokens_in),
                str(row.tokens_out),
                format_money(row.cost_usd, is_known=row.cost_known),
            )
            for row in rows
        ],
    )
    return 0
