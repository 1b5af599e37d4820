"""Repositories with the state that an earlier version left in the middle of its work.

Belongs here: putting one on disk again, and changing its rows. README.md says what each holds.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.support.git import git

HERE = Path(__file__).parent


def restore(name: str, root: Path) -> Path:
    """The repository as it was left, in the new folder `root`; gives its state folder."""
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    git(root, "fast-import", "--quiet", stdin=(HERE / name / "repository.txt").read_bytes())
    git(root, "reset", "-q", "--hard", "main")
    state_dir = root / ".git" / "healer"
    state_dir.mkdir()
    for dump in (HERE / name).glob("*.sql"):
        with closing(sqlite3.connect(state_dir / f"{dump.stem}.sqlite")) as database:
            schema = HERE / f"{dump.stem}_schema.sql"
            tables = schema.read_text(encoding="utf-8") if schema.exists() else ""
            database.executescript(tables + dump.read_text(encoding="utf-8"))
    return state_dir


@contextmanager
def change_rows(state_dir: Path, name: str = "workflows") -> Iterator[sqlite3.Connection]:
    """The database of that name, to be changed as another version, or a stranger, would."""
    with closing(sqlite3.connect(state_dir / f"{name}.sqlite")) as database, database:
        yield database
