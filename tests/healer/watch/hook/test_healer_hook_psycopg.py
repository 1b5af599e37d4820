"""What a job asks with psycopg is on its tape, is played back, and the job notices nothing."""

from pathlib import Path

import pytest

from healer.tape.effects import effects_of
from tests.support.libpq_jobs import record, replay

ROWS = (
    "import psycopg\nfrom psycopg.rows import dict_row\n"
    "with psycopg.connect(URL, row_factory=dict_row) as link:\n"
    "    cursor = link.execute('SELECT name, price, day FROM goods WHERE name <> %s', ('x',))\n"
    "    print(type(link), type(cursor), cursor.description[1].name, cursor.rowcount)\n"
    "    print([row for row in cursor], link.info.parameter_status('TimeZone'))\n"
    "    link.execute('DELETE FROM copies WHERE name = %s', ('tea',))\n"
)
ASYNC = (
    "import asyncio, psycopg\nasync def main():\n"
    "    async with await psycopg.AsyncConnection.connect(URL) as link:\n"
    "        async with link.cursor() as cursor:\n"
    "            await cursor.execute('SELECT count(*) FROM goods')\n"
    "            print(await cursor.fetchone())\nasyncio.run(main())\n"
)
ERRORS = (
    "import psycopg, traceback\nlink = psycopg.connect(URL)\n"
    "try:\n    link.execute('SELECT price / 0 FROM goods')\n"
    "except psycopg.Error as error:\n    print(type(error).__name__, error.sqlstate, error)\n"
    "print(link.info.transaction_status.name)\nlink.rollback()\n"
    "print(link.execute('SELECT 7').fetchall())\n"
)
BINARY = (
    "import psycopg\nlink = psycopg.connect(URL, autocommit=True)\n"
    "for number in range(8):  # from the fifth on the statement is a prepared one\n"
    "    print(link.execute('SELECT %s + 1, 2.5::numeric', (number,), binary=True).fetchone())\n"
)
MANY = (
    "import psycopg\nwith psycopg.connect(URL) as link:\n    cursor = link.cursor()\n"
    "    cursor.executemany('DELETE FROM copies WHERE name = %s', [('a',), ('b',)])\n"
    "    print(cursor.rowcount)\n"
)


@pytest.mark.parametrize("job", [ROWS, ASYNC, ERRORS, BINARY, MANY])
def test_a_night_is_played_back_without_its_server(tmp_path: Path, database: str, job: str) -> None:
    tape, out = record(tmp_path, job, database)
    assert tape.gaps == ()
    played = replay(tape, job, database, tmp_path)
    assert (played.out, played.missed) == (out, [])


def test_statements_that_write_are_effects(tmp_path: Path, database: str) -> None:
    tape, _ = record(tmp_path, ROWS, database)
    (statement,) = effects_of(tape).statements
    assert statement.statement == "DELETE FROM copies WHERE name = $1"
    assert statement.parameters == ("tea",)


@pytest.mark.parametrize(
    ("job", "gap"),
    [
        ("link.cursor('big').execute('SELECT 1')", "cursors on the server"),
        ("link.cursor().copy('COPY copies FROM STDIN').__enter__()", "COPY"),
        ("list(link.cursor().stream('SELECT 1'))", "stream"),
        ("link.cursor().executemany('SELECT %s', iter([('a',)]))", "executemany"),
        ("link.execute('SELECT 1; SELECT 2')", "several results"),
        ("link.execute('SELECT generate_series(1, 60000)')", "a result of more"),
    ],
)
def test_what_is_not_kept_is_said(tmp_path: Path, database: str, job: str, gap: str) -> None:
    tape, _ = record(tmp_path, f"import psycopg\nlink = psycopg.connect(URL)\n{job}", database)
    assert any(gap in each for each in tape.gaps)


def test_a_server_that_is_away_is_away_again(tmp_path: Path) -> None:
    job = (
        "import psycopg\ntry: psycopg.connect(URL)\nexcept psycopg.OperationalError: print('away')"
    )
    url = "postgresql://job@127.0.0.1:1/x"
    tape, out = record(tmp_path, job, url)
    assert [(each.host, each.error) for each in tape.connections] == [
        ("127.0.0.1", "OperationalError")
    ]
    assert replay(tape, job, url, tmp_path).out == out
