"""A ledger of an earlier version is completed where it lies, and can go back to that version."""

import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from healer.ledger import tables
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from healer.support.postgres import Scope
from tests.support.ledger_rows import add_repair, request_of
from tests.support.old_version import ENDS, restore

OLD_INSERT = (
    "INSERT INTO healer_steps (repair, label, at, outcome, detail, drafter, tokens_in, tokens_out,"
    " cost_usd, seconds) VALUES (?, ?, 1, 'fixed', '', 'm', 1, 2, 3, 4)"
)
"""As a version writes that knows of no kinds."""


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def change(path: Path, statement: str, *values: str) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(statement, values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_columns_that_were_added_since_get_their_values(path: Path) -> None:
    Ledger.in_folder(path.parent).close()
    for column in ("inputs", "cost_known", "kind", "ordinal"):
        change(path, f"ALTER TABLE healer_steps DROP COLUMN {column}")
    change(path, OLD_INSERT, "r", "attempt 1")
    with Ledger.in_folder(path.parent) as ledger:
        (entry,) = ledger.entries()
    assert (entry.kind, entry.number, entry.inputs, entry.cost_known, entry.cost_usd) == (
        "attempt", 1, "", True, 3,
    )  # fmt: skip


def test_what_an_old_ledger_says_stays_as_it_was_written(path: Path) -> None:
    restore("ledger", path)
    old_columns = "repair, label, at, outcome, detail, drafter, tokens_in, cost_usd, inputs"
    before = rows(path, f"SELECT number, {old_columns} FROM healer_steps")
    kept_columns = "id, key, script, fingerprint, state, outcome, created_at, updated_at"
    repairs_query = f"SELECT {kept_columns}, request, result, evidence FROM healer_repairs"
    repairs = rows(path, repairs_query)
    assert len(rows(path, "SELECT * FROM healer_repairs")[0]) == len(repairs[0])
    Ledger.in_folder(path.parent).close()
    assert rows(path, f"SELECT number, {old_columns} FROM healer_steps") == before
    assert rows(path, repairs_query) == repairs


def test_an_old_healer_goes_on_with_the_ledger_and_a_new_one_after_it(path: Path) -> None:
    with Ledger.in_folder(path.parent) as ledger:
        add_repair(ledger, "healed", request=request_of("r1"))
        ledger.record(Entry(repair="r1", kind="attempt", number=1, outcome="fixed"))
    assert rows(path, "SELECT label FROM healer_steps") == [("attempt 1",)]
    assert rows(path, "SELECT state, outcome FROM healer_repairs") == [("closed", "healed")]
    change(path, OLD_INSERT, "r1", "probation")
    with Ledger.in_folder(path.parent) as ledger:
        assert [entry.label for entry in ledger.entries("r1")] == ["attempt 1", "probation"]
        assert ledger.merged_without("probation") == ()


def test_a_step_that_an_old_healer_writes_meanwhile_is_read_at_once(path: Path) -> None:
    with Ledger.in_folder(path.parent) as ledger:
        change(path, OLD_INSERT, "r1", "draft 7")
        change(path, OLD_INSERT, "r1", "a step of tomorrow")
        (known, unknown) = ledger.entries()
        assert (known.kind, known.number) == ("draft", 7)
        assert (unknown.kind, unknown.number) == ("other", 0)


def test_a_ledger_is_completed_once_and_opens_as_often_as_one_likes(path: Path) -> None:
    restore("ledger", path)
    for _ in range(3):
        with Ledger.in_folder(path.parent) as ledger:
            assert len(ledger.repairs()) == len(ENDS)
    assert rows(path, "SELECT count(*) FROM healer_steps WHERE kind = ''") == [(0,)]


def test_the_states_in_the_columns_are_those_of_every_version(path: Path) -> None:
    with Ledger.in_folder(path.parent) as ledger:
        for number, outcome in enumerate(("review", "rejected", "reverted", "gave_up")):
            add_repair(ledger, outcome, request=request_of(f"r{number}"))
        add_repair(ledger, request=request_of("open"))
    assert rows(path, "SELECT state, outcome FROM healer_repairs ORDER BY id") == [
        ("open", ""),
        ("waiting", "review"),
        ("closed", "rejected"),
        ("closed", "reverted"),
        ("closed", "gave_up"),
    ]


def test_a_connection_that_was_cut_while_it_rested_is_opened_again(
    shared_url: str, scope: Scope, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "RESTED_S", -1.0)  # each has rested
    url = shared_url.replace("postgresql:", "postgresql+psycopg:")
    with Ledger(url, scope) as ledger, psycopg.connect(shared_url, autocommit=True) as admin:
        for _ in range(2):
            add_repair(ledger, request=request_of("r1"))
            assert ledger.list_ids() == {"r1"}
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        assert ledger.list_ids() == {"r1"}
