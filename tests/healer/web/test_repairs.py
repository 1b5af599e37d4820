"""What the pages need is met by the repairs in memory as by the real ones."""

from typing import get_type_hints

import pytest

from healer.app.web_backend import WebBackend
from healer.web.repairs import CostRow, LedgerLine, RefusedError, Repairs
from tests.support.web_backend import MemoryBackend, new_backend

NEEDS = sorted(name for name in vars(Repairs) if not name.startswith("_"))


@pytest.mark.parametrize("backend", [MemoryBackend, WebBackend])
@pytest.mark.parametrize("need", NEEDS)
def test_each_need_is_met_with_the_same_types(backend: type, need: str) -> None:
    wanted = get_type_hints(getattr(Repairs, need))
    offered = get_type_hints(getattr(backend, need))
    assert offered == wanted


def test_an_unknown_repair_is_none() -> None:
    assert new_backend().get("nosuch") is None


def test_a_decision_shows_in_the_state_and_the_version() -> None:
    backend = new_backend()
    before = backend.version()
    backend.reject("r7", "no")
    view = backend.get("r7")
    assert view is not None
    assert view.state == "rejected"
    assert backend.version() != before
    with pytest.raises(RefusedError, match="does not wait"):
        backend.reject("r7", "no")


def test_the_ledger_is_cut_and_costs_are_rows() -> None:
    backend = new_backend()
    assert len(backend.ledger(2)) == 2
    assert all(isinstance(line, LedgerLine) for line in backend.ledger(9))
    assert all(isinstance(row, CostRow) for row in backend.costs())
