"""What a person has paused: repairs that begin by themselves, and every merge.

Belongs here: the file, which survives restarts, and what it says of a script. Does not belong here:
who asks it (`healer.repair.land`, `healer.daemon.intake`). Only the standard library.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from healer.support.atomic_file import write_atomically

FILE = "paused.json"
"""In healer's folder, while something is paused."""


@dataclass(frozen=True)
class Pause:
    """One script that is paused, or all."""

    script: str
    """Repository-relative; empty: all of them."""
    by: str
    since: float
    """Seconds since the epoch."""


_UNREADABLE = Pause("", f"{FILE}, which cannot be read; healer resume writes it anew", 0.0)


def read_pauses(state_dir: Path) -> tuple[Pause, ...]:
    """What is paused. A file that cannot be read pauses everything: nobody knows what it said."""
    try:
        data = (state_dir / FILE).read_bytes()
    except FileNotFoundError:
        return ()
    except OSError:
        return (_UNREADABLE,)
    try:
        return tuple(
            Pause(str(each["script"]), str(each["by"]), float(each["since"]))
            for each in json.loads(data)
        )
    except (ValueError, LookupError, TypeError):
        return (_UNREADABLE,)


def pause(state_dir: Path, script: str, by: str, now: float) -> None:
    """Pauses a script, or all for an empty one; when this returns, nothing of it merges."""
    others = [each for each in read_pauses(state_dir) if each.script != script]
    _write(state_dir, [*others, Pause(script, by, now)])


def resume(state_dir: Path, script: str) -> tuple[Pause, ...]:
    """Ends the pause of a script; of everything for an empty one. Gives what was ended."""
    pauses = read_pauses(state_dir)
    ends = tuple(each for each in pauses if script in ("", each.script))
    _write(state_dir, [each for each in pauses if each not in ends])
    return ends


def why_paused(state_dir: Path, script: str) -> str:
    """Why nothing of a script may be merged or begun now, in a sentence; empty where it may."""
    for each in read_pauses(state_dir):
        if each.script in ("", script):
            what = f"of {each.script} " if each.script else ""
            return (
                f"merging {what}is paused by {each.by}; next: healer resume {each.script}".strip()
            )
    return ""


def _write(state_dir: Path, pauses: list[Pause]) -> None:
    if not pauses:
        (state_dir / FILE).unlink(missing_ok=True)
        return
    data = json.dumps([asdict(each) for each in pauses])
    write_atomically(state_dir / FILE, data.encode("ascii"))
