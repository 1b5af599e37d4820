"""`healer verify [REV]`: options and printing.

Does not belong here: what is held against what (`healer.app.verify`).
"""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.argument("revision", default="", metavar="[REV]")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def verify(ctx: click.Context, revision: str, as_json: bool) -> int:
    """Hold merges against their statements, their signatures and the ledger's chain.

    REV is one merged commit; without it, everything that healer merged here is looked at.

    Exit codes: 0 all holds, 1 something was changed, removed, or cannot be shown.
    """
    from healer.app.verify import verify as hold_against
    from healer.cli.output import print_json
    from healer.render.clean import printable

    result = hold_against(start_folder(ctx), revision)
    if as_json:
        print_json(result)
        return 0 if result.holds else 1
    for problem in result.problems:
        print(printable(f"{problem.where}: {problem.kind}: {problem.sentence}"))
    for note in result.notes:
        print(printable(f"note: {note}"))
    verdict = "all holds" if result.holds else f"problems: {len(result.problems)}"
    counts = f"statements: {result.statements}, signed: {result.signed}, steps: {result.steps}"
    print(f"{verdict} ({counts})")
    return 0 if result.holds else 1
