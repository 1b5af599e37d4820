"""Both databases have the shape that stores ask for."""

from pathlib import Path

from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from healer.support.sqlite_file import SqliteFile, statements
from healer.support.tables import Tables


def write_and_read(tables: Tables) -> list[tuple[object, ...]]:
    with tables.transaction() as connection:
        rows = connection.execute("INSERT INTO turn VALUES (?, ?)", ("e", 1.0))
        assert rows.rowcount == 1
        assert connection.execute("SELECT at FROM turn").fetchone()[0] == 1.0
        assert connection.execute("SELECT at FROM turn WHERE at > ?", (2,)).fetchall() == []
    return tables.query("SELECT endpoint, at FROM turn")


def test_the_same_statements_do_the_same_in_both(
    tmp_path: Path, shared_url: str, scope: Scope
) -> None:
    schema = (statements("CREATE TABLE turn (endpoint TEXT, at REAL)"),)
    with SqliteFile(tmp_path / "x.sqlite", schema) as file, SharedTables(shared_url, scope) as far:
        assert write_and_read(file) == write_and_read(far) == [("e", 1.0)]
