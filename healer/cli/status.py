"""`healer status`: what runs and waits now."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> int:
    """Show what runs and waits now: daemon, repairs, recorded failures, mails."""
    from healer.app.status import collect_status
    from healer.cli.output import print_json
    from healer.cli.rows import print_repairs
    from healer.render.clean import printable

    now = collect_status(start_folder(ctx))
    if as_json:
        print_json(now)
        return 0
    click.echo(f"daemon: {'running' if now.daemon else 'not running'}")
    if now.config_problem:
        stays = "; the daemon stays with the one before" if now.daemon else ""
        click.echo(f"configuration is wrong: {now.config_problem}{stays}")
    click.echo(f"recorded failures not yet repaired: {now.failures}")
    click.echo(f"mails: {now.mails}")
    if now.repairs:
        print_repairs(now.repairs)
    else:
        click.echo("no repair is open or waits")
    for each in now.watched:
        click.echo(f"{each.repair}  {printable(each.script)}  {each.said}")
    return 0
