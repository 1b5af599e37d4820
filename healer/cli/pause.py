"""`healer pause [SCRIPT]` and `healer resume [SCRIPT]`: one command stops all merging at once.

Belongs here: options and printing. Does not belong here: what a pause stops (`healer.watch.pause`).
"""

import time

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.argument("script", default="")
@repo_option
@click.pass_context
def pause(ctx: click.Context, script: str) -> int:
    """Stop merging and new repairs, of SCRIPT or of all, until `healer resume`.

    It counts at once, for every process, and survives restarts. Failures are counted meanwhile.
    """
    from healer.app.incidents import name_script, person
    from healer.watch import pause as pauses
    from healer.watch.checkout import find_state_dir

    start = start_folder(ctx)
    name = name_script(start, script)
    pauses.pause(find_state_dir(start), name, person(), time.time())
    click.echo(f"paused: {name or 'everything'}; next: healer resume {name}".rstrip())
    return 0


@click.command()
@click.argument("script", default="")
@repo_option
@click.pass_context
def resume(ctx: click.Context, script: str) -> int:
    """End the pause of SCRIPT, or of everything."""
    from healer.app.incidents import name_script
    from healer.watch import pause as pauses
    from healer.watch.checkout import find_state_dir

    start = start_folder(ctx)
    ends = pauses.resume(find_state_dir(start), name_script(start, script))
    if not ends:
        click.echo("nothing was paused", err=True)
    for each in ends:
        click.echo(f"resumed: {each.script or 'everything'}")
    return 0
