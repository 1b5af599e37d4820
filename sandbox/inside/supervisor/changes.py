"""What a command changed on disk: files written and removed, in its tree and beside it.

Belongs here: finding them, once everything that the command started is gone. Does not belong here:
what it asked its peers (`world.peers`), and what a change means (the host's). Runs in a child at
the step's own user; what a hostile command leaves can at most hurt that child.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import stat
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from .. import tree
from ..older_pythons import remove_prefix
from . import child, leftovers

if TYPE_CHECKING:
    from ..messages import ChangedFile

    Contents = Mapping[str, "bytes | memoryview"]

MOST_KEPT = 256 << 10
MOST_KEPT_OF_ALL = 4 << 20
"""Bytes of content, of one file and of all; of what is longer only size and digest are told."""
MOST_FILES = 2_000
CHANNEL_BYTES = 4 * MOST_KEPT_OF_ALL
_NOT_THEIRS = ("__pycache__", ".git", ".peers.pem")


def read_clock() -> int:
    """A moment later than that of every file that was changed before, and not later than that of
    any that is changed from now on, in nanoseconds.

    It is what the kernel gives a file, for no clock says it: since Linux 6.13 some files have finer
    moments than the coarse clock (https://docs.kernel.org/filesystems/multigrain-ts.html).
    """
    file = os.memfd_create("clock")
    try:
        before = now = os.fstat(file).st_ctime_ns
        while now == before:
            os.fchmod(file, 0o600)
            now = os.fstat(file).st_ctime_ns
        return now
    finally:
        os.close(file)


def report_changes(before: Contents, began_ns: int) -> int:
    """Writes each changed file as a JSON line to the channel. `before`: what lay there, by whole
    path; what was not changed since `began_ns` is not even read."""
    room = MOST_KEPT_OF_ALL
    with os.fdopen(child.CHANNEL_FD, "w", encoding="ascii") as channel:
        changes = itertools.chain(find_changes(before, began_ns), find_rewrites(before, began_ns))
        for count, change in enumerate(changes):
            if count >= MOST_FILES:
                break
            data = change["data"] or ""
            if len(data) > room:
                change["data"] = None
            else:
                room -= len(data)
            channel.write(json.dumps(change) + "\n")
    return 0


def find_changes(
    before: Contents, began_ns: int, places: list[str] | None = None
) -> Iterator[ChangedFile]:
    """All changes below these places; without them wherever a step can write. Links are not
    followed, and what lies in the tree is named from its root."""
    places = leftovers.find_places() if places is None else places
    for path in _walk(places):
        try:
            status = os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or status.st_ctime_ns < began_ns:
                continue
            change = _look_at(path, status.st_size, before.get(path))
        except OSError:
            continue  # it cannot be read: nobody else could
        if change is not None:
            yield change
    for path in before:
        if path.startswith(tuple(f"{place}/" for place in places)) and not os.path.lexists(path):
            yield {"path": _name(path), "size": -1, "digest": "", "data": None, "is_same": False}


def find_rewrites(before: Contents, began_ns: int) -> Iterator[ChangedFile]:
    """What was written again since `began_ns` with what lay there. An empty file is none: it is
    known by its name alone."""
    for path, data in before.items():
        try:
            status = os.lstat(path)
            is_new = stat.S_ISREG(status.st_mode) and status.st_ctime_ns >= began_ns
            if not data or not is_new or status.st_size != len(data):
                continue
            change = _look_at(path, status.st_size, None)
        except OSError:
            continue
        if change is not None and change["digest"] == hashlib.sha256(data).hexdigest():
            yield {**change, "is_same": True}


def _look_at(path: str, size: int, before: bytes | memoryview | None) -> ChangedFile | None:
    if not size and before == b"":
        return None
    with open(path, "rb") as file:
        data = file.read(MOST_KEPT + 1)
        if before is not None and size == len(before) and data == before[: len(data)]:
            data += file.read()
            if data == before:
                return None
        digest = hashlib.sha256(data)
        for piece in iter(lambda: file.read(1 << 20), b""):
            digest.update(piece)
    text = base64.urlsafe_b64encode(data).decode("ascii") if size <= MOST_KEPT else None
    hexadecimal = digest.hexdigest()
    return {
        "path": _name(path), "size": size, "digest": hexadecimal, "data": text, "is_same": False,
    }  # fmt: skip


def _name(path: str) -> str:
    return remove_prefix(path, f"{tree.ROOT}/")


def _walk(places: list[str]) -> Iterator[str]:
    for place in places:
        for folder, folders, names in os.walk(place):
            folders[:] = sorted(name for name in folders if name not in _NOT_THEIRS)
            yield from (f"{folder}/{name}" for name in sorted(names) if name not in _NOT_THEIRS)
