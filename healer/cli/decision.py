"""What `approve`, `reject` and `rollback` have in common: show the steps, print what came of it."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import click

from healer.cli import start_folder

if TYPE_CHECKING:
    from healer.facts.repair import Dossier


by_option = click.option(
    "--by", default="", metavar="WHO", help="Who decides, where it is not you (kept in the ledger)."
)


def carry_out(
    ctx: click.Context,
    action: Literal["approve", "reject", "rollback"],
    repair: str,
    *,
    as_json: bool,
    why: str = "",
    by: str = "",
    is_confirmed: "Callable[[Dossier], bool] | None" = None,
) -> int:
    """Carries a decision out on the repair whose id begins with `repair`; gives the exit code."""
    from healer.app.commands import decide
    from healer.cli.live import Live
    from healer.cli.output import print_decision

    with Live(quiet=as_json) as live:
        result = decide(
            start_folder(ctx), action, repair, live.show, why=why, by=by, is_confirmed=is_confirmed
        )
    return print_decision(result, as_json=as_json)
