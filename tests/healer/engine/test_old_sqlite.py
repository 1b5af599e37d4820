"""An older SQLite gives DBOS the times that it asks for."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from healer.engine.old_sqlite import (
    OldSqliteConnection,
    choose_connection_class,
)


@pytest.mark.parametrize(
    ("sqlite", "connection"),
    [
        ((3, 37, 2), OldSqliteConnection),
        ((3, 41, 9), OldSqliteConnection),
        ((3, 42, 0), sqlite3.Connection),
    ],
)
def test_only_a_sqlite_that_lacks_the_function_is_taught_it(
    sqlite: tuple[int, ...], connection: type[sqlite3.Connection]
) -> None:
    assert choose_connection_class(sqlite) is connection


def test_an_old_sqlite_writes_times_in_milliseconds_as_dbos_asks(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    before = time.time()
    with closing(sqlite3.connect(path, factory=OldSqliteConnection)) as database:
        database.execute("CREATE TABLE t (a, at INTEGER DEFAULT (unixepoch('subsec') * 1000))")
        database.execute("INSERT INTO t (a) VALUES (1)")
        (at,) = database.execute("SELECT at FROM t").fetchone()
        (seconds,) = database.execute("SELECT unixepoch()").fetchone()
    assert before * 1000 <= at <= time.time() * 1000
    assert before - 1 <= seconds <= time.time()


def test_what_an_old_sqlite_cannot_say_is_an_error() -> None:
    database = sqlite3.connect(":memory:", factory=OldSqliteConnection)
    with closing(database), pytest.raises(sqlite3.OperationalError):
        database.execute("SELECT unixepoch('now', '+1 day')")
