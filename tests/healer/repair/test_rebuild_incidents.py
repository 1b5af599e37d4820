"""A lost incident is made anew where it is not over, and nothing is called broken that is well."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from healer.daemon.daemon import Daemon
from healer.facts.draft import Drafts
from healer.facts.states import IncidentState
from healer.ledger.rows import Entry
from healer.repair.rebuild_incidents import restore_incidents
from healer.repair.request import build_request, find_or_open
from healer.watch.inbox import Inbox
from healer.watch.runner import run_log
from tests.support.shop import SCRIPT, Shop, commit, failed, shop


class NoDraft:
    """Has nothing to try."""

    name = "scripted"

    def draft(self, *_: object) -> Drafts:
        return Drafts(reason="nothing fits")


@contextmanager
def without_incidents(folder: Path, before: Callable[[Shop], object]) -> Iterator[Shop]:
    with shop(folder) as here:
        before(here)
        state = here.state
    for path in state.glob("incidents.sqlite*"):
        path.unlink()
    with shop(folder) as here:
        yield here


def drain(here: Shop) -> None:
    with Daemon(here.services, here.state) as daemon:
        daemon.drain()


def states(here: Shop) -> list[tuple[str, IncidentState, int]]:
    return [(each.script, each.state, each.count) for each in here.services.incidents.list_all()]


def test_what_waits_and_what_was_given_up_is_there_again(tmp_path: Path) -> None:
    def wait(here: Shop) -> None:
        for _ in range(3):
            failed(here)
        drain(here)

    def give_up(here: Shop) -> None:
        here.drafter = NoDraft()
        wait(here)

    with without_incidents(tmp_path / "waits", wait) as here:
        assert len(restore_incidents(here.services)) == 1
        assert states(here) == [(SCRIPT, "waiting", 3)]
        assert restore_incidents(here.services) == []
    with without_incidents(tmp_path / "given-up", give_up) as here:
        assert len(restore_incidents(here.services)) == 1
        assert states(here) == [(SCRIPT, "open", 3)]
        (incident,) = here.services.incidents.list_all()
        assert incident.summary.startswith("KeyError")
        assert incident.rests_until > incident.since


def test_what_is_over_stays_over(tmp_path: Path) -> None:
    def mend(here: Shop) -> None:
        failed(here)
        drain(here)
        (row,) = here.services.ledger.repairs("waiting")
        assert here.decide("approve", row.id).done
        end = Entry(repair=row.id, kind="probation", outcome="resolved", detail="two good runs")
        here.services.ledger.record(end)

    with without_incidents(tmp_path / "shop", mend) as here:
        assert restore_incidents(here.services) == []


def keep_failure(here: Shop) -> None:
    """A handled failure of which the ledger has no repair: it was only counted."""
    failure = failed(here)
    Inbox(here.state).claim(failure.id)
    Inbox(here.state).mark_handled(failure.id)


def test_a_counted_failure_is_an_open_incident_and_begins_nothing(tmp_path: Path) -> None:
    with without_incidents(tmp_path / "shop", keep_failure) as here:
        assert len(restore_incidents(here.services)) == 1
        assert states(here) == [(SCRIPT, "open", 1)]
        drain(here)
        assert here.services.ledger.repairs() == ()


def test_a_failure_that_waits_is_counted_when_it_is_taken(tmp_path: Path) -> None:
    with without_incidents(tmp_path / "shop", failed) as here:
        assert restore_incidents(here.services) == []
        drain(here)
        assert states(here) == [(SCRIPT, "waiting", 1)]


def test_what_ran_well_since_or_was_changed_is_not_called_broken(tmp_path: Path) -> None:
    def run_well(here: Shop) -> None:
        keep_failure(here)
        run = run_log.LoggedRun(SCRIPT, here.tip, 0, time.time() + 1, 0.1)
        run_log.append(here.state, run)

    def mend(here: Shop) -> None:
        keep_failure(here)
        commit(here.folder, SCRIPT, "print(1)\n")

    for name, before in (("ran", run_well), ("mended", mend)):
        with without_incidents(tmp_path / name, before) as here:
            assert restore_incidents(here.services) == []


def test_a_repair_of_which_no_failure_is_known_yet_is_no_incident(tmp_path: Path) -> None:
    def begin(here: Shop) -> None:
        services = here.services
        wish = build_request(services.repository, services.config, SCRIPT)
        find_or_open(services.ledger, wish)

    with without_incidents(tmp_path / "shop", begin) as here:
        assert restore_incidents(here.services) == []
