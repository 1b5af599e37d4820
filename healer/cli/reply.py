"""`healer reply < MAIL`: carries out the word of a mail that answers one of healer's.

Belongs here: standard input, and what is said. Does not belong here: reading a mail
(`healer.notify.reply`), and who may (`healer.app.remote`).
"""

import sys

import click

from healer.cli import repo_option, start_folder


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@repo_option
@click.pass_context
def reply(ctx: click.Context, as_json: bool) -> int:
    """Carry out the word of a mail, read from standard input, that answers one of healer's.

    For a mail pipe: `healer: "|healer --repo PATH reply"`. Its first line is one word: approve,
    reject: WHY, the number of a choice, ack, or snooze 2h. It has to come from an address that got
    the mail, and each mail decides once. Needs replies = true in [decide] of healer.toml.
    """
    from healer.app.remote import take_reply
    from healer.cli.live import Live
    from healer.cli.output import print_decision
    from healer.notify.reply import MOST_BYTES

    raw = sys.stdin.buffer.read(MOST_BYTES + 1)
    with Live(quiet=as_json) as live:
        result = take_reply(start_folder(ctx), raw, live.show)
    return print_decision(result, as_json=as_json)
