"""`healer rollback ID`: takes a merged repair out again."""

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId


@click.command()
@click.argument("repair", type=RepairId("healed"))
@click.option("--reason", default="by hand", metavar="TEXT", help="Goes into the commit message.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def rollback(ctx: click.Context, repair: str, reason: str, as_json: bool) -> int:
    """Take a merged REPAIR out again, as a new commit that is checked first."""
    from healer.cli.live import Live
    from healer.cli.output import print_decided
    from healer.wiring import decide

    with Live(quiet=as_json) as live:
        decided = decide(start_folder(ctx), "rollback", repair, live.show, why=reason)
    return print_decided(decided, as_json=as_json)
