"""`healer daemon`: watches and heals until stopped."""

import time

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--once", is_flag=True, help="Drain what is waiting, and end.")
@repo_option
@click.pass_context
def daemon(ctx: click.Context, once: bool) -> int:
    """Watch and heal until stopped.

    With --once, exit code 1 says that something stays broken, and it is listed.

    SIGTERM ends it cleanly; what is under way goes on later. SIGHUP reads the configuration anew;
    a wrong one is refused, in the log and in `healer status`.
    """
    from healer.app.commands import drain, serve
    from healer.cli.edge import leave, start_again
    from healer.cli.live import Live
    from healer.cli.logs import json_log
    from healer.render.clean import printable

    if once:
        with Live(is_of_many=True) as live:
            result = drain(start_folder(ctx), live.show)
        click.echo(f"{result.repairs} repair(s) followed to their end", err=True)
        now = time.time()
        for each in result.broken:
            why = f": {each.reason}" if each.reason else ""
            state = each.describe_state(now)
            click.echo(printable(f"{each.fingerprint}  {each.script}  {state}{why}"))
        return 1 if result.broken else 0
    if serve(start_folder(ctx), json_log()):
        start_again()
    return leave(0)
