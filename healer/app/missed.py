"""Which jobs did not run when they should, as the daemon's dead man's switch has told it.

Belongs here: reading what it keeps, as it lies, and what of that is so still. Does not belong here:
finding out (`healer.daemon.tasks.expected_runs`, `healer.daemon.tasks.planned_jobs`), telling
people.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from healer.app.quick_look import read_bytes
from healer.support.local_time import format_local

EXPECTED_FILE = "expected.json"
"""As `healer.daemon.tasks.expected_runs` writes it."""
JOBS_FILE = "jobs.json"
"""As `healer.daemon.tasks.planned_jobs` does."""
Watch = tuple[float | None, bool]
"""(the slot whose run did not come, a run takes too long)"""


def read_watches(state_dir: Path) -> dict[str, Watch]:
    """What was told of each job and has not been taken back; without what cannot be read."""
    watches: dict[str, Watch] = {}
    for script, facts in _read_facts(state_dir / EXPECTED_FILE):
        with suppress(LookupError, TypeError, ValueError):
            slot = float(facts["reported"]) if facts["is_absent"] else None
            watches[script] = slot, facts["overlong"] is not None
    for script, facts in _read_facts(state_dir / JOBS_FILE):
        with suppress(LookupError, TypeError, ValueError):
            watches[script] = _read_planned(facts)
    return watches


def read_starts(state_dir: Path) -> dict[str, float]:
    """When healer started each planned job last."""
    starts = {}
    for script, facts in _read_facts(state_dir / JOBS_FILE):
        with suppress(LookupError, TypeError, ValueError):
            starts[script] = float(facts["runs"]["last_start"])
    return starts


def find_trouble(
    watches: Mapping[str, Watch], script: str, last_run: float, timezone: str = ""
) -> str:
    """What the matter with a job is, whose last run that is known began then; empty: nothing."""
    slot, is_overlong = watches.get(script, (None, False))
    if slot is not None and last_run <= slot:
        return f"missed the run of {format_local(slot, timezone)}"
    return "runs too long" if is_overlong else ""


def _read_facts(path: Path) -> Iterator[tuple[str, Any]]:
    with suppress(ValueError, AttributeError):
        yield from json.loads(read_bytes(path) or b"{}").items()


def _read_planned(facts: Any) -> Watch:
    """Of a job that healer starts: what was reported last is a missed slot, or the start of a run
    that takes too long."""
    runs, slot = facts["runs"], facts.get("missed")
    is_running = runs["last_start"] is not None and runs["last_end"] is None
    is_overlong = is_running and runs["reported"] == runs["last_start"]
    return float(slot) if slot is not None else None, is_overlong
