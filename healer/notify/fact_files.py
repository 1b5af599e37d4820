"""Facts as files: written whole and durable, or not at all; read as a fact, or as nothing.

Belongs here: the one way in which this package touches the disk, and what is asked of any place
that keeps its facts (the other one is `fact_tables`). Does not belong here: what the facts mean
(`outbox`, `store`).
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol, TypeVar

from pydantic import BaseModel, ValidationError

from healer.support.atomic_file import (
    HALF_WRITTEN,
    make_private_file,
    make_private_folder,
    write_atomically,
)

Model = TypeVar("Model", bound=BaseModel)
LOCK_WAIT_S = 30.0
"""How long a command waits for another sender: it is as a rule a few mails, not a storm."""
_HALF_KEPT_S = 86_400.0
_ANY = "*.json"
_JOURNAL = "journal"


class NotificationError(Exception):
    """A person could not be told. The message is one sentence with the next step."""


def write_fact(path: Path, fact: BaseModel) -> None:
    """Writes `fact` as JSON: complete and on the disk when this returns, else nothing changed.

    The file is readable by its owner only. Raises `NotificationError` when the disk refuses.
    """
    try:
        write_atomically(path, fact.model_dump_json().encode())
    except OSError as error:
        raise NotificationError(
            f"cannot store {path}: {error.strerror}; make room or fix its permissions"
        ) from error


def read_fact(path: Path, model: type[Model]) -> Model | None:
    """The fact in `path`; None when there is none, or what is there is not one."""
    try:
        return model.model_validate_json(path.read_bytes())
    except (OSError, ValidationError):
        return None


def remove(path: Path) -> None:
    """Removes the file, if it is there."""
    path.unlink(missing_ok=True)


class FactStore(Protocol):
    """Facts by folder and name; what one process has written, every other one reads."""

    @property
    def own(self) -> "FactFiles":
        """What concerns this machine alone."""

    def read(self, folder: str, name: str, model: type[Model]) -> Model | None:
        """The fact of this name; None when there is none, or what is there is not one."""

    def read_all(self, folder: str, model: type[Model]) -> Iterator[tuple[str, Model | None]]:
        """Every name in a folder with its fact, or None for what is not one."""

    def count(self, folder: str) -> int:
        """How many there are, facts or not."""

    def has(self, name: str, *folders: str) -> bool:
        """Whether one of the folders holds this name."""

    def find_used(self, *folders: str) -> frozenset[str]:
        """Which of the folders hold anything."""

    def write(self, folder: str, name: str, fact: BaseModel) -> None:
        """Keeps a fact in place of the one before; on return it survives a power cut."""

    def remove(self, folder: str, name: str) -> None:
        """Removes it, if it is there."""

    def move(self, folder: str, name: str, target: str, fact: BaseModel) -> None:
        """Removes it from `folder`, with `fact` in `target` instead: the latter never later."""

    def claim(self, folder: str, name: str, model: type[Model]) -> Model | None:
        """The fact as it is now, for the caller alone to work on until it is written, moved or
        released, or the caller died; None where another one has it, or it is gone."""

    def release(self, folder: str, name: str) -> None:
        """Ends a claim that changed nothing."""

    def alone(
        self, apply: Callable[[Model], None], model: type[Model]
    ) -> AbstractContextManager[None]:
        """Nobody else is in such a block; a change that a crash cut short is applied first."""

    def commit(self, change: Model, apply: Callable[[Model], None]) -> None:
        """Has `apply` write the change, whole or not at all; inside `alone`."""

    def alone_as_sender(self, *, waits: bool) -> AbstractContextManager[bool]:
        """Whether nobody else sends meanwhile, where that must be; `waits` for another's end."""

    def tidy(self, folder: str, model: type[BaseModel], aside: str) -> None:
        """Sets what is no fact aside in the folder `aside`, and drops what a kill left."""


class FactFiles:
    """Those of one machine: a file for each fact, a folder for each folder."""

    def __init__(self, mail_dir: Path) -> None:
        self._mail_dir = mail_dir

    @property
    def own(self) -> "FactFiles":
        """All of it does."""
        return self

    def read(self, folder: str, name: str, model: type[Model]) -> Model | None:
        """Of one file."""
        return read_fact(self._path(folder, name), model)

    def read_all(self, folder: str, model: type[Model]) -> Iterator[tuple[str, Model | None]]:
        """Of all files that are there; one that goes meanwhile is no fact."""
        for path in (self._mail_dir / folder).glob(_ANY):
            yield path.stem, read_fact(path, model)

    def count(self, folder: str) -> int:
        """Reads names only."""
        return sum(1 for _ in (self._mail_dir / folder).glob(_ANY))

    def has(self, name: str, *folders: str) -> bool:
        """Looks at names only."""
        return any(self._path(folder, name).exists() for folder in folders)

    def find_used(self, *folders: str) -> frozenset[str]:
        """Looks at names only."""
        return frozenset(each for each in folders if any((self._mail_dir / each).glob(_ANY)))

    def write(self, folder: str, name: str, fact: BaseModel) -> None:
        """Raises `NotificationError` when the disk refuses."""
        write_fact(self._path(folder, name), fact)

    def remove(self, folder: str, name: str) -> None:
        """Unlinks the file."""
        remove(self._path(folder, name))

    def move(self, folder: str, name: str, target: str, fact: BaseModel) -> None:
        """The new file first: a crash between the two leaves both."""
        write_fact(self._path(target, name), fact)
        remove(self._path(folder, name))

    def claim(self, folder: str, name: str, model: type[Model]) -> Model | None:
        """Whoever is `alone_as_sender` has all."""
        return self.read(folder, name, model)

    def release(self, folder: str, name: str) -> None:
        """Nothing was written for the claim."""

    @contextmanager
    def alone(self, apply: Callable[[Model], None], model: type[Model]) -> Iterator[None]:
        """By a lock that the kernel frees when its process dies. Raises `NotificationError` where
        the folder cannot be used."""
        lock = self._mail_dir / "book.lock"
        try:
            make_private_file(lock)
            handle = lock.open("a")
        except OSError as error:
            raise NotificationError(
                f"cannot use {self._mail_dir}: {error.strerror}; make room or fix its permissions"
            ) from error
        with handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            interrupted_change = self.read("", _JOURNAL, model)
            if interrupted_change is not None:
                self._apply(interrupted_change, apply)
            yield

    def commit(self, change: Model, apply: Callable[[Model], None]) -> None:
        """A journal makes several writes one. Raises `NotificationError`."""
        self.write("", _JOURNAL, change)
        self._apply(change, apply)

    def _apply(self, change: Model, apply: Callable[[Model], None]) -> None:
        apply(change)
        self.remove("", _JOURNAL)

    @contextmanager
    def alone_as_sender(self, *, waits: bool) -> Iterator[bool]:
        """One process at a time, under a lock that the kernel frees when it dies; `waits` at most
        `LOCK_WAIT_S`."""
        lock = self._mail_dir / "lock"
        make_private_file(lock)
        until = time.monotonic() + (LOCK_WAIT_S if waits else 0)
        with lock.open("a") as handle:
            while not _try_lock(handle):
                if time.monotonic() >= until:
                    yield False
                    return
                time.sleep(0.05)
            yield True

    def tidy(self, folder: str, model: type[BaseModel], aside: str) -> None:
        """A half of a day ago goes: its writer is not finishing it any more."""
        place = self._mail_dir / folder
        for path in place.glob(HALF_WRITTEN):
            with suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > _HALF_KEPT_S:
                    remove(path)
        for path in place.glob(_ANY):
            if path.exists() and read_fact(path, model) is None:
                make_private_folder(self._mail_dir / aside)
                path.replace(self._mail_dir / aside / path.name)

    def _path(self, folder: str, name: str) -> Path:
        return self._mail_dir / folder / f"{name}.json"


def _try_lock(handle: IO[str]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
