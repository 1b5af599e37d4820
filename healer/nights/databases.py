"""Database files and Parquet as tables.

Belongs here: reading them from bytes that nobody vouches for. Does not belong here: text formats
(`documents`).
"""

import importlib
import io
import sqlite3
from contextlib import closing

from healer.nights.tables import MOST_ROWS, Document, Table, Value, make_table, none_for_empty

SQLITE_STEPS = 5_000_000
"""Virtual machine steps for one database file: a hostile one may hold endless ones."""


def read_sqlite(data: bytes) -> Document:
    """Raises sqlite3.Error for what is none, and for one that would run for long."""
    with closing(sqlite3.connect(":memory:")) as base:
        base.deserialize(data)
        base.execute("PRAGMA trusted_schema = OFF")
        steps = iter(range(SQLITE_STEPS // 1000))
        base.set_progress_handler(lambda: next(steps, None) is None, 1000)
        names = base.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        tables = {str(name): _read_relation(base, str(name)) for (name,) in names.fetchall()}
    return Document("sqlite", tables)


def _read_relation(base: sqlite3.Connection, name: str) -> Table:
    identifier = name.replace('"', '""')
    answer = base.execute(f'SELECT * FROM "{identifier}" LIMIT {MOST_ROWS}')  # noqa: S608 - quoted
    columns = tuple(column[0] for column in answer.description)
    rows = ([v.hex() if isinstance(v, bytes) else none_for_empty(v) for v in r] for r in answer)
    return Table(columns, tuple(tuple(row) for row in rows))


def read_parquet(data: bytes) -> Document | None:
    """None where pyarrow is not there."""
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        return None
    rows = parquet.read_table(io.BytesIO(data)).slice(0, MOST_ROWS).to_pylist()
    simple = ({k: v if isinstance(v, Value) else str(v) for k, v in r.items()} for r in rows)
    return Document("parquet", {"": make_table(simple)})
