"""`healer consolidate`: draws patterns from the ledger, and proposes notes."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def consolidate(ctx: click.Context, as_json: bool) -> int:
    """Show what the repairs of each script have in common.

    What a script's notes do not say yet is proposed as a change of them, which waits for
    `healer approve`; the daemon does this every night.
    """
    from healer.app import commands
    from healer.cli.live import Live
    from healer.cli.output import print_json
    from healer.render.clean import one_line

    with Live(quiet=as_json) as live:
        patterns = commands.consolidate(start_folder(ctx), live.show)
    if as_json:
        print_json([each.model_dump(mode="json") for each in patterns])
        return 0
    if not patterns:
        click.echo("no pattern: no script was repaired twice in a like way", err=True)
    for each in patterns:
        click.echo(one_line(each.script, 200))
        for sentence in each.sentences:
            click.echo(f"  {one_line(sentence, 500)}")
        if each.repair:
            click.echo(f"  proposed for its notes: healer show {each.repair}", err=True)
        else:
            click.echo(f"  nothing is proposed: {one_line(each.why_not, 300)}", err=True)
    return 0
