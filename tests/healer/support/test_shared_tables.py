"""Shared tables: written by one at a time over all machines, and found again after an outage."""

import threading

import psycopg
import pytest

from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables, has_schema, prepare_schema
from tests.support import postgres

EVENT = "INSERT INTO incident_failure (failure, fingerprint, at) VALUES (?, ?, ?)"


def test_of_many_that_read_and_then_write_none_overtakes_another(
    shared_url: str, scope: Scope
) -> None:
    def count_up() -> None:
        with SharedTables(shared_url, scope) as tables:
            for _ in range(10):
                with tables.transaction() as connection:
                    row = connection.execute("SELECT coalesce(max(at), 0) FROM turn").fetchone()
                    connection.execute("INSERT INTO turn VALUES (?, ?)", ("e", row[0] + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with SharedTables(shared_url, scope) as tables:
        assert tables.query("SELECT count(*), max(at) FROM turn") == [(40, 40.0)]


def test_a_transaction_that_fails_leaves_nothing(shared_url: str, scope: Scope) -> None:
    with SharedTables(shared_url, scope) as tables:
        with pytest.raises(ZeroDivisionError), tables.transaction() as connection:
            connection.execute("INSERT INTO turn VALUES ('e', 1)")
            raise ZeroDivisionError
        assert tables.query("SELECT * FROM turn") == []


def test_a_transaction_within_another_is_a_part_of_it(shared_url: str, scope: Scope) -> None:
    with SharedTables(shared_url, scope) as tables, SharedTables(shared_url, scope) as others:
        with tables.transaction() as outer:
            outer.execute("INSERT INTO turn VALUES ('e', 1)")
            with pytest.raises(ZeroDivisionError), tables.transaction() as inner:
                inner.execute("INSERT INTO turn VALUES ('e', 2)")
                raise ZeroDivisionError
            with tables.transaction() as inner:
                inner.execute("INSERT INTO turn VALUES ('e', 3)")
            assert others.query("SELECT at FROM turn") == []
        assert others.query("SELECT at FROM turn ORDER BY at") == [(1.0,), (3.0,)]


def test_what_fails_inside_leaves_nothing_begun(shared_url: str, scope: Scope) -> None:
    with SharedTables(shared_url, scope) as tables:
        with pytest.raises(psycopg.errors.UndefinedTable), tables.transaction() as connection:
            connection.execute("INSERT INTO nowhere VALUES (1)")
        with tables.transaction() as connection:
            connection.execute("INSERT INTO turn VALUES ('e', 1)")
        with SharedTables(shared_url, scope) as others:
            assert others.query("SELECT at FROM turn") == [(1.0,)]


def test_a_connection_that_was_cut_is_opened_again(shared_url: str, scope: Scope) -> None:
    def cut() -> None:
        with psycopg.connect(shared_url, autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )

    with SharedTables(shared_url, scope) as tables:
        tables.query("SELECT 1")
        cut()
        assert tables.query("SELECT 1") == [(1,)]
        cut()
        with tables.transaction() as connection:
            connection.execute("INSERT INTO turn VALUES ('e', 1)")
        assert tables.query("SELECT at FROM turn") == [(1.0,)]


def test_values_are_given_by_place_or_by_number_and_a_percent_sign_is_one(
    shared_url: str, scope: Scope
) -> None:
    with SharedTables(shared_url, scope) as tables:
        assert tables.query("SELECT ?, 'x' LIKE '%', ?", ("a", True)) == [("a", True, 1)]
        assert tables.query("SELECT ?2, ?1, ?2", ("a", "b")) == [("b", "a", "b")]


@pytest.mark.skipif(not postgres.is_installed(), reason="PostgreSQL is not installed")
def test_of_many_that_make_the_schema_one_does_and_a_reader_needs_no_right_to() -> None:
    with postgres.server() as url:
        assert not has_schema(url)
        threads = [threading.Thread(target=prepare_schema, args=(url,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert has_schema(url)
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute("CREATE ROLE reader LOGIN; GRANT USAGE ON SCHEMA healer TO reader")
            admin.execute("GRANT SELECT ON ALL TABLES IN SCHEMA healer TO reader")
        reading = url.replace("healer@", "reader@")
        prepare_schema(reading)
        with SharedTables(reading, Scope("t", "r")) as tables:
            assert tables.query("SELECT * FROM incident") == []
            with (
                pytest.raises(psycopg.errors.InsufficientPrivilege),
                tables.transaction() as connection,
            ):
                connection.execute(EVENT, ("f", "p", 1.0))
