"""An incident that needs a person is one issue, over crashes and clones, and closed when it is
over."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from healer.daemon.tasks.issues import FILE, MOST_A_DAY, SETTLE_S, FollowIncidents
from healer.facts.progress import Progress
from healer.repair.incident_events import end_incident
from tests.healer.repair.test_pull_request import shop_on_forge
from tests.support.forge_server import ScriptedForge, scripted_forge
from tests.support.shop import SCRIPT, Shop

NOW = 1.8e9


@pytest.fixture(params=["github", "gitlab", "gitea"])
def forge(request: pytest.FixtureRequest) -> Iterator[ScriptedForge]:
    with scripted_forge(request.param) as server:
        yield server


@pytest.fixture
def here(tmp_path: Path, forge: ScriptedForge) -> Iterator[Shop]:
    with shop_on_forge(tmp_path, forge) as made:
        made.fix()
        yield made


def follow(here: Shop, now: float = NOW) -> None:
    """One look of a daemon that has just started."""
    FollowIncidents(here.services, here.state).run(now)


def text_of(forge: ScriptedForge, number: int = 1) -> str:
    issue = forge.issues[number - 1]
    return str(issue.get("body") or issue.get("description"))


def state_of(forge: ScriptedForge) -> list[str]:
    return [issue["state"] for issue in forge.issues]


def writes(forge: ScriptedForge) -> int:
    """How often an issue was opened or changed."""
    return sum("issues" in call and not call.startswith("GET") for call in forge.calls)


def test_what_waits_is_an_issue_with_its_reason_and_request(
    here: Shop, forge: ScriptedForge
) -> None:
    (incident,) = here.services.incidents.list_all()
    follow(here)
    assert forge.issues[0]["title"] == f"{SCRIPT}: KeyError: 'te'"
    text = text_of(forge)
    assert text.startswith(f"Incident `{incident.fingerprint}` of healer.\n\nIt waits for a person")
    assert f"repair: {incident.repair}" in text
    assert "pull request: https://forge.example/shop/jobs/1" in text


def test_however_often_it_is_looked_at_it_is_one_and_written_once(
    here: Shop, forge: ScriptedForge
) -> None:
    task = FollowIncidents(here.services, here.state)
    for number in range(3):
        task.run(NOW + number)
    calls = len(forge.calls)
    task.run(NOW + 9)
    assert len(forge.calls) == calls  # nothing is new, so nothing is asked
    follow(here)
    (here.state / FILE).unlink()
    follow(here)
    assert (state_of(forge), writes(forge)) == (["open"], 1)


def test_it_is_closed_with_the_commit_that_mended_it(here: Shop, forge: ScriptedForge) -> None:
    follow(here)
    (incident,) = here.services.incidents.list_all()
    assert here.decide("approve", incident.repair).done
    follow(here)
    assert "A fix was merged, and is on probation." in text_of(forge)
    assert state_of(forge) == ["open"]
    end_incident(incident.fingerprint, "confirm", here.services)
    follow(here)
    assert state_of(forge) == ["closed"]
    fix = here.services.ledger.repair(incident.repair).fix_commit
    assert f"merged as: {fix}" in text_of(forge)
    calls = len(forge.calls)
    follow(here)
    assert len(forge.calls) == calls


def test_what_fails_again_opens_the_same_one(here: Shop, forge: ScriptedForge) -> None:
    follow(here)
    (incident,) = here.services.incidents.list_all()
    end_incident(incident.fingerprint, "vanish", here.services)
    follow(here)
    assert state_of(forge) == ["closed"]
    here.services.incidents.count_failures(incident.fingerprint, now=NOW, after=9)
    follow(here)
    assert state_of(forge) == ["open"]


def test_what_a_person_closes_stays_closed(here: Shop, forge: ScriptedForge) -> None:
    follow(here)
    forge.issues[0]["state"] = "closed"
    (incident,) = here.services.incidents.list_all()
    end_incident(incident.fingerprint, "fail", here.services, reason="turned down")
    follow(here)
    assert (state_of(forge), "turned down" in text_of(forge)) == (["closed"], True)


@pytest.mark.parametrize("hidden", [0, 1])
def test_a_crash_while_it_is_opened_opens_no_second_one(
    here: Shop, forge: ScriptedForge, hidden: int
) -> None:
    forge.posts = "cut"
    follow(here)
    assert len(forge.issues) == 1
    forge.posts, forge.hidden_issues = "taken", hidden
    follow(here, NOW + 60)
    forge.hidden_issues = 0
    follow(here, NOW + 2 * SETTLE_S)
    assert state_of(forge) == ["open"]


def test_what_was_never_opened_is_opened_after_a_while(here: Shop, forge: ScriptedForge) -> None:
    forge.posts = "refused"
    follow(here)
    forge.posts = "taken"
    follow(here, NOW + 60)
    assert forge.issues == []
    follow(here, NOW + SETTLE_S)
    assert state_of(forge) == ["open"]


def test_a_removed_issue_is_not_opened_again(here: Shop, forge: ScriptedForge) -> None:
    follow(here)
    forge.hidden_issues = 1
    follow(here, NOW + 2 * SETTLE_S)
    assert len(forge.issues) == 1


def test_what_is_snoozed_or_belongs_to_another_clone_is_left(
    here: Shop, forge: ScriptedForge
) -> None:
    (incident,) = here.services.incidents.list_all()
    here.services.incidents.snooze(incident.fingerprint, NOW + 60, "Ada", now=NOW)
    follow(here)
    assert forge.issues == []

    class Elsewhere:
        clone = "this one"

        def hold(self, _: object) -> bool:
            return False

    services, here.services = here.services, replace(here.services, fleet=Elsewhere())
    follow(here, NOW + 120)
    assert forge.issues == []
    here.services = services
    follow(here, NOW + 120)
    assert len(forge.issues) == 1


def test_a_storm_opens_only_so_many_and_says_so_once(here: Shop, forge: ScriptedForge) -> None:
    notes: list[Progress] = []
    here.services = replace(here.services, progress=notes.append)
    (first,) = here.services.incidents.list_all()
    for number in range(MOST_A_DAY + 5):
        here.services.incidents.count_failures(f"{number:016x}", now=NOW, script=SCRIPT)
        end_incident(f"{number:016x}", "ask", here.services, repair=first.repair)
    task = FollowIncidents(here.services, here.state)
    task.run(NOW)
    task.run(NOW + 60)
    assert len(forge.issues) == MOST_A_DAY
    assert sum("within a day" in note.detail for note in notes) == 1
    task.run(NOW + 25 * 3600)
    assert len(forge.issues) == MOST_A_DAY + 6


def test_a_forge_that_is_away_is_said_once_and_asked_again(
    here: Shop, forge: ScriptedForge
) -> None:
    notes: list[Progress] = []
    here.services = replace(here.services, progress=notes.append)
    task = FollowIncidents(here.services, here.state)
    forge.refuse = (503, b"", "")
    for moment in (NOW, NOW + 60):
        task.run(moment)
    assert [note.detail.split(":")[0] for note in notes] == ["not as they should be"]
    forge.refuse = None
    task.run(NOW + 120)
    assert state_of(forge) == ["open"]


def test_what_is_remembered_may_be_broken(here: Shop, forge: ScriptedForge) -> None:
    follow(here)
    (here.state / FILE).write_text("{")
    follow(here)
    assert (len(forge.issues), writes(forge)) == (1, 1)
