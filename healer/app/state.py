"""Where a repository's state is: what every command needs, and nothing heavy.

Belongs here: finding and opening it. Does not belong here: the services of a repair (`build`),
or what is in them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from healer.app.configuration import read_configuration
from healer.app.trust import require_trusted_state
from healer.config import Config, ConfigError
from healer.engine.schema import schema_of
from healer.ledger.store import Ledger
from healer.support.atomic_file import close_folder
from healer.support.clock import SYSTEM_CLOCK, Clock
from healer.support.postgres import mask
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
    state_dir = make_state_dir(repository)
    if config.state == "sqlite":
        return Ledger.in_folder(state_dir, clock)
    require_trusted_state(repository, config)
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
