"""An incident that another's fix heals is over when that fix has held, and open when it has not."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from healer.daemon.daemon import Daemon
from healer.daemon.tasks.end_probations import EndProbations
from healer.ledger.rows import RepairRow
from healer.repair.probation import ProbationEnd
from healer.repair.probation_siblings import join_probation
from healer.repair.rollback import leave_merged
from healer.watch.incident import Incident
from tests.support.deadline import deadline
from tests.support.notices import notice
from tests.support.shop import Shop, failed, shop
from tests.support.smtp import Server, smtp_server

OTHER = "f" * 16


@dataclass
class World:
    """A fix on probation, and another incident that it heals."""

    here: Shop
    server: Server
    row: RepairRow

    @property
    def incident(self) -> Incident:
        incident = self.here.services.incidents.find(OTHER)
        assert incident is not None
        return incident

    def join(self, *, is_told: bool = True) -> None:
        services = self.here.services
        services.incidents.count_failures(OTHER, now=1.0, script="scripts/report.py")
        if is_told:
            services.notifier.notify(
                notice(fingerprint=OTHER, script="scripts/report.py"), services.clock.moment()
            )
            services.notifier.flush(services.clock.moment())
        self.server.taken.clear()
        join_probation(self.row, self.incident, services)

    def words(self) -> list[str]:
        """What was mailed of the other incident since."""
        texts = (" ".join(each.part("plain").split()) for each in self.server.taken)
        return [text for text in texts if "scripts/report.py" in text]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with smtp_server() as server:
        mail = {
            "smtp": server.url + "?starttls=false", "from": "h@example.com",
            "to": ["ada@example.com"], "group_wait_s": 0,
        }  # fmt: skip
        with shop(tmp_path / "shop", mail=mail) as here, deadline():
            failed(here)
            yield World(here, server, here.merged())


def test_it_is_on_the_same_probation_and_said_to_be_over_only_when_that_has_held(
    world: World,
) -> None:
    world.join()
    assert (world.incident.state, world.incident.repair) == ("probation", world.row.id)
    (text,) = world.words()
    assert f"Fixed by repair {world.row.id}: its command succeeds with that fix." in text
    assert "This is over once that has held." in text
    assert "this is over" not in text
    with Daemon(world.here.services, world.here.state) as daemon:
        task = EndProbations(world.here.services, daemon.orphans)
        task._record(world.row, ProbationEnd(outcome="resolved", detail="3 runs ended well"))
    assert world.incident.state == "resolved"
    assert "scripts/report.py: this is over 3 runs ended well." in world.words()[-1]
    assert len(world.words()) == 2


@pytest.mark.parametrize("is_told", [True, False])
def test_when_the_fix_is_taken_out_it_is_open_and_its_thread_says_so(
    world: World, is_told: bool
) -> None:
    world.join(is_told=is_told)
    assert world.here.decide("rollback", world.row.id, "it is wrong").done
    assert world.incident.state == "open"
    words = world.words()
    assert len(words) == (2 if is_told else 0)
    if is_told:
        assert (
            "The fix of scripts/report.py was taken out again, and it is not repaired" in words[1]
        )


def test_when_the_fix_stays_and_is_wrong_it_is_open(world: World) -> None:
    world.join()
    leave_merged(world.row, "its commit is gone", world.here.services)
    assert world.incident.state == "open"
    assert "could not be taken out" in world.words()[-1]


def test_what_failed_again_meanwhile_or_belongs_to_another_fix_is_left_alone(world: World) -> None:
    world.join()
    incidents = world.here.services.incidents
    incidents.count_failures(OTHER, now=2.0)
    assert world.incident.state == "repairing"
    elsewhere = "e" * 16
    incidents.count_failures(elsewhere, now=1.0, script="scripts/a.py")
    incidents.apply_event(elsewhere, "merge", now=2.0, repair="another")
    assert world.here.decide("rollback", world.row.id, "it is wrong").done
    assert [m.event for m in incidents.list_life(OTHER)] == ["start", "merge", "start"]
    other = incidents.find(elsewhere)
    assert other is not None
    assert other.state == "probation"
