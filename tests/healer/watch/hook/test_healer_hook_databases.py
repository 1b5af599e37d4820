"""Drivers are looked on at from their import on, and only they."""

from pathlib import Path

from tests.support.libpq_jobs import record


def test_the_import_system_is_as_before_once_a_driver_is_there(
    tmp_path: Path, database: str
) -> None:
    job = (
        "before = list(sys.meta_path)\nimport psycopg.rows\n"
        "print(sys.meta_path == before, type(psycopg.__loader__).__name__)\n"
        "print(psycopg.__spec__.loader is psycopg.__loader__)\n"
        "print([name for name in sys.modules if 'healer' in name])\n"
        "print(psycopg.Cursor.execute.__qualname__, psycopg.connect.__name__)"
    )
    _, out = record(tmp_path, job, database)
    assert out.startswith("True SourceFileLoader\nTrue\n")


def test_a_driver_that_is_not_installed_is_missed_as_ever(tmp_path: Path) -> None:
    folder = "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]\n"
    job = f"{folder}try:\n    import psycopg\nexcept ImportError as error:\n    print(error)"
    tape, out = record(tmp_path, job, "")
    assert (out, tape.gaps) == ("No module named 'psycopg'\n", ())


def test_values_of_columns_that_hold_secrets_are_not_on_the_tape(
    tmp_path: Path, database: str
) -> None:
    job = (
        "import psycopg\nwith psycopg.connect(URL) as link:\n"
        "    (row,) = link.execute('SELECT name, api_token FROM keys')\n"
        "    link.execute('SELECT %s', (row[1],))"
    )
    tape, _ = record(tmp_path, job, database)
    (talk,) = tape.connections
    data = b"".join(turn.data for turn in talk.turns)
    assert b"q8Zr2LmX77pTVw04" not in data
    assert data.count(b"<REDACTED:") == 3  # a row, a parameter, a row
