"""`healer review`: what waits for a person."""

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def review(ctx: click.Context, as_json: bool) -> int:
    """List what waits for a person: questions first, then patches, oldest first."""
    if as_json:
        return _print_documents(ctx)
    from healer.app.status import find_repairs
    from healer.cli.rows import print_waiting

    waiting = [row for row in find_repairs(start_folder(ctx), "") if row.state == "waiting"]
    rows = sorted(waiting, key=lambda row: not row.question)
    if not rows:
        click.echo("nothing waits for you", err=True)
        return 0
    print_waiting(rows)
    if rows[0].question:
        click.echo(f"next: healer answer {rows[0].id}", err=True)
    approve = "healer approve ID or " if any(row.has_draft for row in rows) else ""
    click.echo(f"next: healer show ID, then {approve}healer reject ID --reason TEXT", err=True)
    return 0


def _print_documents(ctx: click.Context) -> int:
    """The whole result of each, oldest first."""
    from healer.app.state import open_ledger_of
    from healer.cli.output import print_json
    from healer.cli.rows import result_document

    with open_ledger_of(start_folder(ctx)) as ledger:
        rows = ledger.repairs("waiting")
    print_json([result_document(row) | {"created_at": row.created_at} for row in rows])
    return 0
