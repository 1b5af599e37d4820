"""What runs, what waits and what is watched in a repository.

Belongs here: collecting it for `healer status` and `healer show`. Does not belong here: printing it
(`healer.cli`).
"""

from pathlib import Path

from healer.app.state import make_state_dir, open_ledger, read_configuration
from healer.config import Config, ConfigError
from healer.daemon.tasks.reload import read_problem
from healer.engine.condition import DAEMON
from healer.engine.locks import is_alive
from healer.failure import Fact
from healer.ledger.rows import RepairRow
from healer.ledger.store import Ledger
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


class Status(Fact):
    """What runs and waits now."""

    daemon: bool
    config_problem: str
    """What is wrong with the configuration on disk; a running daemon stays with the one before."""
    failures: int
    """Recorded, and not yet taken by a repair."""
    mails: str
    repairs: tuple[RepairRow, ...]
    watched: tuple[Watched, ...] = ()


def collect_status(start: Path) -> Status:
    """What runs and waits in the repository that holds `start`."""
    repository = Repository.open(start)
    try:
        config, problem = read_configuration(repository), ""
    except ConfigError as error:
        config, problem = Config(), str(error)
    state_dir = make_state_dir(repository)
    with open_ledger(repository, config) as ledger:
        repairs = ledger.repairs("open", "waiting")
        on_probation = _list_watched(Probation(repository, config, ledger))
    has_daemon = is_alive(state_dir, DAEMON)
    return Status(
        daemon=has_daemon,
        config_problem=(read_problem(state_dir) if has_daemon else "") or problem,
        failures=len(Inbox(state_dir).list_pending()),
        mails=_describe(Notifier(state_dir / "mail", config.mail, Redactor()).status()),
        repairs=repairs,
        watched=on_probation,
    )


def describe_probation(start: Path, ledger: Ledger, row: RepairRow) -> str:
    """How far the probation of a repair is, in words; empty for one that is not on it."""
    repository = Repository.open(start)
    return Probation(repository, read_configuration(repository), ledger).describe(row)


def _list_watched(probation: Probation) -> tuple[Watched, ...]:
    return tuple(
        Watched(repair=row.id, script=row.script, said=probation.describe(row))
        for row in probation.watched_rows()
    )


def _describe(status: NotifierStatus) -> str:
    waiting, failures = status.outbox.waiting, status.outbox.failed
    if not waiting and not failures:
        return "none waits"
    words = [f"{waiting} wait to be sent"] + ([f"{failures} could not be sent"] if failures else [])
    return ", ".join(words) + (f" ({status.outbox.problem})" if status.outbox.problem else "")
