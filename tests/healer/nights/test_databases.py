import sqlite3
from importlib.util import find_spec

import pytest

from healer.nights.databases import read_parquet, read_sqlite


def make_database(*statements):
    base = sqlite3.connect(":memory:")
    for statement in statements:
        base.execute(statement)
    base.commit()
    data = base.serialize()
    base.close()
    return data


def test_each_table_of_a_database_file_is_one():
    data = make_database(
        "CREATE TABLE b (id INTEGER, raw BLOB)",
        "CREATE TABLE a (name TEXT)",
        "INSERT INTO b VALUES (1, x'ff'), (2, NULL)",
        "INSERT INTO a VALUES ('')",
    )
    tables = read_sqlite(data).tables
    assert tables["b"].rows == ((1, "ff"), (2, None))
    assert tables["a"].rows == ((None,),)


def test_names_with_quotes_are_names():
    data = make_database('CREATE TABLE "a""b" (x)', 'INSERT INTO "a""b" VALUES (1)')
    assert read_sqlite(data).tables['a"b'].rows == ((1,),)


def test_views_are_not_run():
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
    assert not read_sqlite(make_database(f"CREATE VIEW v AS {endless}")).tables


def test_a_file_that_is_none_raises():
    with pytest.raises(sqlite3.Error):
        read_sqlite(b"SQLite format 3\0" + b"\xff" * 2000)


def test_parquet_is_read_where_there_is_a_library_for_it():
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    sink = pyarrow.BufferOutputStream()
    parquet.write_table(pyarrow.table({"a": [1, 2], "b": ["x", None]}), sink)
    assert read_parquet(sink.getvalue().to_pybytes()).tables[""].rows == ((1, "x"), (2, None))


@pytest.mark.skipif(find_spec("pyarrow") is not None, reason="the library is there")
def test_without_that_library_parquet_is_not_read():
    assert read_parquet(b"PAR1") is None
