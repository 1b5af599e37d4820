"""The ledger's chain: whatever is changed behind its back is found, and named once."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from healer.ledger.chain import ChainEnd, ChainFault
from healer.ledger.rows import Entry
from healer.ledger.store import Ledger


def entry(number: int, **fields: object) -> Entry:
    known = {"repair": "r1", "kind": "attempt", "number": number, "outcome": "fixed"}
    return Entry.model_validate(known | {"cost_usd": 0.1, "detail": "naïve\n"} | fields)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Five steps, of which two were written together."""
    with Ledger.in_folder(tmp_path) as opened:
        for number in (1, 2, 3):
            opened.record(entry(number))
        assert opened.claim(entry(4))
        opened.record(entry(5))
        yield opened


def tamper(folder: Path, *statements: str) -> None:
    """As somebody with the database's file could."""
    connection = sqlite3.connect(folder / "ledger.sqlite")
    with connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()


def test_what_was_only_written_has_no_fault_and_each_step_one_link(ledger: Ledger) -> None:
    ledger.record(entry(5))  # the same again changes nothing
    assert not ledger.claim(entry(4))
    assert ledger.chain.find_faults() == ()
    end = ledger.chain.read_end()
    assert (end.position, end.digest) == (5, ledger.chain.read_digest(5))
    assert ledger.chain.read_digest(0) == ledger.chain.read_digest(6) == ""


@pytest.mark.parametrize(
    "change",
    [
        "outcome = 'unfixed'", "detail = ''", "cost_usd = 0.0", "at = at + 1", "repair = 'r2'",
        "drafter = 'another'", "inputs = 'x'", "cost_known = 0", "kind = 'approval'",
        "ordinal = 9", "tokens_in = 1", "tokens_out = 1", "seconds = 1.0", "label = 'attempt 9'",
    ],
)  # fmt: skip
def test_a_changed_row_is_named_whatever_was_changed(
    ledger: Ledger, tmp_path: Path, change: str
) -> None:
    tamper(tmp_path, f"UPDATE healer_steps SET {change} WHERE number = 3")
    (fault,) = ledger.chain.find_faults()
    assert (fault.kind, fault.step) == ("changed", 3)


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["DELETE FROM healer_steps WHERE number = 3"], [("missing", 3)]),
        (["DELETE FROM healer_steps WHERE number > 3"], [("missing", 4), ("missing", 5)]),
        (
            [
                "DELETE FROM healer_steps WHERE number = 2",
                "DELETE FROM healer_chain WHERE step = 2",
            ],
            [("missing", 0)],
        ),
        (  # the newest steps with their links
            [
                "DELETE FROM healer_steps WHERE number > 3",
                "DELETE FROM healer_chain WHERE position > 3",
            ],
            [("cut", 0)],
        ),
        (
            ["UPDATE healer_chain SET digest = 'x' WHERE position = 2"],
            [("changed", 2), ("changed", 3)],
        ),
        (["UPDATE healer_chain SET digest = 'x' WHERE position = 0"], [("cut", 0)]),
        (
            [
                "INSERT INTO healer_steps (repair, label, at, outcome, detail, drafter, tokens_in,"
                " tokens_out, cost_usd, seconds) VALUES ('r9', 'outcome', 1, 'x', '', '', 0, 0, 0,"
                " 0)"
            ],
            [("unlinked", 6)],
        ),
    ],
)
def test_rows_that_are_gone_cut_off_or_new_are_found(
    ledger: Ledger, tmp_path: Path, statements: list[str], faults: list[tuple[str, int]]
) -> None:
    tamper(tmp_path, *statements)
    assert [(each.kind, each.step) for each in ledger.chain.find_faults()] == faults


def test_after_tampering_the_ledger_works_on_and_the_fault_stays_the_same(
    ledger: Ledger, tmp_path: Path
) -> None:
    tamper(
        tmp_path,
        "UPDATE healer_steps SET detail = 'x' WHERE number = 1",
        "DELETE FROM healer_chain WHERE position = 0",
    )
    ledger.record(entry(6))
    assert ledger.claim(entry(7))
    changed = ChainFault(kind="changed", step=1, repair="r1", label="attempt 1")
    assert ledger.chain.find_faults() == (changed,)


def test_a_ledger_of_before_is_linked_as_it_is_found_once(ledger: Ledger, tmp_path: Path) -> None:
    tamper(tmp_path, "DROP TABLE healer_chain")
    with Ledger.in_folder(tmp_path) as opened:
        assert opened.chain.read_end().position == 5
        assert opened.chain.find_faults() == ()
    tamper(tmp_path, "UPDATE healer_steps SET detail = 'x' WHERE number = 1")
    with Ledger.in_folder(tmp_path) as opened:
        assert [each.kind for each in opened.chain.find_faults()] == ["changed"]


def test_an_empty_ledger_has_an_empty_chain(tmp_path: Path) -> None:
    with Ledger.in_folder(tmp_path) as opened:
        assert opened.chain.read_end() == ChainEnd()
        assert opened.chain.find_faults() == ()


def test_several_processes_make_one_chain(tmp_path: Path) -> None:
    Ledger.in_folder(tmp_path).close()

    def write(repair: str) -> None:
        with Ledger.in_folder(tmp_path) as mine:
            for number in range(1, 6):
                mine.record(entry(number, repair=repair))

    threads = [Thread(target=write, args=(f"r{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Ledger.in_folder(tmp_path) as opened:
        assert opened.chain.read_end().position == 20
        assert opened.chain.find_faults() == ()
