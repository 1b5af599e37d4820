"""An open repair that a command goes on with, and what that command asks.

Belongs here: what of the new wish the repair does not keep, since it was begun with another. Does
not belong here: which repair is the same (`request`), and running it (`run`).

It goes on as it was begun: its steps and what they cost are kept, and a model is not paid twice. So
what the new command would have otherwise is said in a sentence; but where it allows less, nothing
is done that it does not allow.
"""

import shlex

from healer.facts.errors import UsageError
from healer.facts.progress import Progress
from healer.facts.repair import Request
from healer.ledger.rows import RepairRow
from healer.services import Services


def go_on_as_begun(row: RepairRow, wish: Request, services: Services) -> None:
    """Says how an open repair goes on otherwise than is asked now. Raises UsageError where it may
    do more than that allows."""
    earlier = row.request
    if earlier is None or row.id == wish.repair or row.state != "open":
        return
    if limit := list_stricter(row, wish, services):
        raise UsageError(
            f"repair {row.id} of this failure was begun without {' and '.join(limit)}, and the "
            "daemon or another command may go on with it; let it end first "
            f"({_name_command(earlier)}), or keep it from merging: healer pause {wish.script}"
        )
    if _list_options(earlier) != _list_options(wish):
        words = " ".join(_list_options(earlier)) or "no options"
        detail = (
            f"repair {row.id} was begun with {words} and goes on so; what is typed now is for a "
            "new one"
        )
        services.progress(Progress(repair=row.id, step="start", state="note", detail=detail))


def list_stricter(row: RepairRow, wish: Request, services: Services) -> list[str]:
    """The options by which a new command allows less than the open repair may do."""
    earlier, usual_usd = row.request, services.config.model.budget_usd_per_repair
    options: list[str] = []
    if earlier is None or row.id == wish.repair or row.state != "open":
        return options
    if earlier.merge and not wish.merge:
        options.append("--no-merge")
    if wish.drafter == "rules" and earlier.drafter != "rules":
        options.append("--drafter rules")
    earlier_usd = usual_usd if earlier.budget_usd is None else earlier.budget_usd
    if wish.budget_usd is not None and wish.budget_usd < earlier_usd:
        options.append(f"--budget {wish.budget_usd:g}")
    return options


def _list_options(request: Request) -> list[str]:
    """As they are typed; how many attempts there are is not known to have been typed."""
    options = [] if request.drafter == "auto" else [f"--drafter {request.drafter}"]
    options += [] if request.merge else ["--no-merge"]
    options += ["--pr"] if request.pull_request else []
    options += [] if request.budget_usd is None else [f"--budget {request.budget_usd:g}"]
    return [*options, f"--attempts {request.attempts}"]


def _name_command(request: Request) -> str:
    """What goes on with it."""
    options = " ".join(_list_options(request))
    which = f" --failure {request.failure.id}" if request.failure else ""
    end = f" -- {shlex.join(request.command[2:])}".rstrip() if request.command else ""
    return f"healer fix {request.script}{which} {options}{end}"
