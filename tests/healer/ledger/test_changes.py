"""A lost repair is put back whole, once, and its steps are in the chain like any other."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from healer.facts.repair import Baseline, Dossier
from healer.ledger.rows import Entry, RepairRow
from healer.ledger.store import Ledger
from tests.support.ledger_rows import add_repair, request_of

REQUEST = request_of("r1")
DOSSIER = Dossier(request=REQUEST, baseline=Baseline(reason="it failed"))
STEPS = (
    Entry(repair="r1", kind="attempt", number=1, outcome="fixed", at=5.0, cost_usd=0.5),
    Entry(repair="r1", kind="outcome", outcome="review"),
)


@pytest.fixture
def lost(tmp_path: Path) -> RepairRow:
    """A waiting repair of a ledger that is not there any more."""
    with Ledger.in_folder(tmp_path / "lost") as ledger:
        return add_repair(ledger, "review", request=REQUEST, dossier=DOSSIER)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger.in_folder(tmp_path / "new") as ledger:
        yield ledger


def test_it_is_there_again_as_it_was(ledger: Ledger, lost: RepairRow) -> None:
    assert ledger.restore(lost, STEPS, DOSSIER)
    assert ledger.repairs("waiting") == (lost,)
    assert ledger.list_ids() == {"r1"}
    assert ledger.dossier("r1") == DOSSIER
    steps = ledger.entries("r1")
    assert [(each.label, each.at, each.cost_usd) for each in steps] == [
        ("attempt 1", 5.0, 0.5),
        ("outcome", lost.updated_at, 0.0),
    ]
    assert list(ledger.chain.find_faults()) == []


def test_the_same_again_changes_nothing(ledger: Ledger, lost: RepairRow) -> None:
    assert ledger.restore(lost, STEPS, DOSSIER)
    version = ledger.version()
    changed = lost.model_copy(update={"script": "other.py"})
    assert not ledger.restore(changed, (Entry(repair="r1", kind="draft", outcome="none"),), None)
    assert ledger.version() == version


def test_of_one_wish_there_is_one_open_repair(ledger: Ledger, lost: RepairRow) -> None:
    ledger.open_repair(request_of("r2"), key=lost.key)
    opened = lost.model_copy(update={"state": "open", "outcome": ""})
    assert not ledger.restore(opened, STEPS, None)
    assert ledger.list_ids() == {"r2"}
    assert ledger.entries("r1") == ()


def test_it_goes_on_from_where_it_was(ledger: Ledger, lost: RepairRow) -> None:
    ledger.restore(lost, (), None)
    ledger.settle("r1", "rejected", lost.known_result)
    assert ledger.repair("r1").state == "rejected"
