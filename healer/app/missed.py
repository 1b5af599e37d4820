"""Which jobs did not run when they should, as the daemon's dead man's switch has told it.

Belongs here: reading what it keeps, as it lies, and what of that is so still. Does not belong here:
finding out (`healer.daemon.tasks.expected_runs`), telling people.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from healer.app.quick_look import read_bytes

EXPECTED_FILE = "expected.json"
"""As `healer.daemon.tasks.expected_runs` writes it."""
Watch = tuple[float | None, bool]
"""(the slot whose run did not come, a run takes too long)"""


def read_watches(state_dir: Path) -> dict[str, Watch]:
    """What was told of each job and has not been taken back; without what cannot be read."""
    watches: dict[str, Watch] = {}
    with suppress(ValueError, AttributeError):
        for script, facts in json.loads(read_bytes(state_dir / EXPECTED_FILE) or b"{}").items():
            with suppress(LookupError, TypeError, ValueError):
                slot = float(facts["reported"]) if facts["is_absent"] else None
                watches[script] = slot, facts["overlong"] is not None
    return watches


def find_trouble(watches: Mapping[str, Watch], script: str, last_run: float) -> str:
    """What the matter with a job is, whose last run that is known began then; empty: nothing."""
    slot, is_overlong = watches.get(script, (None, False))
    if slot is not None and last_run <= slot:
        return f"missed the run of {datetime.fromtimestamp(slot, UTC):%d %b %H:%M} UTC"
    return "runs too long" if is_overlong else ""
