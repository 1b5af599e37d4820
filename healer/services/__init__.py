"""The real parts that a repair works with, handed over once when the workflow engine starts.

Belongs here: the bundle and its one slot. DBOS calls workflow functions by name after a crash,
so they cannot be closures: they find their parts here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from healer.config import Config
from healer.facts.draft import Drafter, Reviewer
from healer.facts.repair import Request, Said
from healer.failure import Fact
from healer.ledger.store import Ledger
from healer.notify.notifier import Notifier
from healer.redact import Redactor
from healer.services.runner import Runs
from healer.watch.incidents import Incidents
from quarantine.repository import Repository


class Progress(Fact):
    """Something a watcher may show; never part of a decision."""

    repair: str
    step: str
    state: str
    """`running`, `pass`, `fail`, `unjudged`, `skipped`, or `note`."""
    detail: str = ""
    seconds: float = 0.0
    fingerprint: str = ""
    """Of the failure that it is about; empty where none is known."""
    cost_usd: float = 0.0


def _silent(_: Progress) -> None:
    return None


def _none(_: str) -> tuple[Mapping[str, Any], ...]:
    return ()


def _nothing(*_: str) -> Said:
    return Said()


def _nobody(_: Request) -> Reviewer | None:
    return None


@dataclass(frozen=True)
class Parts:
    """Everything outside the pure modules that a repair touches."""

    repository: Repository
    config: Config
    runs: Runs
    ledger: Ledger
    notifier: Notifier
    incidents: Incidents
    redactor: Redactor
    drafters: Callable[[Request], Sequence[Drafter]]
    good_runs: Callable[[str], Sequence[Mapping[str, Any]]] = field(default=_none)
    """The recorded good runs of a script (`healer.watch.runner.run_log.good`)."""
    reviewer: Callable[[Request], Reviewer | None] = field(default=_nobody)
    wording: Callable[[str, str, str], Said] = field(default=_nothing)
    """What a model adds to a repair's patterns, given them and what was repaired lately."""
    progress: Callable[[Progress], None] = field(default=_silent)


_slot: list[Parts] = []


def use(parts: Parts) -> None:
    """From now on, steps work with these parts."""
    _slot[:] = [parts]


def parts() -> Parts:
    """The parts in use. Raises LookupError before `use`."""
    if not _slot:
        raise LookupError("the workflow engine was started without its parts")
    return _slot[0]
