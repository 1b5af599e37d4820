"""File locks, which the kernel drops however a process ends: who lives, and who merges.

Belongs here: the locks. Does not belong here: what is done under them.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path


def _lock_path(folder: Path, executor: str) -> Path:
    return folder / "locks" / f"{executor}.lock"


def hold(folder: Path, executor: str) -> int | None:
    """A locked file descriptor, or None when another process has it."""
    path = _lock_path(folder, executor)
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def alive(folder: Path, executor: str) -> bool:
    """Whether a process of this machine runs under this executor id."""
    if not _lock_path(folder, executor).exists():
        return False
    descriptor = hold(folder, executor)
    if descriptor is None:
        return True
    os.close(descriptor)
    return False


@contextmanager
def merging(folder: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """One merge at a time for each repository, over all threads and processes of this machine.

    A fix that is checked again because the branch has moved is then not overtaken by the next one.
    `waiting` is called where another merge has to be waited for. Not to be nested.
    """
    path = folder / "locks" / "merge.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
