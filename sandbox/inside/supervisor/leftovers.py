"""Takes away what a step left on disk, so that the next one cannot tell that there was one.

Belongs here: finding where a step can write, and removing what it left. Does not belong here: when
that is done (`box`). Runs in a child at the step's own user: root here may not touch other users'
files. Everything a step can write is one of a few small tmpfs mounts.
"""

from __future__ import annotations

import os
import shutil
import stat
from typing import TYPE_CHECKING, Any

from .. import tree

if TYPE_CHECKING:
    from collections.abc import Callable

PLACES = ("/" + tree.ROOT.split("/")[1], "/tmp", "/dev/shm")


def find_places() -> list[str]:
    """Where a step can write: these, and the folders that the container was made with."""
    places = list(PLACES)
    with open("/proc/self/mounts") as file:
        for line in file:
            _, place, kind, settings, *_ = line.split()
            can_write = kind == "tmpfs" and "rw" in settings.split(",") and "mode=" not in settings
            if (
                can_write
                and place not in places
                and not place.startswith(("/dev", "/proc", "/sys"))
            ):
                places.append(place.encode().decode("unicode_escape"))
    return places


def remove_all() -> int:
    """Removes everything of this user; the exit code is 1 if something stayed."""
    paths = [f"{place}/{name}" for place in find_places() for name in os.listdir(place)]
    leftovers = [path for path in paths if not remove(path)]
    return 1 if leftovers else 0


def is_clean() -> bool:
    """Nothing of any step is on disk."""
    return not any(os.listdir(place) for place in find_places())


def remove(path: str) -> bool:
    """Removes a file or a folder with all that is in it; whether it is gone."""
    try:
        if stat.S_ISDIR(os.lstat(path).st_mode):
            _open_folders(path)
            shutil.rmtree(path, onerror=_ignore)
        else:
            os.unlink(path)
    except (OSError, RecursionError):
        return False
    return not os.path.lexists(path)


def _open_folders(root: str) -> None:
    """Gives us back the right to list and empty every folder, whatever its mode was set to."""
    os.chmod(root, 0o700)
    pending = [root]
    while pending:
        with os.scandir(pending.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    os.chmod(entry.path, 0o700)
                    pending.append(entry.path)


def _ignore(_function: Callable[..., Any], _path: str, _error: Any) -> None:
    """What cannot be removed is counted afterwards."""
