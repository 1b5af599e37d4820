"""Writes a file whole or not at all; files and folders for their owner alone.

Belongs here: bytes that appear under their final name at once, and the modes of what healer keeps,
whatever the umask and whoever writes first. Does not belong here: what the bytes mean, and files in
a user's checkout (`quarantine.checkout.files` keeps their modes and owners).
Nothing heavier than `os` and `pathlib` is loaded: `healer run` waits for this.
"""

import errno
import os
from contextlib import suppress
from pathlib import Path

HALF_WRITTEN = ".new-*"
"""The glob pattern of what a write that was killed leaves beside its file."""


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Puts `data` at `path`: a reader sees the file before or this one, never a part.

    `durable`: when this returns, a power cut cannot undo it; without, only a crash cannot. The
    folders are made. File and folder are for the user alone (0600, 0700). Where the disk refuses,
    OSError is raised, and what was there stays.
    """
    make_private_folder(path.parent)
    fresh = path.parent / f"{HALF_WRITTEN[:-1]}{os.urandom(8).hex()}"
    try:
        with open(fresh, "xb", opener=open_private) as file:
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


def make_private_folder(folder: Path) -> None:
    """Makes a folder and all that is missing above it, each with mode 0700: `Path.mkdir` gives the
    mode to the last one alone. What is there already stays as it is. Raises FileNotFoundError where
    that would make a git folder: git alone makes one, and a repository that was moved has left."""
    if not folder.is_dir():
        if folder.name.endswith(".git"):
            raise FileNotFoundError(
                errno.ENOENT, "the repository is not here any more; was it moved", str(folder)
            )
        make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def close_folder(folder: Path) -> None:
    """Makes a folder with mode 0700, or gives it that mode where an earlier version left it open
    to others; one that belongs to somebody else stays as it is."""
    make_private_folder(folder)
    if folder.stat().st_mode & 0o077:
        with suppress(PermissionError):
            folder.chmod(0o700)


def make_private_file(path: Path) -> None:
    """Makes an empty file with mode 0600, in a private folder, where there is none: for libraries
    that would make it readable. One that is there is not even opened, for closing a database that
    this process has open would drop its locks."""
    make_private_folder(path.parent)
    with suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))


def open_private(path: str, flags: int) -> int:
    """An opener for `open`: what it makes has mode 0600, and a symbolic link is refused."""
    return os.open(path, flags | os.O_NOFOLLOW, 0o600)
