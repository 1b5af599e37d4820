"""`healer trust`: allows what healer.toml has this machine do.

Belongs here: options, the question, printing. Does not belong here: the allowlist
(`healer.app.trust`).
"""

import sys

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--yes", is_flag=True, help="Allow without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, and ask nothing.")
@repo_option
@click.pass_context
def trust(ctx: click.Context, yes: bool, as_json: bool) -> int:
    """Show and allow what healer.toml has this machine do: commands, addresses, keys, images.

    A committed file is input of whoever can commit. What it says at the first use in a clone is
    allowed; later changes wait for this command, and fix and daemon end with a sentence until then.
    """
    from healer.app.configuration import read_configuration
    from healer.app.trust import list_trusted, split_by_trust
    from healer.app.trust import trust as allow
    from healer.cli.output import print_json
    from quarantine.repository import Repository

    repository = Repository.open(start_folder(ctx))
    config = read_configuration(repository)
    old, new = split_by_trust(repository, config)
    if not as_json:
        for prefix, settings in (("allowed: ", old), ("", new)):
            for each in settings:
                click.echo(f"{prefix}{each.key} = {each.value}\n    {each.effect}")
        if new and not yes and not sys.stdin.isatty():
            click.echo("nothing was allowed: give --yes, or run it in a terminal", err=True)
            return 1
    if new and (yes or (not as_json and click.confirm("allow this?"))):
        allow(repository, new)
        new = []
    if as_json:
        document = {"allowed": list_trusted(repository), "waiting": [e._asdict() for e in new]}
        print_json(document)
    elif not new:
        click.echo("all that healer.toml has this machine do is allowed")
    return 1 if new else 0
