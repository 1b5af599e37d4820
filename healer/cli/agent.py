"""`healer agent`: brings what fails on this machine to a hub."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--once", is_flag=True, help="Bring what is spooled, and end.")
@repo_option
@click.pass_context
def agent(ctx: click.Context, once: bool) -> int:
    """Bring what `healer run` and followed logs record here to the hub of [agent], until stopped.

    For machines without Docker Engine, database and right to push. While the hub is away all stays
    spooled; with --once, exit code 3 says so.
    """
    from healer.app.agent import send_once, serve_agent
    from healer.cli.live import Live
    from healer.cli.logs import json_log
    from quarantine.repository import Repository

    repository = Repository.open(start_folder(ctx))
    if once:
        with Live() as live:
            count = send_once(repository, live.show)
        click.echo(f"{count} failure(s) brought to the hub", err=True)
        return 0
    serve_agent(repository, json_log())
    return 0
