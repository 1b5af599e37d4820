"""Which processes of this machine live, told by file locks that the kernel drops at their end."""

import fcntl
import os
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
