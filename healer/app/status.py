"""How it stands in a repository: what runs, what waits, and what is watched.

Belongs here: gathering it for `healer status` and `healer show`. Does not belong here: building the
parts of a repair (`wiring`), or printing (`healer.cli`).
"""

from pathlib import Path

from healer.app.build import configuration, open_ledger, state_folder
from healer.config import Config, ConfigError
from healer.daemon.tasks.reload import read_problem
from healer.engine.condition import DAEMON
from healer.engine.locks import is_alive
from healer.failure import Fact
from healer.ledger.store import Ledger, RepairRow
from healer.notify.notifier import Notifier, NotifierStatus
from healer.redact import Redactor
from healer.repair.probation import Probation
from healer.watch.inbox import Inbox
from quarantine.repository import Repository


class Watched(Fact):
    """A merged fix on probation."""

    repair: str
    script: str
    said: str
    """How far it is, in words."""


def probation(start: Path, ledger: Ledger, row: RepairRow) -> str:
    """How far the probation of a repair is, in words; empty for one that is not on it."""
    repository = Repository.open(start)
    return Probation(repository, configuration(repository), ledger).said(row)


class Standing(Fact):
    """What runs and waits now."""

    daemon: bool
    config_problem: str
    """What is wrong with the configuration on disk; a running daemon stays with the one before."""
    failures: int
    """Recorded, and not yet taken by a repair."""
    mails: str
    repairs: tuple[RepairRow, ...]
    watched: tuple[Watched, ...] = ()


def standing(start: Path) -> Standing:
    """How it stands in the repository that holds `start`."""
    repository = Repository.open(start)
    try:
        config, wrong = configuration(repository), ""
    except ConfigError as error:
        config, wrong = Config(), str(error)
    folder = state_folder(repository)
    ledger = open_ledger(repository, config)
    try:
        repairs = ledger.repairs("open", "waiting")
        on_probation = Probation(repository, config, ledger)
        watched = tuple(
            Watched(repair=row.id, script=row.script, said=on_probation.said(row))
            for row in on_probation.rows()
        )
    finally:
        ledger.close()
    status = Notifier(folder / "mail", config.mail, Redactor()).status()
    running = is_alive(folder, DAEMON)
    return Standing(
        daemon=running,
        config_problem=(read_problem(folder) if running else "") or wrong,
        failures=len(Inbox(folder).list_pending()),
        mails=_mails(status),
        repairs=repairs,
        watched=watched,
    )


def _mails(status: NotifierStatus) -> str:
    waiting, failed = status.outbox.waiting, status.outbox.failed
    if not waiting and not failed:
        return "none waits"
    words = [f"{waiting} wait to be sent"] + ([f"{failed} could not be sent"] if failed else [])
    return ", ".join(words) + (f" ({status.outbox.problem})" if status.outbox.problem else "")
