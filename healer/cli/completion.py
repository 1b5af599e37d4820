"""Completion of repair ids on the shell's TAB key: bash, zsh and fish.

    eval "$(_HEALER_COMPLETE=bash_source healer)"      # zsh_source, fish_source | source

Belongs here: which ids are offered. Does not belong here: the shells' side, which is click's.
"""

from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from healer.ledger.glance import RepairGlance


class IncidentId(click.ParamType[str]):
    """The beginning of an incident's id, or of its repair's or failure's; TAB offers the first."""

    name = "incident"

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Those that are not over, each with its script. Never an error."""
        del param
        from healer.app.incidents import open_incidents
        from healer.cli import start_folder

        try:
            with open_incidents(start_folder(ctx)) as store:
                rows = store.list_all()
        except Exception:  # no repository, no right to read: nothing to offer
            return []
        return [
            CompletionItem(each.fingerprint, help=f"{each.script} ({each.state})")
            for each in rows
            if each.fingerprint.startswith(incomplete) and not each.is_over
        ]


class RepairId(click.ParamType[str]):
    """The beginning of a repair's id; TAB offers those that the command can be given."""

    name = "repair"

    def __init__(self, *outcomes: str) -> None:
        """Only repairs with these outcomes are offered; without any, all of them."""
        self._outcomes = outcomes

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """The ids that begin so, newest first, each with its script. Never an error: a key press
        has no place to show one."""
        del param
        from healer.app.status import find_repairs
        from healer.cli import start_folder

        try:
            rows = find_repairs(start_folder(ctx), incomplete)
        except Exception:  # no repository, no right to read: nothing to offer
            return []
        return [self._item(row) for row in reversed(rows) if self._offers(row)]

    def _offers(self, row: "RepairGlance") -> bool:
        return not self._outcomes or row.outcome in self._outcomes

    @staticmethod
    def _item(row: "RepairGlance") -> CompletionItem:
        return CompletionItem(row.id, help=f"{row.script} ({row.outcome or row.state})")
