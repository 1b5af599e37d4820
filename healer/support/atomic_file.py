"""Writes a file whole or not at all, for its owner alone.

Belongs here: bytes that appear under their final name at once. Does not belong here: what they
mean, and files in a user's checkout (`quarantine.checkout.files` keeps their modes and owners).
Only `os` and `pathlib` are loaded: `healer run` waits for this.
"""

import os
from pathlib import Path

HALF_WRITTEN = ".new-*"
"""The glob pattern of what a write that was killed leaves beside its file."""


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Puts `data` at `path`: a reader sees the file before or this one, never a part.

    `durable`: when this returns, a power cut cannot undo it; without, only a crash cannot. The
    folders are made. File and folder are for the user alone (0600, 0700). Where the disk refuses,
    OSError is raised, and what was there stays.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.parent / f"{HALF_WRITTEN[:-1]}{os.urandom(8).hex()}"
    try:
        with open(fresh, "xb", opener=_open_private) as file:
            file.write(data)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable: a file's fsync does not cover its folder's entry."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _open_private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
