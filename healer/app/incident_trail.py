"""What else hangs on an incident: its thread of mails, and the tapes of its failures.

Belongs here: reading both as they lie, for who looks at a life. Does not belong here: the life
itself (`incidents`), writing mails (`healer.notify`), what is on a tape (`tapes`).
"""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from healer.app.incidents import IncidentLife, find_root
from healer.app.quick_look import read_bytes, read_config_table
from healer.support.fact_name import name_fact
from healer.tape.store import tape_path
from healer.watch.checkout import find_state_dir

_THREAD = "SELECT body FROM mail_fact WHERE folder = 'threads' AND name = ?"


def add_trail(life: IncidentLife, start: Path) -> IncidentLife:
    """The same, of the repository that holds `start`."""
    state_dir = find_state_dir(start)
    tapes = (name for name, _ in life.failures if tape_path(state_dir, name).exists())
    mail = _describe_thread(_read_thread(start, state_dir, life.incident.fingerprint))
    return replace(life, mail=mail, tapes=frozenset(tapes))


def _read_thread(start: Path, state_dir: Path, fingerprint: str) -> bytes:
    name, root = name_fact(fingerprint), find_root(start)
    if not root or read_config_table(root).state == "sqlite":
        return read_bytes(state_dir / "mail" / "threads" / f"{name}.json")
    from healer.app.state import open_tables_of  # noqa: PLC0415  # heavy
    from healer.notify.fact_tables import SCHEMA  # noqa: PLC0415  # heavy

    with open_tables_of(start, SCHEMA) as tables:
        rows = tables.query(_THREAD, (name,))
    return str(rows[0][0]).encode() if rows else b""


def _describe_thread(text: bytes) -> str:
    """`mailed to ada@example.com, last 2026-11-28 13:39 UTC, 2 reminders`; empty where nobody was
    told, or what is there cannot be read."""
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        thread: dict[str, Any] = json.loads(text or b"{}")
        people = ", ".join(map(str, thread["recipients"]))
        last = datetime.fromisoformat(thread["mailed_at"])
        count = int(thread["reminders"])
        reminders = f", {count} reminder{'s' if count != 1 else ''}" if count else ""
        return f"mailed to {people}, last {last:%Y-%m-%d %H:%M} UTC{reminders}"
    return ""
