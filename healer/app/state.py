"""Where a repository's configuration and state are: what every command needs, and nothing heavy.

Belongs here: finding and opening them. Does not belong here: the services of a repair (`build`),
or what is in them.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from healer.config import Config, ConfigError, load
from healer.engine.schema import schema_of
from healer.ledger.store import Ledger
from healer.support.atomic_file import close_folder
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.postgres import mask
from quarantine.repository import Repository


def read_configuration(repository: Repository) -> Config:
    """healer.toml of the working tree; of the newest commit where there is none (bare). Where it
    names a variable for `state`, that is read. Raises ConfigError."""
    config = _read_file(repository)
    if not config.state_env:
        return config
    state = os.environ.get(config.state_env, "").strip()
    if not state:
        raise ConfigError(
            f'state_env = "{config.state_env}": this variable is not set; '
            "give it the postgresql:// URL, or remove the key"
        )
    return config.model_copy(update={"state": state})


def _read_file(repository: Repository) -> Config:
    root = repository.root
    if root is None:
        return load(repository.tree("HEAD").read)

    def read(name: str) -> bytes | None:
        path = root / name
        return path.read_bytes() if path.is_file() else None

    return load(read)


def make_state_dir(repository: Repository) -> Path:
    """The folder of healer's own state in the git folder, made where it is missing, 0700."""
    state_dir = repository.state_dir
    close_folder(state_dir)
    return state_dir


def open_ledger(
    repository: Repository, config: Config, *, makes: bool = True, clock: Clock = SYSTEM_CLOCK
) -> Ledger:
    """The ledger that this repository's repairs are written to. Without `makes` no table is made
    in a shared database."""
    state_dir = make_state_dir(repository)
    if config.state == "sqlite":
        return Ledger.in_folder(state_dir, clock)
    url, schema = database_url(config.state), schema_of(config.state, state_dir)
    return Ledger(url, schema, makes=makes, clock=clock)


@contextmanager
def open_ledger_of(start: Path) -> Iterator[Ledger]:
    """The ledger of the repository that holds `start`, for commands that only look: in a shared
    database they make nothing, and what is not there yet is empty."""
    repository = Repository.open(start)
    with open_ledger(repository, read_configuration(repository), makes=False) as ledger:
        yield ledger


def database_url(state: str) -> str:
    """A postgresql:// URL as SQLAlchemy wants it. Raises ConfigError for another scheme."""
    scheme, separator, rest = state.partition("://")
    if not separator or scheme not in ("postgresql", "postgres"):
        raise ConfigError(f'state = "{mask(state)}": must be "sqlite" or a postgresql:// URL')
    try:
        _ = urlsplit(state).port
    except ValueError as error:
        raise ConfigError(
            f'state = "{mask(state)}": host and port cannot be read; '
            "percent-encode : @ / # ? in the password"
        ) from error
    return f"postgresql+psycopg://{rest}"
