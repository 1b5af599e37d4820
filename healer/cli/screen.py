"""`healer show` on a terminal: the one-screen view of a repair, and with --full all evidence."""

from rich.console import Console

from healer.cli.terminal import renderable
from healer.facts.repair import Dossier
from healer.ledger.rows import Entry, RepairRow
from healer.render.clean import printable
from healer.render.repair import repair_document
from healer.repair.view import view_repair


def print_repair(
    row: RepairRow,
    evidence: Dossier | None,
    history: tuple[Entry, ...],
    *,
    full: bool,
    probation: str = "",
) -> None:
    """Everything a person needs to decide; `full` adds prompts, replies and outputs, `probation`
    says how far that of its fix is."""
    console = Console(highlight=False)
    console.print(renderable(repair_document(view_repair(row, evidence, history, probation))))
    if full and evidence:
        for line in _format_everything(evidence):
            console.out(printable(line), highlight=False)


def _format_everything(evidence: Dossier) -> list[str]:
    lines: list[str] = []
    for number, attempt in enumerate(evidence.attempts, 1):
        for exchange in attempt.exchanges:
            lines += [f"--- attempt {number}: prompt to {exchange.model}", exchange.prompt]
            lines += [f"--- attempt {number}: reply", exchange.reply, exchange.problem]
        report = attempt.report
        if report and report.command:
            lines += [f"--- attempt {number}: command, standard output", report.command.stdout]
            lines += [f"--- attempt {number}: command, standard error", report.command.stderr]
        for run in report.tests if report else ():
            lines += [f"--- attempt {number}: tests, standard output", run.ended.stdout]
    return lines
