"""`healer approve ID`: merges a waiting fix after checking it again."""

from typing import TYPE_CHECKING

import click

from healer.cli import repo_option
from healer.cli.completion import RepairId
from healer.cli.decision import by_option, carry_out

if TYPE_CHECKING:
    from healer.facts.repair import Dossier


@click.command()
@click.argument("repair", type=RepairId("review", "escalated"))
@click.option("--yes", is_flag=True, help="Do not ask, even where a rule said reject.")
@by_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def approve(ctx: click.Context, repair: str, yes: bool, by: str, as_json: bool) -> int:
    """Merge a waiting REPAIR after checking it again on today's tip."""
    return carry_out(
        ctx,
        "approve",
        repair,
        as_json=as_json,
        by=by,
        is_confirmed=lambda dossier: yes or _confirm(dossier),
    )


def _confirm(evidence: "Dossier") -> bool:
    """Shows what the rules have found, and asks; without a terminal the answer is no."""
    import sys

    from healer.render.clean import printable
    from healer.repair.view import list_objections

    findings = list_objections(evidence.last_candidate)
    for finding in findings:
        click.echo(f"a rule says reject: {printable(finding)}", err=True)
    if not findings:
        return True
    if not sys.stdin.isatty():
        click.echo("healer: there is no terminal to ask on; --yes approves it", err=True)
        return False
    return click.confirm("approve it all the same?", err=True)
