"""Facts as files: written whole and durable, or not at all; read as a fact, or as nothing.

Belongs here: the one way in which this package touches the disk. Does not belong here: what the
files mean (`outbox`, `store`).
"""

from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from healer.support.atomic_file import write_atomically

Model = TypeVar("Model", bound=BaseModel)


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
