"""`healer expect SCRIPT`: proposes what a good outcome is, from recorded nights."""

from pathlib import Path

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.argument("script")
@click.option("--write", is_flag=True, help="Add it to healer.toml, uncommitted.")
@repo_option
@click.pass_context
def expect(ctx: click.Context, script: str, write: bool) -> int:
    """Propose expectations of SCRIPT from its recorded good nights, as text for healer.toml.

    Nothing proposed counts before a person has read and committed it.
    """
    from healer.app.expect import add_to_configuration, propose

    text = propose(start_folder(ctx), script, Path.cwd())
    click.echo(text, nl=False)
    if write:
        path = add_to_configuration(start_folder(ctx), text)
        click.echo(f"added to {path}; read it, then commit it", err=True)
    return 0
