"""Which rows of a shared PostgreSQL are this clone's: those of its repository, or its own.

Belongs here: a repository's identity, and moving in what an earlier healer kept elsewhere. Does not
belong here: the tables (`healer.support`), and what is done with them.

Clones of one remote are one repository where each also pushes what it merges: only then is what one
has done there for the others. A clone that keeps its merges to itself has its rows to itself, too.
"""

import socket
import sqlite3
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from healer.config import Config
from healer.ledger import chain
from healer.ledger.tables import open_shared_engine
from healer.support.clone_name import name_clone
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables, has_schema, prepare_schema
from healer.support.tables import Statements
from quarantine.remote import canonical_url, remote_url, upstream_of
from quarantine.repository import Repository

_INCIDENTS = ("incident", "incident_event", "incident_failure")
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
        _move_ledger(self)
        _move_incidents(self, state_dir / "incidents.sqlite")


def find_shared_state(repository: Repository, config: Config, state_dir: Path) -> SharedState:
    """Of a clone whose `state` is a postgresql:// URL."""
    upstream = upstream_of(repository, config.target) if config.push else None
    remote = remote_url(repository, upstream.remote) if upstream else ""
    clone, host = name_clone(state_dir), socket.gethostname()
    name = canonical_url(remote, host) if remote else f"clone {clone}"
    scope = Scope(config.fleet.tenant, name)
    return SharedState(config.state, scope, clone, host, is_fleet=bool(remote))


def _move_ledger(database: SharedState) -> None:
    """From the schema that an earlier healer gave each clone, whose tables stay under other names.
    The steps are numbered anew, and linked behind those that are there."""
    engine = open_shared_engine(
        f"postgresql+psycopg://{database.url.partition('://')[2]}", database.scope
    )
    old = f"{database.clone}.healer_repairs"
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        connection = stack.enter_context(engine.begin())
        if connection.exec_driver_sql("SELECT to_regclass(%s)", (old,)).scalar() is None:
            return
        has_chain = chain.hold(connection)
        _copy_table(connection, database.clone, "healer_repairs", "id")
        if database.is_fleet:
            change = "UPDATE healer_repairs SET holder = %s WHERE holder = ''"
            connection.exec_driver_sql(change, (database.clone,))
        for step in _copy_table(connection, database.clone, "healer_steps", "number"):
            if has_chain:  # else it begins with all that are there
                chain.link(connection, step)


def _copy_table(connection: sa.Connection, schema: str, table: str, key: str) -> list[Any]:
    """Copies what is not there yet, in its order; gives the new rows' keys."""
    run = connection.exec_driver_sql
    names = run(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = %s AND table_name = %s ORDER BY ordinal_position",
        (schema, table),
    ).scalars()
    columns = ", ".join(name for name in names if name not in _OWN_NUMBERS)
    order = "created_at" if table == "healer_repairs" else "number"
    rows = run(
        f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {schema}.{table}"  # noqa: S608 - names of ours
        f" ORDER BY {order} ON CONFLICT DO NOTHING RETURNING {key}"
    ).scalars()
    keys = sorted(rows)
    run(f"ALTER TABLE {schema}.{table} RENAME TO {table}_moved")
    return keys


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


def _copy_rows(old: sqlite3.Connection, table: str, new: Statements) -> None:
    names = [str(row[1]) for row in old.execute(f"PRAGMA table_info({table})")]
    columns = ", ".join(name for name in names if name not in _OWN_NUMBERS)
    if not columns:
        return
    marks = ", ".join("?" * (columns.count(",") + 1))
    statement = f"INSERT INTO {table} ({columns}) VALUES ({marks}) ON CONFLICT DO NOTHING"  # noqa: S608 - names of ours
    for row in old.execute(f"SELECT {columns} FROM {table} ORDER BY rowid"):  # noqa: S608 - names of ours
        new.execute(statement, row)
