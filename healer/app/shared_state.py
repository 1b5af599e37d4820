"""Which rows of a shared PostgreSQL are this clone's: those of its repository, or its own.

Belongs here: a repository's identity, and moving in what an earlier healer kept elsewhere. Does not
belong here: the tables (`healer.support`), and what is done with them.

Clones of one remote are one repository where each also pushes what it merges: only then is what one
has done there for the others. A clone that keeps its merges to itself has its rows to itself, too.
"""

import secrets
import socket
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from healer.config import Config
from healer.ledger.earlier_schema import move_ledger
from healer.notify.fact_files import FactFiles
from healer.notify.outbox import Outbox
from healer.notify.settings import MailSettings
from healer.notify.store import NotificationStore
from healer.support.clone_name import name_clone
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables, has_schema, prepare_schema
from healer.support.tables import Statements
from quarantine.remote import canonical_url, remote_url, upstream_of, without_password
from quarantine.repository import Repository

_INCIDENTS = ("incident", "incident_event", "incident_failure")
_MAIL_FOLDERS = ("queue", "sent", "failed", "threads", "held", "digest")
_OWN_NUMBERS = ("number", "rowid")


@dataclass(frozen=True)
class SharedState:
    """Where a clone's state lies in a shared PostgreSQL."""

    url: str
    """libpq's, with the password."""
    scope: Scope
    clone: str
    host: str
    is_fleet: bool
    """Other clones of the same remote have the same rows."""
    remote: str = ""
    """Where the remote is, without a password; empty where it is no fleet."""

    @property
    def is_there(self) -> bool:
        """Whether the tables are there."""
        return has_schema(self.url)

    def open_tables(self) -> SharedTables:
        """A connection of its own; a with-block."""
        return SharedTables(self.url, self.scope)

    def prepare(self, state_dir: Path) -> None:
        """Makes the tables where they are missing, and moves in what this clone kept elsewhere."""
        prepare_schema(self.url)
        holder = self.clone if self.is_fleet else ""
        move_ledger(self.url, self.scope, self.clone, holder)
        _move_incidents(self, state_dir / "incidents.sqlite")
        _move_mails(self, state_dir / "mail")


def find_shared_state(repository: Repository, config: Config, state_dir: Path) -> SharedState:
    """Of a clone whose `state` is a postgresql:// URL."""
    upstream = upstream_of(repository, config.target) if config.push else None
    remote = remote_url(repository, upstream.remote) if upstream else ""
    clone, host = name_clone(state_dir), socket.gethostname()
    name = canonical_url(remote, host) if remote else f"clone {clone}"
    scope = Scope(config.fleet.tenant, name)
    return SharedState(
        config.state, scope, clone, host, is_fleet=bool(remote), remote=without_password(remote)
    )


def _move_incidents(database: SharedState, file: Path) -> None:
    """From the clone's own file, which stays under another name. An incident that another clone
    has brought already stays as it is there."""
    if not file.exists():
        return
    with (
        closing(sqlite3.connect(file)) as old,
        database.open_tables() as tables,
        tables.transaction() as new,
    ):
        for table in _INCIDENTS:
            _copy_rows(old, table, new)
    file.rename(file.with_name(file.name + ".moved"))


def _move_mails(database: SharedState, mail_dir: Path) -> None:
    """From the clone's own files: what waits, and what was told. What another clone has told of the
    same incident meanwhile stays as it is there."""
    folders = [each for each in _MAIL_FOLDERS if (mail_dir / each).is_dir()]
    if not folders:
        return
    files = FactFiles(mail_dir)
    with (
        NotificationStore(files, Outbox(files, MailSettings())).lock(),  # nothing is half applied
        database.open_tables() as tables,
        tables.transaction() as new,
    ):
        for path in (path for each in folders for path in (mail_dir / each).glob("*.json")):
            new.execute(
                "INSERT INTO mail_fact (folder, name, body) VALUES (?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (path.parent.name, path.stem, path.read_text("utf-8", "replace").replace("\0", "")),
            )
    for each in folders:
        (mail_dir / each).replace(mail_dir / f"{each}.moved-{secrets.token_hex(4)}")


def _copy_rows(old: sqlite3.Connection, table: str, new: Statements) -> None:
    names = [str(row[1]) for row in old.execute(f"PRAGMA table_info({table})")]
    columns = ", ".join(name for name in names if name not in _OWN_NUMBERS)
    if not columns:
        return
    marks = ", ".join("?" * (columns.count(",") + 1))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours
    for row in old.execute(f"SELECT {columns} FROM {table} ORDER BY rowid"):  # noqa: S608 - names of ours
        new.execute(statement, row)
