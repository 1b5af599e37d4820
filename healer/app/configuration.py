"""A repository's healer.toml as every command reads it.

Belongs here: where it lies, and the state that a variable names. Does not belong here: what its
keys mean (`healer.config`), and what of it may act on this machine (`trust`).
"""

import os

from healer.config import Config, ConfigError, load
from quarantine.repository import Repository


def read_configuration(repository: Repository) -> Config:
    """healer.toml of the working tree; of the newest commit where there is none (bare). Where it
    names a variable for `state`, that is read. Raises ConfigError."""
    config = read_settings(repository)
    if not config.state_env:
        return config
    state = os.environ.get(config.state_env, "").strip()
    if not state:
        raise ConfigError(
            f'state_env = "{config.state_env}": this variable is not set; '
            "give it the postgresql:// URL, or remove the key"
        )
    return config.model_copy(update={"state": state})


def read_settings(repository: Repository) -> Config:
    """The same without what a variable holds: of a machine that keeps no state elsewhere."""
    root = repository.root
    if root is None:
        return load(repository.tree("HEAD").read)

    def read(name: str) -> bytes | None:
        path = root / name
        return path.read_bytes() if path.is_file() else None

    return load(read)
