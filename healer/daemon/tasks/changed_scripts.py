"""The daemon's duty that looks at the repository: scripts that have changed.

Belongs here: having them checked. Does not belong here: which have changed
(`healer.watch.changed_scripts`), or when to look (`upkeep`).
"""

import json
from pathlib import Path
from typing import Any

from healer.daemon.intake import Intake
from healer.services import Services
from healer.watch.changed_scripts import Listing, find_changed
from quarantine.history import paths_of_people

DAY_S = 86_400.0


ASK_GIT_S = 60.0
"""After this time git itself is asked, however its files look."""


class ChangedScripts:
    """Checks scripts that changed on the target branch at once, before the next night does."""

    every_s = 5.0
    name = "changed scripts"

    def __init__(self, services: Services, folder: Path) -> None:
        self._services, self._file = services, folder / "watched.json"
        self._marks: tuple[object, ...] = ()
        self._asked_at = 0.0

    def do(self, now: float, intake: Intake) -> None:  # the duties' common form
        """Opens a check (a repair that may find the script healthy) for each changed script."""
        repository, config = self._services.repository, self._services.config
        marks = self._look()
        if marks == self._marks and 0 <= now - self._asked_at < ASK_GIT_S:
            return
        self._marks, self._asked_at = marks, now
        tip = repository.tip(config.target)
        before = _read(self._file)
        if tip is None or (before and before["tip"] == tip):
            return
        entries = repository.tree(tip).entries()
        files = {p: e.oid for p, e in entries.items() if config.may_heal(p)}
        known = Listing(before["tip"], before["files"]) if before else None
        theirs = paths_of_people(repository, before["tip"], tip) if before else None
        changed = find_changed(known, Listing(tip, files), lambda p: theirs is None or p in theirs)
        for script in changed.scripts:
            intake.check(script)
        _write(self._file, {"tip": tip, "files": files})

    def _look(self) -> tuple[object, ...]:
        """Something else whenever git has moved the branch: starting git costs a hundred times
        as much as looking at the files in which it keeps branches."""
        folder = self._services.repository.state_dir.parent
        names = (
            f"refs/heads/{self._services.config.target}",
            "packed-refs",
            "reftable/tables.list",
        )
        return tuple(_state_of(folder / name) for name in names)


def _state_of(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written anew; None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read(path: Path) -> dict[str, Any] | None:
    """A small state file, or None where there is none that can be read."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return data if isinstance(data, dict) else None


def _write(path: Path, data: dict[str, Any]) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(data), encoding="utf-8")
    fresh.replace(path)
