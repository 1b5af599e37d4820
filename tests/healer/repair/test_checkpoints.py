"""Checkpoints go when a repair is over; what may still go on, or waits, keeps them."""

from pathlib import Path

import pytest

from healer.repair.checkpoints import KEPT_S, drop_checkpoints
from healer.repair.run import open_engine
from healer.support.clock import SYSTEM_CLOCK, Clock
from tests.support.earlier_version import change_rows
from tests.support.shop import BROKEN, SCRIPT, Shop, commit, shop


class LateClock(Clock):
    """Two hours ahead of the system's, by which DBOS dates what has ended."""

    def now(self) -> float:
        return SYSTEM_CLOCK.now() + 2 * KEPT_S


def checkpoints(here: Shop) -> set[str]:
    """The repairs that have any."""
    with change_rows(here.state) as database:
        rows = database.execute("SELECT DISTINCT workflow_uuid FROM operation_outputs")
        return {row[0] for row in rows}


def drop(here: Shop) -> None:
    with open_engine(here.services, here.state, "cli-x") as engine:
        drop_checkpoints(engine, here.services)


def test_a_repair_that_is_over_has_none_and_its_evidence_stays(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", clock=LateClock()) as here:
        repair = here.fix().repair
        assert here.decide("reject", repair, "no").done
        assert repair in checkpoints(here)
        drop(here)
        assert repair not in checkpoints(here)
        assert here.services.ledger.dossier(repair) is not None
        assert here.services.ledger.entries(repair)


def test_what_waits_for_a_person_keeps_them_and_can_be_approved(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", clock=LateClock()) as here:
        repair = here.fix().repair
        drop(here)
        assert repair in checkpoints(here)
        assert here.decide("approve", repair).done
        drop(here)
        assert repair not in checkpoints(here)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE healer_repairs SET state = 'open', outcome = ''",
        "DELETE FROM healer_repairs",
    ],
)
def test_what_the_ledger_does_not_hold_as_over_keeps_them(tmp_path: Path, change: str) -> None:
    with shop(tmp_path / "shop", clock=LateClock()) as here:
        repair = here.fix().repair
        here.decide("reject", repair, "no")
        with change_rows(here.state, "ledger") as database:
            database.execute(change)
        drop(here)
        assert repair in checkpoints(here)


def test_within_an_hour_they_stay_for_whoever_waits_for_its_end(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        here.decide("reject", repair, "no")
        drop(here)
        assert repair in checkpoints(here)


def test_those_of_decisions_stay_and_the_next_fix_drops_a_repairs_own(tmp_path: Path) -> None:
    with shop(tmp_path / "shop", clock=LateClock()) as here:
        merged = here.merged().id
        drop(here)
        assert checkpoints(here) == {f"approve-{merged}-1"}
        commit(here.folder, SCRIPT, BROKEN + "# again\n")
        first = here.fix().repair
        here.decide("reject", first, "no")
        commit(here.folder, SCRIPT, BROKEN + "# once more\n")
        here.fix()
        assert first not in checkpoints(here)
