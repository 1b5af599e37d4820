"""What waits for a person, once more in a file each: a ledger that is lost loses no question.

Belongs here: the files, in the state directory. Does not belong here: putting one back (`rebuild`).
A shared database has no such copies: its ledger is lost with no clone.
"""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from healer.facts.repair import Dossier
from healer.failure import Fact
from healer.ledger.rows import Entry, RepairRow
from healer.services import Services
from healer.support.atomic_file import write_atomically

FOLDER = "waiting"
_COMPUTED = {"entries": {"__all__": {"label"}}}


class WaitingCopy(Fact):
    """A waiting repair as the ledger has it."""

    row: RepairRow
    dossier: Dossier
    entries: tuple[Entry, ...] = ()


def keep_copy(repair: str, services: Services) -> None:
    """Copies a repair that waits as it stands now. A disk that refuses hinders nothing: the next
    `sync_copies` does it."""
    ledger = services.ledger
    row, dossier = ledger.repair(repair), ledger.dossier(repair)
    if services.config.state != "sqlite" or row.state != "waiting" or dossier is None:
        return
    copy = WaitingCopy(row=row, dossier=dossier, entries=ledger.entries(repair))
    with suppress(OSError):
        write_atomically(_path(repair, services), copy.model_dump_json(exclude=_COMPUTED).encode())


def drop_copy(repair: str, services: Services) -> None:
    """It does not wait any more."""
    _path(repair, services).unlink(missing_ok=True)


def sync_copies(services: Services) -> None:
    """Makes the copies that are missing, and removes those of what waits no more."""
    ids = {row.id for row in services.ledger.repairs("waiting")}
    kept_ids = {path.stem for path in _list_files(services.repository.state_dir)}
    for repair in ids - kept_ids:
        keep_copy(repair, services)
    for repair in kept_ids - ids:
        drop_copy(repair, services)


def read_copies(state_dir: Path) -> Iterator[WaitingCopy]:
    """All that can be read, by their ids."""
    for path in _list_files(state_dir):
        with suppress(OSError, ValidationError):
            copy = WaitingCopy.model_validate_json(path.read_bytes())
            if copy.row.id == path.stem:
                yield copy


def _path(repair: str, services: Services) -> Path:
    return services.repository.state_dir / FOLDER / f"{repair}.json"


def _list_files(state_dir: Path) -> list[Path]:
    return sorted((state_dir / FOLDER).glob("*.json"))
