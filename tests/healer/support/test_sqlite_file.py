"""One database, shared by threads and processes: its schema grows, its changes are whole."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from healer.support.sqlite_file import SqliteFile, statements

CREATE = statements("CREATE TABLE IF NOT EXISTS counter (name TEXT PRIMARY KEY, count INTEGER)")
ADD_NOTE = statements("ALTER TABLE counter ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def increment(database: SqliteFile, name: str) -> None:
    with database.transaction() as connection:
        known = database.query("SELECT count FROM counter WHERE name = ?", (name,))
        count = known[0][0] if known else 0
        connection.execute("INSERT OR REPLACE INTO counter VALUES (?, ?)", (name, count + 1))


def test_what_is_written_is_there_when_the_file_is_opened_again(tmp_path: Path) -> None:
    with SqliteFile(tmp_path / "new" / "a.sqlite", (CREATE,)) as database:
        increment(database, "a")
    with SqliteFile(tmp_path / "new" / "a.sqlite", (CREATE,)) as database:
        assert database.query("SELECT name, count FROM counter") == [("a", 1)]


def test_its_folder_is_for_the_user_alone(tmp_path: Path) -> None:
    with SqliteFile(tmp_path / "new" / "a.sqlite", (CREATE,)):
        assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700


def test_without_a_path_it_lives_in_memory() -> None:
    with SqliteFile(None, (CREATE,)) as database:
        increment(database, "a")
        assert database.query("SELECT count FROM counter") == [(1,)]
    with SqliteFile(None, (CREATE,)) as database:
        assert database.query("SELECT count FROM counter") == []


def test_a_closed_one_is_used_no_more_and_may_be_closed_twice() -> None:
    with SqliteFile(None, (CREATE,)) as database:
        database.close()
    with pytest.raises(sqlite3.ProgrammingError):
        database.query("SELECT 1")


def test_a_change_that_is_cut_short_leaves_nothing() -> None:
    with SqliteFile(None, (CREATE,)) as database:
        increment(database, "a")
        with pytest.raises(KeyboardInterrupt), database.transaction() as connection:
            connection.execute("UPDATE counter SET count = 99")
            raise KeyboardInterrupt
        increment(database, "a")
        assert database.query("SELECT count FROM counter") == [(2,)]


def test_a_failed_statement_leaves_nothing_of_its_transaction() -> None:
    with SqliteFile(None, (CREATE,)) as database:
        with pytest.raises(sqlite3.IntegrityError), database.transaction() as connection:
            connection.execute("INSERT INTO counter VALUES ('a', 1)")
            connection.execute("INSERT INTO counter VALUES ('a', 2)")
        assert database.query("SELECT * FROM counter") == []


def test_a_change_is_seen_by_the_queries_within_it_and_by_nobody_else(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with SqliteFile(path, (CREATE,)) as one, SqliteFile(path, (CREATE,)) as other:
        with one.transaction() as connection:
            connection.execute("INSERT INTO counter VALUES ('a', 1)")
            assert one.query("SELECT count FROM counter") == [(1,)]
            assert other.query("SELECT count FROM counter") == []
        assert other.query("SELECT count FROM counter") == [(1,)]


def test_threads_take_turns() -> None:
    with SqliteFile(None, (CREATE,)) as database, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: increment(database, "a"), range(100)))
        assert database.query("SELECT count FROM counter") == [(100,)]


def test_processes_that_open_a_new_file_at_once_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    code = (
        "import sys; from pathlib import Path\n"
        "from healer.support.sqlite_file import SqliteFile, statements\n"
        "create = statements('CREATE TABLE counter (count)', 'INSERT INTO counter VALUES (0)')\n"
        "sys.stdin.readline()\n"  # all at once
        "with SqliteFile(Path(sys.argv[1]), (create,)) as database:\n"
        "    for _ in range(10):\n"
        "        with database.transaction() as connection:\n"
        "            [(count,)] = database.query('SELECT count FROM counter')\n"
        "            connection.execute('UPDATE counter SET count = ?', (count + 1,))\n"
    )
    command = [sys.executable, "-c", code, path]
    children = [subprocess.Popen(command, stdin=subprocess.PIPE) for _ in range(4)]
    for child in children:
        with child.stdin:
            child.stdin.write(b"go\n")
    for child in children:
        child.wait()
    assert [child.returncode for child in children] == [0] * 4
    with SqliteFile(path, (CREATE,)) as database:
        assert database.query("SELECT count FROM counter") == [(40,)]


def test_each_step_of_the_schema_is_run_once(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with SqliteFile(path, (CREATE,)) as database:
        increment(database, "a")
    for _ in range(2):
        with SqliteFile(path, (CREATE, ADD_NOTE)) as database:
            assert database.query("SELECT * FROM counter") == [("a", 1, "")]
            assert database.query("PRAGMA user_version") == [(2,)]


def test_a_step_that_fails_leaves_the_version_and_the_tables_before_it(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with SqliteFile(path, (CREATE,)) as database:
        increment(database, "a")
    broken = statements("CREATE TABLE half (a)", "CREATE TABLE counter (b)")
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        SqliteFile(path, (CREATE, broken))
    with SqliteFile(path, (CREATE,)) as database:
        assert database.query("SELECT name FROM sqlite_schema WHERE name = 'half'") == []
        assert database.query("PRAGMA user_version") == [(1,)]


def test_tables_from_before_versions_were_counted_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    old = sqlite3.connect(path)
    old.execute("CREATE TABLE counter (name TEXT PRIMARY KEY, count INTEGER)")
    old.execute("INSERT INTO counter VALUES ('a', 7)")
    old.commit()
    old.close()
    with SqliteFile(path, (CREATE, ADD_NOTE)) as database:
        assert database.query("SELECT * FROM counter") == [("a", 7, "")]


def test_an_earlier_healer_goes_on_with_the_file_of_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    with SqliteFile(path, (CREATE, ADD_NOTE)):
        pass
    with SqliteFile(path, (CREATE,)) as database:
        with database.transaction() as connection:
            connection.execute("INSERT INTO counter (name, count) VALUES ('a', 1)")
        assert database.query("PRAGMA user_version") == [(2,)]


@pytest.mark.parametrize("mode", ["WAL", "DELETE"])
def test_the_journal_is_as_it_was_asked_for(tmp_path: Path, mode: str) -> None:
    with SqliteFile(tmp_path / "a.sqlite", (CREATE,), journal_mode=mode) as database:
        assert database.query("PRAGMA journal_mode") == [(mode.lower(),)]


def test_a_file_that_is_no_database_is_an_error_and_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    path.write_bytes(b"this is no database, but long enough to look like a file\n" * 50)
    with pytest.raises(sqlite3.DatabaseError):
        SqliteFile(path, (CREATE,))
    assert path.read_bytes().startswith(b"this is no database")
