"""The daemon's duty that looks at the repository: scripts that have changed.

Belongs here: having them checked. Does not belong here: which have changed
(`healer.watch.scripts`), or when to look (`upkeep`).
"""

import json
from pathlib import Path
from typing import Any

from healer.watch import scripts
from healer.workflow.intake import Intake
from healer.workflow.parts import Parts
from quarantine.history import paths_of_people

DAY_S = 86_400.0


class ChangedScripts:
    """Checks scripts that changed on the target branch at once, before the next night does."""

    every_s = 5.0
    name = "changed scripts"

    def __init__(self, parts: Parts, folder: Path) -> None:
        self._parts, self._file = parts, folder / "watched.json"

    def do(self, now: float, intake: Intake) -> None:  # noqa: ARG002  # the duties' common form
        """Opens a check (a repair that may find the script healthy) for each changed script."""
        repository, config = self._parts.repository, self._parts.config
        tip = repository.tip(config.target)
        before = _read(self._file)
        if tip is None or (before and before["tip"] == tip):
            return
        entries = repository.tree(tip).entries()
        files = {p: e.oid for p, e in entries.items() if config.may_heal(p)}
        known = (before["tip"], before["files"]) if before else None
        theirs = paths_of_people(repository, before["tip"], tip) if before else None
        found = scripts.changed(known, (tip, files), lambda p: theirs is None or p in theirs)
        for script in found.scripts:
            intake.check(script)
        _write(self._file, {"tip": tip, "files": files})


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
