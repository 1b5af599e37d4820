"""What the owner of this machine lets a repository's healer.toml do here.

Belongs here: the allowlist, which lies in the git folder and not in the repository's files, and
asking it. Does not belong here: which settings count (`healer.config.host_settings`).

What stands in healer.toml when healer is first used in a clone is trusted, as ssh trusts the first
key of a host: who sets healer up has just seen it, and is shown it once more. Whatever comes later,
by a pull or a merge, waits for `healer trust`.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from healer.app.configuration import read_configuration
from healer.config import Config, ConfigError
from healer.config.host_settings import HostSetting, list_host_settings
from healer.facts.progress import Progress
from healer.support.atomic_file import write_atomically
from quarantine.repository import Repository

FILE = "trusted.json"
_MOST_NAMED = 3
_OF_STATE = ("state", "state_env", "fleet.tenant")

Trusted = dict[str, list[str]]
"""The values that each key may have."""


class TrustError(ConfigError):
    """healer.toml asks for more than the owner of this machine has allowed."""


def read_trusted_configuration(repository: Repository) -> Config:
    """healer.toml, of which all that acts on this machine is allowed, or will be by the first use.
    Writes nothing. Raises TrustError, and ConfigError as `read_configuration`."""
    return require_trust(repository, read_configuration(repository))


def require_trust(repository: Repository, config: Config) -> Config:
    """The same of a configuration that was read otherwise. Raises TrustError."""
    new = find_refused(repository, config)
    if new:
        raise TrustError(_explain(new))
    return config


def require_trusted_state(repository: Repository, config: Config) -> None:
    """Of all settings only where the state is kept, for commands that act by no other. Raises
    TrustError."""
    new = [each for each in find_refused(repository, config) if each.key in _OF_STATE]
    if new:
        raise TrustError(_explain(new))


def trust_first_use(
    repository: Repository, config: Config, show: Callable[[Progress], object]
) -> None:
    """Allows what healer.toml says where healer begins to work in a clone for the first time, and
    tells `show`. An empty list is kept, too: it says that the first use was."""
    if _read(repository) is not None:
        return
    new = find_untrusted(repository, config)
    trust(repository, new)
    if new:
        keys = ", ".join(setting.key for setting in new)
        detail = f"first use here: allowed {keys}; `healer trust` shows what each does"
        show(Progress(repair="", step="trust", state="note", detail=detail))


def find_refused(repository: Repository, config: Config) -> list[HostSetting]:
    """Settings that came after the first use, and that nobody has allowed."""
    return find_untrusted(repository, config) if _read(repository) is not None else []


def find_untrusted(repository: Repository, config: Config) -> list[HostSetting]:
    """Settings that act on this machine and that nobody has allowed here."""
    return split_by_trust(repository, config)[1]


def split_by_trust(
    repository: Repository, config: Config
) -> tuple[list[HostSetting], list[HostSetting]]:
    """The settings that act on this machine: those that are allowed here, and the new ones."""
    allowlist = _read(repository) or {}
    old: list[HostSetting] = []
    new: list[HostSetting] = []
    for each in list_host_settings(config):
        (old if each.value in allowlist.get(each.key, ()) else new).append(each)
    return old, new


def trust(repository: Repository, settings: Sequence[HostSetting]) -> None:
    """Allows these settings, besides those that are allowed already."""
    allowlist = _read(repository) or {}
    for each in settings:
        allowlist[each.key] = [*allowlist.get(each.key, ()), each.value]
    data = json.dumps(allowlist, indent=1, sort_keys=True).encode()
    write_atomically(_path(repository), data)


def trust_own_state(repository: Repository, config: Config) -> None:
    """Allows the state of a configuration that names this machine's own, and not the file's."""
    own = [each for each in find_refused(repository, config) if each.key in _OF_STATE]
    if own:
        trust(repository, own)


def list_trusted(repository: Repository) -> Trusted:
    """What is allowed here, by key."""
    return _read(repository) or {}


def _path(repository: Repository) -> Path:
    return repository.state_dir / FILE


def _read(repository: Repository) -> Trusted | None:
    """None before the first use. Raises TrustError where the file cannot be read: what was allowed
    is then not known, and nothing is."""
    path = _path(repository)
    try:
        table = json.loads(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as error:
        raise TrustError(f"{path}: {error}; remove it, and run: healer trust") from error
    return {str(key): [str(value) for value in values] for key, values in table.items()}


def _explain(new: Sequence[HostSetting]) -> str:
    settings = "; ".join(f"{s.key} = {s.value} ({s.effect})" for s in new[:_MOST_NAMED])
    more = f"; and {len(new) - _MOST_NAMED} more" if len(new) > _MOST_NAMED else ""
    return f"healer.toml has changed what this machine does: {settings}{more}; next: healer trust"
