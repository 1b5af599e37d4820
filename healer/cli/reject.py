"""`healer reject ID`: turns a waiting fix down, and remembers why."""

import click

from healer.cli import repo_option
from healer.cli.completion import RepairId
from healer.cli.decision import by_option, carry_out


@click.command()
@click.argument("repair", type=RepairId("review", "escalated"))
@click.option("--reason", required=True, metavar="TEXT", help="Shown to the next draft.")
@by_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def reject(ctx: click.Context, repair: str, reason: str, by: str, as_json: bool) -> int:
    """Turn a waiting REPAIR down; its branch is removed, the reason is kept."""
    return carry_out(ctx, "reject", repair, as_json=as_json, why=reason, by=by)
