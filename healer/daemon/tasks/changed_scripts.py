"""Scripts that changed on the target branch are checked at once, before the next night does.

Belongs here: having them checked. Does not belong here: which have changed
(`healer.watch.changed_scripts`).
"""

import json
from collections.abc import Callable
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from healer.services import Services
from healer.support.atomic_file import write_atomically
from healer.watch.changed_scripts import Listing, find_changed
from quarantine.history import paths_of_people

ASK_GIT_S = 60.0
"""After this time git itself is asked, however its files look."""
FILE = "watched.json"
"""In healer's folder: the commit that was looked at last, and the watched scripts in it."""


class CheckChangedScripts:
    """Opens a check (a repair that may find the script healthy) for each changed script."""

    name = "changed scripts"
    every_s = 5.0

    def __init__(self, services: Services, state_dir: Path, check: Callable[[str], None]) -> None:
        """`check` is given each changed script (`Intake.check`)."""
        self._services, self._file, self._check = services, state_dir / FILE, check
        self._marks: tuple[object, ...] = ()
        self._asked_at = 0.0

    def run(self, now: float) -> None:
        """Looks whether the branch has moved, and what people have changed by that."""
        repository, config = self._services.repository, self._services.config
        marks = self._marks_of_git()
        if marks == self._marks and 0 <= now - self._asked_at < ASK_GIT_S:
            return
        self._marks, self._asked_at = marks, now
        tip = repository.tip(config.target)
        before = _read(self._file)
        if tip is None or (before and before.commit == tip):
            return
        entries = repository.tree(tip).entries()
        files = {path: entry.oid for path, entry in entries.items() if config.may_heal(path)}
        theirs = paths_of_people(repository, before.commit, tip) if before else None
        listing = Listing(tip, files)
        changes = find_changed(before, listing, lambda path: theirs is None or path in theirs)
        for script in changes.scripts:
            self._check(script)
        _write(self._file, listing)

    def _marks_of_git(self) -> tuple[object, ...]:
        """Something else whenever git has moved the branch: starting git costs a hundred times
        as much as looking at the files in which it keeps branches."""
        git_dir = self._services.repository.state_dir.parent
        names = (
            f"refs/heads/{self._services.config.target}",
            "packed-refs",
            "reftable/tables.list",
        )
        return tuple(_mark(git_dir / name) for name in names)


def _mark(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written anew; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


_FILES = TypeAdapter(dict[str, str])


def _read(path: Path) -> Listing | None:
    """The commit and its scripts; None where there is no file that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        return Listing(str(data["tip"]), _FILES.validate_python(data["files"]))
    except (FileNotFoundError, ValueError, LookupError, TypeError, ValidationError):
        return None


def _write(path: Path, listing: Listing) -> None:
    data = json.dumps({"tip": listing.commit, "files": dict(listing.blobs)})
    write_atomically(path, data.encode("ascii"), durable=False)
