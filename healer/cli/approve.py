"""`healer approve ID`: merges a waiting fix after checking it again."""

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId


@click.command()
@click.argument("repair", type=RepairId("review", "escalated"))
@click.option("--yes", is_flag=True, help="Do not ask, even where a rule said reject.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def approve(ctx: click.Context, repair: str, yes: bool, as_json: bool) -> int:
    """Merge a waiting REPAIR after checking it again on today's tip."""
    import sys

    from healer.cli.live import Live
    from healer.cli.output import print_decided
    from healer.wiring import decide
    from healer.workflow.decide import against

    def confirmed(findings: tuple[str, ...]) -> bool:
        for finding in findings:
            click.echo(f"a rule says reject: {finding}", err=True)
        if yes or not findings:
            return True
        return sys.stdin.isatty() and click.confirm("approve it all the same?", err=True)

    with Live(quiet=as_json) as live:
        decided = decide(
            start_folder(ctx),
            "approve",
            repair,
            live.show,
            allowed=lambda evidence: confirmed(against(evidence)),
        )
    return print_decided(decided, as_json=as_json)
