"""The ledger in a status: what is there is told, and what cannot be read is no empty ledger."""

from pathlib import Path

from healer.app.ledger_status import ADVICE, read_ledger_status
from healer.ledger.merges import NO_MERGES, WINDOW_S, MergeCount
from healer.ledger.store import Ledger
from healer.support.clock import SetClock
from tests.support.ledger_rows import add_ends

NOW = 1e9


def test_what_waits_what_is_watched_and_the_merges_of_the_last_days_are_told(
    tmp_path: Path,
) -> None:
    clock = SetClock(NOW - WINDOW_S - 1)
    with Ledger.in_folder(tmp_path, clock) as ledger:
        add_ends(ledger, "healed", "reverted", name="old")
        clock.seconds = NOW - WINDOW_S + 1
        add_ends(ledger, "healed", "reverted", "review")
    found = read_ledger_status(tmp_path, tmp_path, "sqlite", NOW)
    assert (found.condition.text, found.merges) == ("ok", MergeCount(merged=2, reverted=1))
    assert [row.id for row in found.repairs] == ["r2"]
    assert [row.id for row in found.on_probation] == ["old0", "r0"]


def test_a_ledger_that_is_not_there_yet_is_well(tmp_path: Path) -> None:
    found = read_ledger_status(tmp_path, tmp_path, "sqlite", NOW)
    assert (found.condition.is_well, found.repairs, found.merges) == (True, (), NO_MERGES)


def test_a_ledger_that_is_missing_or_damaged_is_not_well(tmp_path: Path) -> None:
    (tmp_path / "waiting").mkdir()
    (tmp_path / "waiting" / "r1.json").write_text("{}")
    missing = read_ledger_status(tmp_path, tmp_path, "sqlite", NOW).condition
    assert (missing.is_well, missing.text) == (False, f"the ledger is missing; {ADVICE}")
    (tmp_path / "ledger.sqlite").write_bytes(b"no database" * 500)
    damaged = read_ledger_status(tmp_path, tmp_path, "sqlite", NOW)
    assert not damaged.condition.is_well
    assert "cannot be read" in damaged.condition.text
    assert damaged.merges == NO_MERGES
