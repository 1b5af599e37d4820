"""What failed while nothing might begin is repaired when it may, and only once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from healer.daemon.daemon import Daemon
from healer.daemon.tasks.held_repairs import StartHeldRepairs
from healer.facts.errors import PostponedError
from healer.support.clock import SetClock
from healer.watch import pause
from healer.watch.inbox import Inbox
from tests.support.deadline import deadline
from tests.support.shop import FIXED, SCRIPT, Shop, commit, failed, shop

NIGHT = datetime(2027, 3, 28, 0, 30, tzinfo=UTC).timestamp()
WINDOW = {"schedule": "0 1 28 3 *", "duration": "3h", "timezone": "Europe/Vienna"}
"""From 00:00 to 03:00 UTC: summer time begins in it."""


def drain(here: Shop) -> list[str]:
    with deadline(), Daemon(here.services, here.state) as daemon:
        daemon.drain()
    return [row.state for row in here.services.ledger.repairs()]


def test_a_failure_of_a_pause_is_repaired_after_it_without_another_one(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        pause.pause(here.state, SCRIPT, "Ada", 1.0)
        failed(here)
        assert drain(here) == []
        assert drain(here) == []
        pause.resume(here.state, SCRIPT)
        assert drain(here) == ["waiting"]
        assert drain(here) == ["waiting"]
        assert here.services.incidents.list_all()[0].count == 1


def test_what_was_mended_meanwhile_is_not_repaired_when_the_pause_is_over(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        pause.pause(here.state, "", "Ada", 1.0)
        failed(here)
        assert drain(here) == []
        commit(here.folder, SCRIPT, FIXED)
        pause.resume(here.state, "")
        assert drain(here) == []
        StartHeldRepairs(here.services, Inbox(here.state)).run(1e10)
        assert Inbox(here.state).list_pending() == ()


def test_nothing_begins_in_a_maintenance_window_and_all_does_at_its_end(tmp_path: Path) -> None:
    clock = SetClock(NIGHT)
    with shop(tmp_path / "shop", clock=clock, maintenance=[WINDOW]) as here:
        failed(here)
        assert drain(here) == []
        clock.seconds = NIGHT + 2.4 * 3600
        assert drain(here) == []
        clock.seconds = NIGHT + 2.6 * 3600
        assert drain(here) == ["waiting"]


def test_what_is_approved_in_a_maintenance_window_is_merged_when_it_is_over(tmp_path: Path) -> None:
    clock = SetClock(NIGHT - 7200)
    with shop(tmp_path / "shop", clock=clock, maintenance=[WINDOW]) as here, deadline():
        repair, tip = here.fix().repair, here.tip
        clock.seconds = NIGHT
        with pytest.raises(PostponedError, match="window is on until 2027-03-28 05:00"):
            here.decide("approve", repair)
        assert here.tip == tip
        clock.seconds = NIGHT + 2.6 * 3600
        assert here.decide("approve", repair).done
        assert here.tip != tip
