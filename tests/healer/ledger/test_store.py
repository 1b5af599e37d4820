"""The end of a repair is written whole or not at all."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.ledger.store import Entry, Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.in_folder(tmp_path)
    made.open_repair(repair="r1", key="k", script="a.py", fingerprint="", request={})
    yield made
    made.close()


def entry(label: str) -> Entry:
    return Entry(repair="r1", label=label, outcome="done")


def test_the_end_of_a_repair_is_kept_with_its_steps_and_evidence(ledger: Ledger) -> None:
    for _ in range(2):  # a crash may come before the checkpoint that says it was done
        ledger.finish(
            "r1", "closed", "healed", {"merged": "c"}, entries=[entry("one")], evidence={"e": 1}
        )
    row = ledger.repair("r1")
    assert (row.state, row.outcome, row.result) == ("closed", "healed", {"merged": "c"})
    assert [each.label for each in ledger.steps("r1")] == ["one"]
    assert ledger.evidence("r1") == {"e": 1}


def test_an_end_that_cannot_be_written_whole_leaves_the_repair_open(ledger: Ledger) -> None:
    def entries() -> Iterator[Entry]:
        yield entry("one")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="the disk is full"):
        ledger.finish("r1", "closed", "healed", {}, entries=entries(), evidence={})
    assert ledger.repair("r1").state == "open"
    assert ledger.steps("r1") == ()
    assert ledger.evidence("r1") is None
