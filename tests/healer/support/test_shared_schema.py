"""Each repository sees its own rows of the shared tables, and reaches no others."""

import re

import psycopg
import pytest

from healer.ledger.tables import chain, repairs, steps
from healer.support.postgres import Scope
from healer.support.shared_schema import STEPS
from healer.support.shared_tables import SharedTables

VIEWS = re.findall(r"CREATE VIEW healer\.(\w+)", "\n".join(s for step in STEPS for s in step))


def test_every_table_is_scoped_by_tenant_and_repository(shared_url: str, scope: Scope) -> None:
    assert len(VIEWS) >= 9
    with SharedTables(shared_url, scope) as tables:
        for view in VIEWS:
            columns = tables.query(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'healer' AND table_name = ?",
                (f"all_{view}",),
            )
            assert {("tenant",), ("repository",)} <= set(columns)


def test_it_has_every_column_that_the_ledger_has(shared_url: str, scope: Scope) -> None:
    with SharedTables(shared_url, scope) as tables:
        for table in (repairs, steps, chain):
            rows = tables.query(
                "SELECT column_name FROM information_schema.columns"
                " WHERE table_schema = 'healer' AND table_name = ?",
                (table.name,),
            )
            assert {column.name for column in table.columns} == {row[0] for row in rows}


@pytest.mark.parametrize("other", [("t", "host/two"), ("u", "host/one")])
def test_neither_another_repository_nor_another_tenant_sees_or_changes_a_row(
    shared_url: str, other: tuple[str, str]
) -> None:
    with (
        SharedTables(shared_url, Scope("t", "host/one")) as mine,
        SharedTables(shared_url, Scope(*other)) as others,
    ):
        with mine.transaction() as connection:
            connection.execute("DELETE FROM turn")
            connection.execute("INSERT INTO turn VALUES ('e', 1)")
        with others.transaction() as connection:
            assert connection.execute("UPDATE turn SET at = 2").rowcount == 0
            assert connection.execute("DELETE FROM turn").rowcount == 0
        assert others.query("SELECT * FROM turn") == []
        assert mine.query("SELECT endpoint, at FROM turn") == [("e", 1.0)]


def test_a_connection_that_is_for_nobody_reads_and_writes_nothing(shared_url: str) -> None:
    with psycopg.connect(shared_url, autocommit=True) as connection:
        for statement in ("SELECT * FROM healer.turn", "INSERT INTO healer.turn VALUES ('e', 1)"):
            with pytest.raises(psycopg.errors.UndefinedObject):
                connection.execute(statement.encode())
