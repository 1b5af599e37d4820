"""Open SQLite databases as inputs: copied into memory, shown by their rows, and varied.

Belongs here: what a connection stands for. Does not belong here: other servers' connections, which
cannot be copied.
"""

from __future__ import annotations

import contextlib
import itertools
import sys
from typing import TYPE_CHECKING, Any

from .kept_state import MOST_FILE_BYTES

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

_MOST_TABLES = 3
_MOST_ROWS = 50
"""Of each table that is shown; what is changed is among the first ones."""
_MOST_CELLS = 4
"""Numbers that are varied of each table."""


def is_database(value: object) -> bool:
    """Without an import: not every Python has the module, and few programs use it."""
    module = sys.modules.get("sqlite3")
    return module is not None and isinstance(value, module.Connection)


def copy_database(connection: sqlite3.Connection) -> sqlite3.Connection:
    """All that it holds, in memory.

    Raises sqlite3.Error where it is closed, and ValueError where it is too large to be copied for
    each call.
    """
    import sqlite3

    cursor = _open_plain_cursor(connection)
    pages, page_bytes = (
        cursor.execute(f"pragma page_{w}").fetchone()[0] for w in ("count", "size")
    )
    if pages * page_bytes > MOST_FILE_BYTES:
        raise ValueError("the database is too large to be copied")
    new = sqlite3.connect(":memory:", check_same_thread=False)
    # Not by `backup`, which waits without end for a transaction that is open.
    new.executescript("\n".join(connection.iterdump()))
    new.row_factory, new.text_factory = connection.row_factory, connection.text_factory
    new.isolation_level = connection.isolation_level
    return new


def describe_database(connection: sqlite3.Connection) -> str:
    """Its tables with their first rows; of a closed one that it is closed."""
    try:
        cursor = _open_plain_cursor(connection)
        tables = [
            f"{table}: {cursor.execute(_SELECT.format(_quote(table), _MOST_ROWS)).fetchall()}"
            for table in _list_tables(cursor)
        ]
    except Exception:
        return "database(closed)"
    return f"database({', '.join(tables)})"


def vary_database(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """Copies with one number another one, or one row gone or there twice, the first tables'."""
    cursor = _open_plain_cursor(connection)
    for table in itertools.islice(_list_tables(cursor), _MOST_TABLES):
        changes = _list_changes(cursor, _quote(table))
        for change, values in changes:
            new = copy_database(connection)
            with contextlib.suppress(Exception):  # what the table forbids
                new.execute(change, values)
                new.commit()
                yield new


_SELECT = "select * from {} limit {}"


def _list_changes(cursor: sqlite3.Cursor, table: str) -> list[tuple[str, tuple[Any, ...]]]:
    changes: list[tuple[str, tuple[Any, ...]]] = []
    try:
        rows = cursor.execute(f"select rowid, * from {table} limit {_MOST_ROWS}").fetchall()
    except Exception:
        return []  # a table without rowid
    names = [_quote(column[0]) for column in cursor.description or ()][1:]
    cells = [
        (row[0], name, value)
        for row in rows
        for name, value in zip(names, row[1:])
        if isinstance(value, (int, float))
    ]
    for key, name, value in cells[:_MOST_CELLS]:
        update = f"update {table} set {name} = ? where rowid = ?"
        changes += [(update, (new, key)) for new in (value + 1, 2 * value + 3, 0, None)]
    if rows:
        columns = ", ".join(names)
        last = (rows[-1][0],)
        changes.append((f"delete from {table} where rowid = ?", last))
        again = f"insert into {table} ({columns}) select {columns} from {table} where rowid = ?"
        changes.append((again, last))
    return changes


def _open_plain_cursor(connection: sqlite3.Connection) -> sqlite3.Cursor:
    """Rows are tuples, whatever the connection makes of them."""
    cursor = connection.cursor()
    cursor.row_factory = None
    return cursor


def _list_tables(cursor: sqlite3.Cursor) -> list[str]:
    query = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'"
    return [str(row[0]) for row in cursor.execute(f"{query} order by name").fetchall()]


def _quote(name: str) -> str:
    text = name.replace('"', '""')
    return f'"{text}"'
