"""`healer rollback ID`: takes a merged repair out again."""

import click

from healer.cli import repo_option
from healer.cli.completion import RepairId
from healer.cli.decision import by_option, carry_out


@click.command()
@click.argument("repair", type=RepairId("healed"))
@click.option("--reason", default="by hand", metavar="TEXT", help="Goes into the commit message.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@by_option
@repo_option
@click.pass_context
def rollback(ctx: click.Context, repair: str, reason: str, as_json: bool, by: str) -> int:
    """Take a merged REPAIR out again, as a new commit that is checked first."""
    return carry_out(ctx, "rollback", repair, as_json=as_json, why=reason, by=by)
