"""The tree as it came over the wire: parsed once, written out anew for every step.

Belongs here: what a tree may hold, and putting it on disk. The supervisor parses; only the
unprivileged child writes, so a hostile name can at most hurt that child's own folder.
"""

from __future__ import annotations

import io
import os
import tarfile
from typing import NamedTuple

ROOT = (os.getpid() == 1 and os.environ.get("TREE_ROOT")) or "/job/tree"
"""Where every step finds the tree: of all first runs the same path, so that tracebacks can be
compared. A container whose surroundings differ is told another."""
MAX_FILES = 60_000
MAX_NAME_BYTES = 4_000


class BadTreeError(Exception):
    """The tar holds something that is not a plain relative file."""


class Entry(NamedTuple):
    path: str
    executable: bool
    content: bytes | memoryview
    """A part of the tar itself: a large tree is held once."""


def parse(tar: bytes | bytearray) -> list[Entry]:
    """The regular files of a tar. Raises BadTreeError naming the first entry that is not allowed.

    Folders are accepted and ignored (they appear with their files); links, devices, sparse files,
    absolute names, `..`, and two entries with one name are not.
    """
    if not tar:
        return []
    entries: dict[str, Entry] = {}
    try:
        with tarfile.open(fileobj=_Reader(tar), mode="r:") as archive:
            for member in archive:
                entry = _entry(memoryview(tar), member)
                if entry is None:
                    continue
                if entry.path in entries:
                    raise BadTreeError(f"{entry.path!r} is in the tree twice")
                if len(entries) >= MAX_FILES:
                    raise BadTreeError(f"the tree holds more than {MAX_FILES} files")
                entries[entry.path] = entry
    except (tarfile.TarError, EOFError, ValueError, OSError, OverflowError) as error:
        raise BadTreeError(f"the tree is not a readable tar: {error}") from error
    return list(entries.values())


class _Reader(io.RawIOBase):
    """A file over bytes that are not copied, as `io.BytesIO` would copy a bytearray."""

    def __init__(self, data: bytes | bytearray) -> None:
        self._data = memoryview(data)
        self._at = 0

    def read(self, size: int = -1) -> bytes:
        end = len(self._data) if size < 0 else self._at + size
        part = bytes(self._data[self._at : end])
        self._at += len(part)
        return part

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = (0, self._at, len(self._data))[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at


def _entry(tar: memoryview, member: tarfile.TarInfo) -> Entry | None:
    if member.isdir():
        return None
    check_name(member.name)
    if not member.isreg() or member.issparse():
        raise BadTreeError(f"{member.name!r} is not a regular file")
    content = tar[member.offset_data : member.offset_data + member.size]
    if len(content) != member.size:
        raise BadTreeError(f"{member.name!r} is cut short")
    return Entry(member.name, bool(member.mode & 0o100), content)


def check_name(name: str) -> None:
    """Raises BadTreeError unless the name is a plain path below the root."""
    parts = name.split("/")
    if not name or "\0" in name or name.startswith("/"):
        raise BadTreeError(f"{name!r} is not a relative path")
    if any(part in ("", ".", "..") for part in parts):
        raise BadTreeError(f"{name!r} is not a plain path")
    if len(os.fsencode(name)) > MAX_NAME_BYTES:
        raise BadTreeError(f"{name[:80]!r}… is longer than {MAX_NAME_BYTES} bytes")


def write(entries: list[Entry], root: str = ROOT) -> None:
    """Writes the files below `root`, which must not exist. Raises OSError (ENOSPC and its like)."""
    os.makedirs(root, 0o755)
    folders = {""}
    for path, executable, content in entries:
        _make_folders(root, path, folders)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        fd = os.open(f"{root}/{path}", flags, 0o755 if executable else 0o644)
        try:
            view = memoryview(content)
            while view:
                view = view[os.write(fd, view) :]
        finally:
            os.close(fd)


def overlay(files: list[Entry], root: str = ROOT) -> None:
    """Puts files into a tree that `write` wrote, replacing what is there."""
    folders = {""}
    for path, _executable, content in files:
        check_name(path)
        _make_folders(root, path, folders)
        with open(f"{root}/{path}", "wb") as file:
            file.write(content)


def _make_folders(root: str, path: str, folders: set[str]) -> None:
    folder = path.rpartition("/")[0]
    if folder in folders:
        return
    os.makedirs(f"{root}/{folder}", 0o755, exist_ok=True)
    folders.add(folder)
