"""Where workflows are kept: in a SQLite file of the clone that runs them, and nowhere else.

Belongs here: the file. Does not belong here: what is in it, which is DBOS's, and what machines
share (`healer.support.shared_schema`). A checkpoint names commits that only this clone has, so it
is of use to nobody else: who takes over what a dead machine had begins it anew.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from healer.support.atomic_file import make_private_file

FILE = "workflows.sqlite"


def workflow_url(state_dir: Path) -> str:
    """The workflows' database in a state folder."""
    return f"sqlite:///{state_dir / FILE}"


def prepare_database(state_dir: Path) -> None:
    """Makes the file for the user alone, and lets a command read it while the daemon writes; the
    file keeps the setting."""
    make_private_file(state_dir / FILE)
    with closing(sqlite3.connect(state_dir / FILE, timeout=30)) as database:
        database.execute("PRAGMA journal_mode = WAL")
