"""`healer reject ID`: turns a waiting fix down, and remembers why."""

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId


@click.command()
@click.argument("repair", type=RepairId("review", "escalated"))
@click.option("--reason", required=True, metavar="TEXT", help="Shown to the next draft.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def reject(ctx: click.Context, repair: str, reason: str, as_json: bool) -> int:
    """Turn a waiting REPAIR down; its branch is removed, the reason is kept."""
    from healer.cli.live import Live
    from healer.cli.output import print_decided
    from healer.wiring import decide

    with Live(quiet=as_json) as live:
        decided = decide(start_folder(ctx), "reject", repair, live.show, why=reason)
    return print_decided(decided, as_json=as_json)
