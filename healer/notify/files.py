"""Facts as files: written whole and durable, or not at all; read as a fact, or as nothing.

Belongs here: the one way in which this package touches the disk. Does not belong here: what the
files mean (`outbox`, `notifier`).
"""

import os
import tempfile
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

HALF = ".new-*"
"""What a write that was killed leaves behind."""
Model = TypeVar("Model", bound=BaseModel)


class EscalationError(Exception):
    """A person could not be told. The message is one sentence with the next step."""


def write_fact(path: Path, fact: BaseModel) -> None:
    """Writes `fact` as JSON: complete and on the disk when this returns, else nothing changed.

    The file is readable by its owner only. Raises `EscalationError` when the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, temporary = tempfile.mkstemp(prefix=HALF[:-1], dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(fact.model_dump_json().encode())
                stream.flush()
                os.fsync(stream.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _sync_folder(path.parent)
    except OSError as error:
        raise EscalationError(
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


def _sync_folder(folder: Path) -> None:
    """Makes the new name itself durable: a file's fsync does not cover its folder's entry."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
