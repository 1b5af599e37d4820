"""Where a repository's state is: what every command needs, and nothing heavy.

Belongs here: finding and opening it. Does not belong here: the services of a repair (`build`),
or what is in them.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from healer.app.configuration import read_configuration
from healer.app.shared_state import SharedState, find_shared_state
from healer.app.trust import require_trusted_state
from healer.config import Config, ConfigError
from healer.facts.errors import UsageError
from healer.ledger.store import Ledger
from healer.support.atomic_file import close_folder
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.postgres import find_mistake, mask
from healer.support.sqlite_file import SchemaStep, SqliteFile
from healer.support.tables import Tables
from quarantine.repository import Repository


def make_state_dir(repository: Repository) -> Path:
    """The folder of healer's own state in the git folder, made where it is missing, 0700."""
    state_dir = repository.state_dir
    close_folder(state_dir)
    return state_dir


def open_ledger(
    repository: Repository, config: Config, *, makes: bool = True, clock: Clock = SYSTEM_CLOCK
) -> Ledger:
    """The ledger that this repository's repairs are written to. Without `makes` no table is made
    in a shared database, and one that healer.toml has come to name without the owner's word is
    never spoken to: TrustError."""
    database = open_shared_state(repository, config, makes=makes)
    if database is None:
        return Ledger.in_folder(make_state_dir(repository), clock)
    if not makes and not database.is_there:
        return Ledger("sqlite://", clock=clock)
    holder = database.clone if database.is_fleet else ""
    url = database_url(config.state)
    return Ledger(url, database.scope, holder=holder, makes=makes, clock=clock)


def open_shared_state(
    repository: Repository, config: Config, *, makes: bool = True
) -> SharedState | None:
    """Where the state lies in a shared database, whose tables are made unless not `makes`; None for
    SQLite. Raises ConfigError for a URL that is none, and TrustError."""
    if config.state == "sqlite":
        return None
    require_trusted_state(repository, config)
    database_url(config.state)
    state_dir = make_state_dir(repository)
    database = find_shared_state(repository, config, state_dir)
    if makes:
        database.prepare(state_dir)
    return database


@contextmanager
def open_shared_tables(repository: Repository, config: Config) -> Iterator[Tables | None]:
    """The tables that machines share; None for SQLite."""
    database = open_shared_state(repository, config)
    if database is None:
        yield None
        return
    with database.open_tables() as tables:
        yield tables


@contextmanager
def open_ledger_of(start: Path) -> Iterator[Ledger]:
    """The ledger of the repository that holds `start`, for commands that only look: in a shared
    database they make nothing, and what is not there yet is empty."""
    repository = Repository.open(start)
    with open_ledger(repository, read_configuration(repository), makes=False) as ledger:
        yield ledger


@contextmanager
def open_tables_of(start: Path, schema: Sequence[SchemaStep]) -> Iterator[Tables]:
    """The shared tables of the repository that holds `start`, for commands that look or leave a
    person's word; empty ones of this `schema`, in memory, where none were made yet."""
    repository = Repository.open(start)
    database = open_shared_state(repository, read_configuration(repository), makes=False)
    is_there = database is not None and database.is_there
    with database.open_tables() if database and is_there else SqliteFile(None, schema) as tables:
        yield tables


def read_state_url(variable: str) -> str:
    """The URL of the shared PostgreSQL, for who has no healer.toml. Raises UsageError where the
    variable is not set, and ConfigError for a URL that is none."""
    url = os.environ.get(variable, "").strip()
    if not url:
        raise UsageError(f"{variable} is not set; it has to hold the URL of the shared database")
    database_url(url)
    return url


def database_url(state: str) -> str:
    """A postgresql:// URL as SQLAlchemy wants it. Raises ConfigError for another scheme."""
    if mistake := find_mistake(state):
        raise ConfigError(f'state = "{mask(state)}": {mistake}')
    return f"postgresql+psycopg://{state.partition('://')[2]}"
