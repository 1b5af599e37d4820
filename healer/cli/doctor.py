"""`healer doctor`: what a repair needs, one line each."""

import click

from healer.cli import repo_option, start_folder

_MARKS = {"pass": "✓", "note": "·", "fail": "✗"}


@click.command()
@click.option(
    "--suite",
    "with_suite",
    is_flag=True,
    help="Run the tests on this machine, too, and compare with the sandbox's run.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def doctor(ctx: click.Context, with_suite: bool, as_json: bool) -> int:
    """Check git, trust, Docker Engine, image, isolation, models, mail, key, daemon and disks."""
    from healer.app.doctor import diagnose
    from healer.cli.output import print_json

    diagnoses = diagnose(start_folder(ctx), with_suite=with_suite)
    if as_json:
        lines = [*diagnoses]
        is_fine = all(line.status != "fail" for line in lines)
        print_json({"ok": is_fine, "checks": [line.model_dump(mode="json") for line in lines]})
        return 0 if is_fine else 3
    is_fine = True
    for line in diagnoses:  # each as soon as it is known: what is at the end takes a while
        is_fine = is_fine and line.status != "fail"
        click.echo(f"{_MARKS[line.status]} {line.name:<10} {line.detail}")
        if line.next_step:
            click.echo(f"  {'':<10} next: {line.next_step}")
    return 0 if is_fine else 3
