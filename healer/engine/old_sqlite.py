"""A connection to a SQLite that is older than DBOS expects.

Belongs here: what such a SQLite has to be taught. Does not belong here: where the file lies and how
it is made (`schema`).
"""

import sqlite3
import time
from typing import Any


class OldSqliteConnection(sqlite3.Connection):
    """A connection to a SQLite that does not know `unixepoch('subsec')`, which it is taught.

    On Python 3.12 and later DBOS writes that into its tables as the default of times, whatever
    SQLite there is; SQLite has it since 3.42 (https://sqlite.org/changes.html), and Debian 12,
    Ubuntu 22.04 and Python's own builds come with an older one.
    """

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **keywords)
        self.create_function("unixepoch", -1, _unixepoch)


def _unixepoch(*modifiers: str) -> float:
    if modifiers not in ((), ("subsec",), ("now", "subsec"), ("now",)):
        raise ValueError(f"unixepoch{modifiers} is known to SQLite 3.42 and later only")
    now = time.time()
    return now if "subsec" in modifiers else int(now)


def choose_connection_class(
    sqlite: tuple[int, ...] = sqlite3.sqlite_version_info,
) -> type[sqlite3.Connection]:
    """What DBOS has to open its SQLite file with."""
    return sqlite3.Connection if sqlite >= (3, 42) else OldSqliteConnection
