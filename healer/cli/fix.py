"""`healer fix SCRIPT`: repairs one script now.

Belongs here: its options, and what it prints. Does not belong here: what is a sound request
(`healer.app.fix_request`), or the repair (`healer.repair`).
"""

import sys
from pathlib import Path
from typing import Literal

import click

from healer.cli import FiniteRange, repo_option, start_folder


@click.command()
@click.argument("script")
@click.argument("args", nargs=-1, type=click.UNPROCESSED)
@click.option("--failure", "failure_id", metavar="ID", help="Repair this recorded failure.")
@click.option("--no-merge", is_flag=True, help="Leave the checked fix on its quarantine branch.")
@click.option("--pr", "pull_request", is_flag=True, help="Offer the fix as a pull request.")
@click.option("--dry-run", is_flag=True, help="Write nothing to the repository.")
@click.option("--drafter", type=click.Choice(["auto", "rules", "model"]), default="auto")
@click.option("--attempts", type=click.IntRange(1, 20), help="Rounds of drafting.")
@click.option("--budget", type=FiniteRange(min=0), metavar="USD", help="For this repair.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def fix(
    ctx: click.Context,
    script: str,
    args: tuple[str, ...],
    failure_id: str | None,
    no_merge: bool,
    pull_request: bool,
    dry_run: bool,
    drafter: Literal["auto", "rules", "model"],
    attempts: int | None,
    budget: float | None,
    as_json: bool,
) -> int:
    """Repair SCRIPT now.

    With ARGS (after --) it is run with them in the sandbox, from the repository's root. With
    --failure a recorded failure is taken; with neither, the newest recorded failure of SCRIPT,
    and failing that the script's own checks.
    """
    from healer.app import commands
    from healer.app.fix_request import FixOptions
    from healer.cli.live import Live
    from healer.cli.output import print_result
    from healer.repair.run import run_repair

    if pull_request and (no_merge or dry_run):
        other = "--dry-run" if dry_run else "--no-merge"
        raise click.UsageError(f"--pr and {other} exclude each other; give one.", ctx)
    options = FixOptions(
        script=script,
        args=args if args or "--" in sys.argv else None,
        failure_id=failure_id,
        merge=not no_merge,
        dry_run=dry_run,
        pull_request=pull_request,
        drafter=drafter,
        attempts=attempts,
        budget_usd=budget,
    )
    start, cwd = start_folder(ctx), Path.cwd()
    with (
        Live(quiet=as_json) as live,
        commands.prepare_fix(start, cwd, options, live.show) as prepared_fix,
    ):
        result = run_repair(*prepared_fix)
    return print_result(commands.as_dry_run(result) if dry_run else result, as_json=as_json)
