"""What a job asks with psycopg2 is on its tape, is played back, and the job notices nothing."""

from pathlib import Path

import pytest

from healer.tape.effects import effects_of
from tests.support.libpq_jobs import record, replay

pytest.importorskip("psycopg2")

ROWS = (
    "import psycopg2, psycopg2.extras, psycopg2.extensions\n"
    "link = psycopg2.connect(URL)\nprint(type(link).__name__, link.closed, link.encoding)\n"
    "for kind in (None, psycopg2.extras.DictCursor, psycopg2.extras.RealDictCursor,\n"
    "             psycopg2.extras.NamedTupleCursor):\n"
    "    with link, link.cursor(cursor_factory=kind) as cursor:\n"
    "        cursor.execute('SELECT name, price, day FROM goods WHERE name <> %s', ('x',))\n"
    "        print(type(cursor).__name__, isinstance(cursor, psycopg2.extensions.cursor))\n"
    "        print(cursor.fetchone(), cursor.fetchall(), cursor.rowcount, cursor.statusmessage)\n"
    "with link.cursor() as cursor:\n"
    "    cursor.execute('DELETE FROM copies WHERE name = %s', ('tea',))\nlink.commit()\n"
)
MANY = (
    "import psycopg2, psycopg2.extras\nlink = psycopg2.connect(URL)\ncursor = link.cursor()\n"
    "cursor.executemany('DELETE FROM copies WHERE name = %s', [('a',), ('b',)])\n"
    "psycopg2.extras.execute_values(cursor, 'INSERT INTO copies VALUES %s', [('c',), ('d',)])\n"
    "link.rollback()\nprint(cursor.rowcount)\n"
)
ERRORS = (
    "import psycopg2, psycopg2.errors\nlink = psycopg2.connect(URL)\ncursor = link.cursor()\n"
    "try:\n    cursor.execute('SELECT price / 0 FROM goods')\n"
    "except psycopg2.errors.DivisionByZero as error:\n    print(error.pgcode, error)\n"
    "link.rollback()\ncursor.execute('SELECT 7')\nprint(cursor.fetchall())\n"
)
POOL = (
    "from psycopg2.pool import SimpleConnectionPool\npool = SimpleConnectionPool(1, 2, URL)\n"
    "one, other = pool.getconn(), pool.getconn()\n"
    "for link in (one, other):\n    cursor = link.cursor()\n    cursor.execute('SELECT 1')\n"
    "    print(cursor.fetchall())\n"
)


@pytest.mark.parametrize("job", [ROWS, MANY, ERRORS, POOL])
def test_a_night_is_played_back_without_its_server(tmp_path: Path, database: str, job: str) -> None:
    tape, out = record(tmp_path, job, database)
    assert tape.gaps == ()
    played = replay(tape, job, database, tmp_path)
    assert (played.out, played.missed) == (out, [])


def test_statements_that_write_are_effects(tmp_path: Path, database: str) -> None:
    tape, _ = record(tmp_path, MANY, database)
    assert [each.statement for each in effects_of(tape).statements] == [
        "DELETE FROM copies WHERE name = 'a'",
        "DELETE FROM copies WHERE name = 'b'",
        "INSERT INTO copies VALUES ('c'),('d')",
    ]


def test_a_statement_that_nobody_asked_that_night_is_told(tmp_path: Path, database: str) -> None:
    tape, _ = record(tmp_path, ROWS, database)
    job = "import psycopg2\npsycopg2.connect(URL).cursor().execute('SELECT 1 FROM other')"
    played = replay(tape, job, database, tmp_path)
    assert "SELECT 1 FROM other: not on the tape of this run" in played.err
    assert [miss.rpartition(": ")[2] for miss in played.missed] == ["SELECT 1 FROM other"]


@pytest.mark.parametrize(
    ("job", "gap"),
    [
        ("link.cursor('big').execute('SELECT 1')", "cursors on the server"),
        ("link.cursor().copy_expert('COPY goods TO STDOUT', open('/dev/null', 'w'))", "COPY"),
        (
            "link.cursor().executemany('DELETE FROM goods WHERE name = %s', iter([]))",
            "executemany",
        ),
        ("link.cursor().execute('SELECT generate_series(1, 60000)')", "a result of more"),
    ],
)
def test_what_is_not_kept_is_said(tmp_path: Path, database: str, job: str, gap: str) -> None:
    tape, _ = record(tmp_path, f"import psycopg2\nlink = psycopg2.connect(URL)\n{job}", database)
    assert any(gap in each for each in tape.gaps)


def test_a_server_that_is_away_is_away_again(tmp_path: Path) -> None:
    job = (
        "import psycopg2\ntry: psycopg2.connect(URL)\n"
        "except psycopg2.OperationalError: print('away')"
    )
    url = "postgresql://job@127.0.0.1:1/x"
    tape, out = record(tmp_path, job, url)
    assert [each.error for each in tape.connections] == ["OperationalError"]
    assert replay(tape, job, url, tmp_path).out == out
