"""A glance at the ledger shows what its rows say, and writes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from healer.facts.states import RepairOutcome
from healer.ledger.glance import FILE, LedgerGlance
from healer.ledger.merges import NO_MERGES, MergeCount
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger
from healer.support.clock import SetClock
from tests.support.git import commit_files
from tests.support.ledger_rows import add_repair, request_of
from tests.support.shop import BROKEN, SCRIPT, shop

ENDS: tuple[RepairOutcome, ...] = (
    "healed", "healed", "rejected", "reverted", "healthy", "reverted", "review", "healed",
)  # fmt: skip


def test_a_glance_is_what_the_row_says(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        merged = here.merged()
        commit_files(here.folder, {SCRIPT: BROKEN + "# again\n"})
        waiting = here.services.ledger.repair(here.fix().repair)
        glance = LedgerGlance(here.state)
        assert glance.list_open() == (waiting.glance,)
        assert glance.list_on_probation() == (here.services.ledger.repair(merged.id).glance,)
        assert glance.find("") == (*glance.list_on_probation(), *glance.list_open())
        assert glance.find(waiting.id[:5]) == (waiting.glance,)
        assert (glance.list_open()[0].error, glance.list_open()[0].merged) == ("KeyError", "")
        entry = Entry(repair=merged.id, kind="probation", outcome="resolved")
        here.services.ledger.record(entry)
        assert glance.list_on_probation() == ()


def test_a_repair_under_way_has_no_reason_yet(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        waiting = here.fix().repair
        with closing(sqlite3.connect(here.state / FILE)) as database, database:
            database.execute(
                "UPDATE healer_repairs SET state = 'open', outcome = '', result = '{}'"
            )
        (row,) = LedgerGlance(here.state).list_open()
    assert (row.id, row.state, row.outcome, row.reason, row.error) == (waiting, "open", "", "", "")


@pytest.mark.parametrize("prefix", ["*", "?", "zz", "' OR 1", "%"])
def test_what_is_no_id_finds_nothing(tmp_path: Path, prefix: str) -> None:
    with shop(tmp_path / "shop") as here:
        here.fix()
        assert LedgerGlance(here.state).find(prefix) == ()


def test_a_ledger_that_is_not_there_is_empty_and_is_not_made(tmp_path: Path) -> None:
    glance = LedgerGlance(tmp_path)
    assert (glance.exists, glance.list_open(), glance.find("")) == (False, (), ())
    assert glance.count_merges(since=0.0) == NO_MERGES
    assert list(tmp_path.iterdir()) == []


def test_merges_are_counted_as_the_ledger_counts_them(tmp_path: Path) -> None:
    clock = SetClock(100.0)
    with Ledger.in_folder(tmp_path, clock) as ledger:
        for number, outcome in enumerate(ENDS):
            clock.seconds += 1
            add_repair(ledger, outcome, request=request_of(f"r{number}"))
        glance = LedgerGlance(tmp_path)
        assert glance.count_merges(0.0) == MergeCount(merged=5, reverted=2)
        for since in range(99, 110):
            assert glance.count_merges(since) == ledger.sums.merges(since)
