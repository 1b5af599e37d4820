"""Where a repository's configuration and state are: what every command needs, and nothing heavy.

Belongs here: finding and opening them. Does not belong here: the services of a repair (`build`),
or what is in them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from healer.config import Config, ConfigError, load
from healer.engine.schema import schema_of
from healer.ledger.store import Ledger
from healer.support.atomic_file import close_folder
from quarantine.repository import Repository


def read_configuration(repository: Repository) -> Config:
    """healer.toml of the working tree; of the newest commit where there is none (bare). Raises
    ConfigError."""
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


def open_ledger(repository: Repository, config: Config) -> Ledger:
    """The ledger that this repository's repairs are written to."""
    state_dir = make_state_dir(repository)
    if config.state == "sqlite":
        return Ledger.in_folder(state_dir)
    return Ledger(database_url(config.state), schema_of(config.state, state_dir))


@contextmanager
def open_ledger_of(start: Path) -> Iterator[Ledger]:
    """The ledger of the repository that holds `start`, for commands that only look."""
    repository = Repository.open(start)
    with open_ledger(repository, read_configuration(repository)) as ledger:
        yield ledger


def database_url(state: str) -> str:
    """A postgresql:// URL as SQLAlchemy wants it. Raises ConfigError for another scheme."""
    scheme, separator, rest = state.partition("://")
    if not separator or scheme not in ("postgresql", "postgres"):
        raise ConfigError(f'state = "{state}": must be "sqlite" or a postgresql:// URL')
    return f"postgresql+psycopg://{rest}"
