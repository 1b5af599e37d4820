"""Open SQLite databases as inputs."""

import sqlite3
from pathlib import Path

import pytest

from sandbox.inside.screening.border_inputs import make_wide_inputs
from sandbox.inside.screening.call_copies import copy_call
from sandbox.inside.screening.databases import (
    copy_database,
    describe_database,
    is_database,
    vary_database,
)
from sandbox.inside.screening.object_graphs import describe


@pytest.fixture
def database() -> sqlite3.Connection:
    """Two tables, the one without numbers."""
    connection = sqlite3.connect(":memory:")
    connection.row_factory = sqlite3.Row
    connection.executescript(
        'create table "the sales" (name text, n integer not null, price real);'
        "create table notes (text text);"
        "insert into \"the sales\" values ('mug', 2, 1.5), ('cup', 3, null);"
    )
    return connection


def test_it_is_copied_with_what_was_not_yet_committed(database: sqlite3.Connection) -> None:
    database.execute("insert into notes values ('new')")
    (other,) = copy_call((database,))
    database.execute("delete from notes")
    assert other is not database
    assert [tuple(row) for row in other.execute("select * from notes")] == [("new",)]
    assert other.execute("select * from notes").fetchone()["text"] == "new"


def test_one_inside_an_object_is_copied_too(database: sqlite3.Connection) -> None:
    (others,) = copy_call(([database],))
    others[0].execute('delete from "the sales"')
    assert len(database.execute('select * from "the sales"').fetchall()) == 2


def test_it_is_shown_by_its_rows(database: sqlite3.Connection) -> None:
    assert describe((1, database)) == (
        "(1, database(notes: [], the sales: [('mug', 2, 1.5), ('cup', 3, None)]))"
    )


def test_a_closed_one_is_told_as_such_and_is_no_input(database: sqlite3.Connection) -> None:
    database.close()
    assert describe_database(database) == "database(closed)"
    with pytest.raises(sqlite3.Error):
        copy_database(database)


def test_it_is_varied_by_one_number_or_row(database: sqlite3.Connection) -> None:
    shown = [describe_database(other) for other in vary_database(database)]
    assert "database(notes: [], the sales: [('mug', 3, 1.5), ('cup', 3, None)])" in shown
    assert "database(notes: [], the sales: [('mug', 2, 2.5), ('cup', 3, None)])" in shown
    assert "database(notes: [], the sales: [('mug', 2, 1.5)])" in shown
    assert any(text.count("'cup'") == 2 for text in shown)
    assert not any("None, 1.5" in text for text in shown), "what the table forbids"
    assert describe_database(database) not in shown


def test_calls_with_one_are_varied(database: sqlite3.Connection, tmp_path: Path) -> None:
    on_disk = sqlite3.connect(tmp_path / "x.db")
    database.backup(on_disk)
    for each in (database, on_disk):
        calls = make_wide_inputs([(each, 1)], [])
        assert len({describe(call[0]) for call in calls}) > 5


def test_other_things_are_no_database() -> None:
    assert not is_database(sqlite3)
    assert not is_database("x.db")
