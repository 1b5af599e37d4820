"""Databases that an earlier version wrote, made anew for each test."""

import sqlite3
from contextlib import closing
from pathlib import Path

HERE = Path(__file__).parent
ENDS = {
    "protected": "3ac69304",
    "waiting": "7d6ef7a7",
    "rejected": "b14f8348",
    "day's budget": "d8beb5bf",
    "repair's budget": "5b42f2b6",
    "gave up": "4d698932",
    "reverted": "578c35b7",
    "merged": "215fe3a9",
}
"""The repairs of `ledger.sql`, by what came of them."""


def restore(dump: str, path: Path) -> None:
    """Makes the database at `path` from the dump of that name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript((HERE / f"{dump}.sql").read_text(encoding="utf-8"))
