"""What the pages need of the rest of healer: one small Protocol and its facts.

Belongs here: the need. Does not belong here: how it is met (`healer.app`), or how it is shown.
"""

from typing import Protocol

from pydantic import AwareDatetime

from healer.failure import Fact
from healer.render.repair_view import RepairView


class RefusedError(Exception):
    """What was asked cannot be done; the message is one sentence with the next step."""


class LedgerLine(Fact):
    """One decision, as the ledger has it."""

    at: AwareDatetime
    repair: str
    script: str
    what: str
    """One sentence."""
    cost_usd: float = 0.0


class CostRow(Fact):
    """What one day cost, for one script, model and outcome."""

    day: str
    """`2026-11-20`, UTC."""
    script: str
    drafter: str
    """`rules`, or the model's name."""
    outcome: str
    repairs: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0


class Repairs(Protocol):
    """Repairs of one repository. Called from several threads; each call ends within a second.

    Who decides is the person whose account serves the page.
    """

    def all(self) -> tuple[RepairView, ...]:
        """Newest first; everything that runs or waits, and of the ended at least the newest 100."""

    def version(self) -> str:
        """Changes whenever anything does that a page shows; asked every second by each page."""

    def get(self, repair: str) -> RepairView | None:
        """One repair by its id."""

    def approve(self, repair: str, *, overrule: bool) -> None:
        """Has the waiting repair checked again and merged; it shows in its state how that goes.

        `overrule` is needed where it has something in `against`. Raises RefusedError.
        """

    def answer(self, repair: str, choice: str, value: str) -> None:
        """Has the answer to the repair's question kept as a test, and the fix that agrees with it
        checked again and merged. `choice` is a number from 1, or `none`, then with `value` where
        the person knows the right one. Raises RefusedError."""

    def reject(self, repair: str, reason: str) -> None:
        """Ends the waiting repair and keeps the reason. Raises RefusedError."""

    def submit(self, script: str, args: tuple[str, ...] | None) -> str:
        """Starts a repair of a script, or finds the open one; its id. Raises RefusedError.

        With `args` the script is run with them; None takes its newest recorded failure, and
        failing that its own checks.
        """

    def ledger(self, limit: int) -> tuple[LedgerLine, ...]:
        """Decisions, newest first."""

    def costs(self) -> tuple[CostRow, ...]:
        """What was spent, oldest day first."""
