"""`healer show ID`: one repair with everything that is known of it."""

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId


@click.command()
@click.argument("repair", type=RepairId())
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--full", is_flag=True, help="Also prompts, replies and whole outputs.")
@click.option("--tape", is_flag=True, help="Only what the job asked its world that night.")
@repo_option
@click.pass_context
def show(ctx: click.Context, repair: str, as_json: bool, full: bool, tape: bool) -> int:
    """Show failure, cause, diff, checks, evidence, attempts and cost of one REPAIR."""
    if tape:
        return _show_tape(ctx, repair, as_json=as_json)
    from healer.app.configuration import read_configuration
    from healer.app.state import open_ledger_of
    from healer.cli.output import print_json
    from healer.cli.rows import result_document
    from healer.cli.screen import print_repair
    from healer.repair.lookup import find_row
    from healer.repair.probation import Probation
    from quarantine.repository import Repository

    with open_ledger_of(start_folder(ctx)) as ledger:
        row = find_row(ledger, repair)
        dossier = ledger.dossier(row.id)
        history = ledger.entries(row.id)
        repository = Repository.open(start_folder(ctx))
        probation = Probation(repository, read_configuration(repository), ledger).describe(row)
    if as_json:
        steps = [entry.model_dump(mode="json") for entry in history]
        facts = {
            "state": row.state if row.state in ("open", "waiting") else "closed",
            "probation": probation,
            "evidence": dossier.model_dump(mode="json") if dossier else None,
            "steps": steps,
        }
        print_json(result_document(row) | facts)
        return 0
    print_repair(row, dossier, history, full=full, probation=probation)
    return 0


def _show_tape(ctx: click.Context, repair: str, *, as_json: bool) -> int:
    """Of a repair, or of a recorded failure that no repair began with yet."""
    from healer.app.tapes import describe_tape, open_tape
    from healer.tape.facts import to_json

    tape = open_tape(start_folder(ctx), repair)
    click.echo(to_json(tape) if as_json else "\n".join(describe_tape(tape)))
    return 0
