"""`healer forget ID`: removes what was recorded of a job's world."""

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId


@click.command()
@click.argument("repair", type=RepairId())
@repo_option
@click.pass_context
def forget(ctx: click.Context, repair: str) -> int:
    """Remove the tape of one REPAIR, or of a recorded failure, from this machine."""
    from healer.app.tapes import forget_tape

    forget_tape(start_folder(ctx), repair)
    click.echo(f"the tape of {repair} is removed", err=True)
    return 0
