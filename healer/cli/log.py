"""`healer log`: the decision ledger."""

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId


@click.command()
@click.argument("repair", type=RepairId(), default="")
@click.option("-n", "--limit", type=click.IntRange(1), default=50, help="The newest N steps.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def log(ctx: click.Context, repair: str, limit: int, as_json: bool) -> int:
    """Show the decision ledger, of one REPAIR or of all."""
    from healer.app.state import open_ledger_of
    from healer.cli.output import print_json
    from healer.cli.rows import print_steps
    from healer.repair.lookup import find_row

    with open_ledger_of(start_folder(ctx)) as ledger:
        entries = ledger.entries(find_row(ledger, repair).id if repair else "", limit)
    if as_json:
        print_json([entry.model_dump(mode="json") for entry in entries])
        return 0
    if not entries:
        click.echo("the ledger is empty", err=True)
        return 0
    print_steps(entries)
    return 0
