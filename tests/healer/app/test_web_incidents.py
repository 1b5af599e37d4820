"""What the page says of incidents, jobs and health is what the commands say."""

from pathlib import Path

import pytest

from healer.app.configuration import read_configuration
from healer.app.status import collect_status
from healer.app.trust import find_refused, trust_first_use
from healer.app.web_incidents import IncidentDesk, describe_health
from healer.ledger.store import Ledger
from healer.watch.inbox import Inbox
from healer.watch.incidents import Incidents
from healer.watch.pause import why_paused
from healer.web.repairs import RefusedError
from quarantine.repository import Repository
from tests.support.git import make_repository
from tests.support.ledger_rows import add_ends, failure_of


@pytest.fixture
def desk(tmp_path: Path) -> IncidentDesk:
    root = make_repository(tmp_path / "shop", {"a.py": "print(1)\n"})
    with Incidents(Repository.open(root).state_dir / "incidents.sqlite") as store:
        store.count_failures("aa11", now=1_000.0, script="a.py", summary="KeyError: 'te'")
        store.count_failures("bb22", now=2_000.0, script="b.py")
        store.apply_event("bb22", "vanish", now=3_000.0, reason="it ran well")
    return IncidentDesk(root)


def test_incidents_are_listed_with_their_states(desk: IncidentDesk) -> None:
    shown = [(one.fingerprint, one.is_over, one.summary) for one in desk.incidents()]
    assert shown == [("bb22", True, "it ran well"), ("aa11", False, "KeyError: 'te'")]


def test_failures_that_are_in_no_incident_are_counted(desk: IncidentDesk, tmp_path: Path) -> None:
    assert desk.untaken() == 0
    Inbox(Repository.open(tmp_path / "shop").state_dir).put(failure_of("cc44"))
    assert desk.untaken() == 1


def test_a_persons_word_is_kept(desk: IncidentDesk) -> None:
    assert [one.acked_by for one in desk.incidents()] == ["", ""]
    desk.put_off("aa11", "", by="Ada")
    assert [one.acked_by for one in desk.incidents()] == ["", "Ada"]
    desk.put_off("aa11", "2h")
    life = desk.read_life("aa11")
    assert life
    assert [moment.event for moment in life.moments][-2:] == ["acknowledge", "snooze"]
    assert desk.read_life("cc33") is None


@pytest.mark.parametrize(("fingerprint", "duration"), [("bb22", ""), ("cc33", ""), ("aa11", "x")])
def test_what_cannot_be_put_off_is_refused(
    desk: IncidentDesk, fingerprint: str, duration: str
) -> None:
    with pytest.raises(RefusedError):
        desk.put_off(fingerprint, duration)


def test_health_says_what_does_not_run(desk: IncidentDesk, tmp_path: Path) -> None:
    health = describe_health(collect_status(tmp_path / "shop"))
    by_name = {line.name: line for line in health.lines}
    assert not by_name["daemon"].is_well
    assert by_name["configuration"].is_well
    assert (by_name["merging"].is_well, by_name["merging"].detail) == (True, "not paused")
    assert health.jobs == ()
    assert len(desk.health().lines) == len(health.lines)


def test_health_says_that_too_many_merges_were_taken_out_again(
    desk: IncidentDesk, tmp_path: Path
) -> None:
    with Ledger.in_folder(tmp_path / "shop/.git/healer") as ledger:
        add_ends(ledger, "reverted", "reverted", "healed")
    (merging,) = (line for line in desk.health().lines if line.name == "merging")
    assert not merging.is_well
    assert merging.detail.startswith("not paused; 2 of the 3 fixes that were merged in 30 days")


def test_what_is_paused_by_the_page_is_paused_for_every_command(
    desk: IncidentDesk, tmp_path: Path
) -> None:
    state_dir = Repository.open(tmp_path / "shop").state_dir
    desk.pause(by="anna (signed on)")
    assert [each.by for each in desk.health().pauses] == ["anna (signed on)"]
    assert "is paused by anna (signed on)" in why_paused(state_dir, "a.py")
    desk.resume()
    assert why_paused(state_dir, "a.py") == ""


def test_the_page_allows_what_it_has_shown(desk: IncidentDesk, tmp_path: Path) -> None:
    root = tmp_path / "shop"
    repository = Repository.open(root)
    trust_first_use(repository, read_configuration(repository), lambda _: None)
    assert desk.health().settings == ()
    (root / "healer.toml").write_text('[sandbox]\nimage = "other:latest"\n')
    shown = desk.health().settings
    assert [each.key for each in shown] == ["sandbox.image"]
    (root / "healer.toml").write_text('[sandbox]\nimage = "evil:latest"\n')
    with pytest.raises(RefusedError, match="something else by now"):
        desk.trust(shown)
    assert find_refused(repository, read_configuration(repository))
    desk.trust(desk.health().settings)
    assert find_refused(repository, read_configuration(repository)) == []
