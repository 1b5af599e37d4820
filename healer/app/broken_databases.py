"""A database that cannot be read does not keep the daemon from starting: it is set aside and named.

Belongs here: finding such a file and moving it out of the way. Does not belong here: what is in the
databases (`healer.ledger`, `healer.watch`, `healer.engine`), and putting back what git and files
still know (`healer.repair.rebuild`).
"""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

from healer.facts.progress import Progress
from healer.notify.asks import DECIDE_KEY, DECISIONS

SET_ASIDE = "{name}.broken-{seconds}"
_BESIDE = ("", "-wal", "-shm", "-journal")


def set_broken_aside(state_dir: Path) -> tuple[Progress, ...]:
    """Moves every database of the state folder that SQLite cannot read; gives what is to be said.

    Only for the one daemon, before anything has opened them. One that is only busy stays.
    """
    notes = []
    for path in sorted([*state_dir.glob("*.sqlite"), *state_dir.glob("mail/*.sqlite")]):
        why = _find_damage(path)
        if not why:
            continue
        target = SET_ASIDE.format(name=path.name, seconds=int(time.time()))
        for suffix in _BESIDE:
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.rename(path.with_name(target + suffix))
        if path.name == DECISIONS:  # what was used is not known any more, so no link holds
            path.with_name(DECIDE_KEY).unlink(missing_ok=True)
        detail = f"{path.name} cannot be read ({why}); it is kept as {target}, and begun anew"
        notes.append(Progress(repair="", step="start", state="note", detail=detail))
    return tuple(notes)


def _find_damage(path: Path) -> str:
    """Why SQLite cannot read a file, in a few words; empty where it can, or where it is busy."""
    try:
        with closing(sqlite3.connect(path, timeout=5)) as database:
            answer = database.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        return ""  # locked, or no right to read it: that is no damage
    except sqlite3.DatabaseError as error:
        return str(error)
    return "" if answer == ("ok",) else str(answer[0]).splitlines()[0][:100]
