"""Where workflows are kept: this repository's SQLite file, or its own schema in a PostgreSQL.

Belongs here: the database's URL, making the file, and the schema's name. Does not belong here: what
is in it, which is DBOS's. Several machines, or repositories, may give the same URL as `state`: each
has its workflows, its queue and its ledger to itself, so that none takes another's unfinished work
for its own. SQLite lies in the repository's own folder and needs no name.
"""

import os
import re
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from healer.support.atomic_file import make_private_file, write_atomically

FILE = "namespace"
"""In healer's folder: the name, and the folder's own number on its disk."""
_FORM = re.compile(r"(healer_[0-9a-f]{8}) (\d+)")


def workflow_url(state: str, state_dir: Path) -> str:
    """The workflows' database: SQLite in `state_dir`, or the PostgreSQL that `state` names."""
    return f"sqlite:///{state_dir / 'workflows.sqlite'}" if state == "sqlite" else state


def prepare_database(url: str) -> None:
    """Makes a SQLite file for the user alone, and lets a command read it while the daemon writes;
    the file keeps the setting. Nothing of a PostgreSQL."""
    path = url.removeprefix("sqlite:///")
    if path != url:
        make_private_file(Path(path))
        with closing(sqlite3.connect(path, timeout=30)) as database:
            database.execute("PRAGMA journal_mode = WAL")


def schema_of(state: str, state_dir: Path) -> str:
    """The schema for this folder's work in the database `state`; empty for SQLite.

    It stays the same as long as the folder does. A copy of the folder, on this machine or another,
    has a name of its own: what the original has begun is the original's.
    """
    return "" if state == "sqlite" else _read_name(state_dir) or _create_name(state_dir)


def _read_name(state_dir: Path) -> str:
    try:
        match = _FORM.fullmatch((state_dir / FILE).read_text("ascii").strip())
    except (FileNotFoundError, UnicodeDecodeError):
        return ""
    return match[1] if match and int(match[2]) == state_dir.stat().st_ino else ""


def _create_name(state_dir: Path) -> str:
    """A new name, or the one that another process made in the same moment."""
    fresh = state_dir / f"{FILE}.{os.getpid()}.{secrets.token_hex(4)}"
    name = f"healer_{secrets.token_hex(4)} {state_dir.stat().st_ino}\n"
    write_atomically(fresh, name.encode("ascii"), durable=False)
    try:
        os.link(fresh, state_dir / FILE)
    except FileExistsError:
        if not _read_name(state_dir):  # a copy's, or damaged
            fresh.replace(state_dir / FILE)
    finally:
        fresh.unlink(missing_ok=True)
    return _read_name(state_dir)
