"""Statements are varied at what tests forget: rows that are there already, and which are taken."""

import ast
import sqlite3
from contextlib import closing

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.sql_edits import vary_statement


def variations(expression: str) -> list[str]:
    """Each as the text that Python reads."""
    code = SourceFile("job.py", f"x = {expression}\n")
    statement = code.nodes[1]
    assert isinstance(statement, ast.Assign)
    return [ast.literal_eval(text) for text in vary_statement(code, statement.value)]


INSERT = "INSERT INTO t (a, b) VALUES (?, ?)"


@pytest.mark.parametrize(
    ("statement", "other"),
    [
        (INSERT, "INSERT OR IGNORE INTO t (a, b) VALUES (?, ?)"),
        (INSERT, "INSERT OR REPLACE INTO t (a, b) VALUES (?, ?)"),
        (INSERT, f"{INSERT} ON CONFLICT DO NOTHING"),
        (INSERT, f"{INSERT} ON CONFLICT DO UPDATE SET a = excluded.a, b = excluded.b"),
        ("insert or ignore into t (a, b) values (?, ?)", "INSERT OR REPLACE INTO t (a, b) values "
         "(?, ?)"),
        (f"{INSERT} ON CONFLICT (a) DO NOTHING",
         f"{INSERT} ON CONFLICT (a) DO UPDATE SET a = excluded.a, b = excluded.b"),
        (f"{INSERT} ON CONFLICT (a) DO UPDATE SET b = excluded.b",
         f"{INSERT} ON CONFLICT (a) DO NOTHING"),
        (f"{INSERT} ON CONFLICT (a) DO UPDATE SET b = excluded.b",
         f"{INSERT} ON CONFLICT (a) DO UPDATE SET b = b + excluded.b"),
        ("SELECT a FROM t WHERE b > 1 ORDER BY a LIMIT 3", "SELECT a FROM t ORDER BY a LIMIT 3"),
        ("SELECT a FROM t WHERE b > 1 ORDER BY a LIMIT 3", "SELECT a FROM t WHERE b > 1 LIMIT 3"),
        ("SELECT a FROM t WHERE b > 1 ORDER BY a LIMIT 3",
         "SELECT a FROM t WHERE b >= 1 ORDER BY a LIMIT 3"),
        ("SELECT a FROM t ORDER BY a", "SELECT a FROM t ORDER BY a DESC"),
        ("SELECT a FROM t ORDER BY a DESC", "SELECT a FROM t ORDER BY a ASC"),
        ("SELECT a FROM t UNION ALL SELECT a FROM u", "SELECT a FROM t UNION SELECT a FROM u"),
        ("SELECT a FROM t LEFT JOIN u USING (a)", "SELECT a FROM t JOIN u USING (a)"),
        ("SELECT a FROM t JOIN u USING (a)", "SELECT a FROM t LEFT JOIN u USING (a)"),
        ("SELECT SUM(a) FROM t", "SELECT AVG(a) FROM t"),
        ("SELECT COUNT(a) FROM t", "SELECT COUNT(DISTINCT a) FROM t"),
        ("SELECT COALESCE(a, 0) FROM t", "SELECT a FROM t"),
        ("DELETE FROM t WHERE a IS NULL AND b < 3", "DELETE FROM t WHERE a IS NULL OR b < 3"),
        ("UPDATE t SET a = 1 WHERE b <= 2", "UPDATE t SET a = 1 WHERE b < 2"),
    ],
)  # fmt: skip
def test_one_small_thing_is_otherwise(statement: str, other: str) -> None:
    assert other in [" ".join(each.split()) for each in variations(repr(statement))]


@pytest.mark.parametrize(
    "expression",
    ['"select a colour"', '"Update your files"', "7", '"insert coin"', 'b"x"', '"with love"'],
)
def test_what_is_no_statement_is_left_alone(expression: str) -> None:
    assert variations(expression) == []


def test_statements_in_several_parts_and_with_values_in_them_are_varied() -> None:
    code = SourceFile("job.py", 'x = (\n    f"INSERT INTO {table} (a) "\n    "VALUES (?)"\n)\n')
    statement = code.nodes[1]
    assert isinstance(statement, ast.Assign)
    texts = list(vary_statement(code, statement.value))
    assert any(text.startswith('f"INSERT OR IGNORE INTO {table} (a) "') for text in texts)
    for text in texts:
        ast.parse(f"x = ({text})")


def test_every_way_to_meet_a_row_is_one_that_sqlite_reads() -> None:
    with closing(sqlite3.connect(":memory:")) as database, database:
        database.execute("CREATE TABLE t (a TEXT PRIMARY KEY, b INT)")
        for statement in variations(repr(INSERT))[:4]:
            database.execute("DELETE FROM t")
            database.execute("INSERT INTO t VALUES ('x', 1)")
            database.execute(statement, ("x", 2))
            assert database.execute("SELECT count(*) FROM t").fetchone() == (1,)
