"""`healer daemon`: watches and heals until stopped."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--once", is_flag=True, help="Drain what is waiting, and end.")
@repo_option
@click.pass_context
def daemon(ctx: click.Context, once: bool) -> int:
    """Watch and heal until stopped.

    SIGTERM ends it cleanly; what is under way goes on later. SIGHUP reads the configuration anew;
    a wrong one is refused, in the log and in `healer status`.
    """
    from healer.app.commands import drain, serve
    from healer.cli.edge import leave, start_again
    from healer.cli.live import Live
    from healer.cli.logs import json_log

    if once:
        with Live() as live:
            count = drain(start_folder(ctx), live.show)
        click.echo(f"{count} repair(s) followed to their end", err=True)
        return 0
    if serve(start_folder(ctx), json_log()):
        start_again()
    return leave(0)
