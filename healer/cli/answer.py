"""`healer answer ID [CHOICE]`: answers the one question that a repair waits for.

Belongs here: options, and the question on a terminal. Does not belong here: what becomes of the
answer (`healer.repair.answer`).
"""

import sys
from typing import TYPE_CHECKING

import click

from healer.cli import repo_option, start_folder
from healer.cli.completion import RepairId
from healer.cli.decision import by_option

if TYPE_CHECKING:
    from healer.facts.question import Question


@click.command()
@click.argument("repair", type=RepairId("review"))
@click.argument("choice", required=False, default="")
@click.option("--value", default="", metavar="LITERAL", help="What it gives, where none is right.")
@by_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def answer(ctx: click.Context, repair: str, choice: str, value: str, by: str, as_json: bool) -> int:
    """Answer the question that REPAIR waits for.

    Without CHOICE the question and its choices are printed; on a terminal, asked. CHOICE is a
    number, or none. The answer becomes a test of yours on the target branch, and the fix that
    agrees with it is checked again and merges by itself if that is strong evidence.
    """
    from healer.app import commands
    from healer.app.state import open_ledger_of
    from healer.cli.live import Live
    from healer.cli.output import print_decision, print_json
    from healer.repair.lookup import find_row
    from healer.repair.question import choose_outcome
    from healer.repair.refusals import require_question

    if not choice and not value:
        with open_ledger_of(start_folder(ctx)) as ledger:
            question = require_question(ledger, find_row(ledger, repair))
        if as_json:
            print_json(
                {
                    "question": question.sentence,
                    "call": question.call,
                    "choices": [each.outcome for each in question.choices],
                }
            )
            return 1
        _print(question)
        if not sys.stdin.isatty():
            click.echo(f"next: healer answer {repair} NUMBER", err=True)
            return 1
        choice = click.prompt("your answer (a number, or none)", err=True)
        if choice.strip().casefold() == "none":
            value = click.prompt(
                "the right value, as Python writes it (empty: leave it)", default="", err=True,
                show_default=False,
            )  # fmt: skip
    with Live(quiet=as_json) as live:
        result = commands.answer(
            start_folder(ctx),
            repair,
            live.show,
            lambda question: choose_outcome(question, choice, value),
            by=by,
        )
    return print_decision(result, as_json=as_json)


def _print(question: "Question") -> None:
    from healer.render.clean import printable

    print(printable(question.sentence))
    for number, each in enumerate(question.choices, 1):
        print(printable(f"  {number}  {each.outcome}"))
    print("  none of these: none, with --value and the right one")
