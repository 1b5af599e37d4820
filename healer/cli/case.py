"""`healer case ID`: one incident as an archive for whoever repairs it elsewhere.

Belongs here: where it is written. Does not belong here: what is in it (`healer.app.agents`).
"""

from pathlib import Path

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import IncidentId


@click.command()
@click.argument("incident", type=IncidentId())
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.")
@repo_option
@click.pass_context
def case(ctx: click.Context, incident: str, out: Path | None) -> int:
    """Write INCIDENT with a brief and the code as an archive, without files that hold secrets."""
    from healer.app.agents import open_door

    with open_door(start_folder(ctx), lambda _: None, incident) as door:
        archive = door.pack_case(incident)
    path = out or Path(f"case-{incident}.tar.gz")
    path.write_bytes(archive)
    click.echo(path)
    return 0
