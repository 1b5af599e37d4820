"""One failure of the inbox becomes a repair, a count, a revert, or a note that says why not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from healer.daemon.daemon import Daemon
from healer.daemon.orphans import relapse_id
from healer.facts.progress import Progress
from healer.watch.inbox import Inbox
from healer.watch.pause import pause, resume
from tests.support.shop import FIXED, SCRIPT, Shop, as_before, commit, failed, shop

notes: list[Progress] = []


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    notes.clear()
    with shop(tmp_path / "shop") as made:
        yield replace(made, services=replace(made.services, progress=notes.append))


def said() -> list[str]:
    return [note.detail.partition(": ")[2] for note in notes if note.step == "failure"]


def take(here: Shop, *failures: Any) -> list[str | None]:
    """What comes of each failure; the repairs that begin come to their end."""
    with Daemon(here.services, here.state) as daemon:
        answers = [daemon.intake.take(failure) for failure in failures]
        for each in answers:
            if each is not None:
                daemon.engine.wait_until_ended(each)
    return answers


def settings(here: Shop, **changes: Any) -> Shop:
    config = here.services.config.model_validate(here.services.config.model_dump() | changes)
    return replace(here, services=replace(here.services, config=config))


def test_a_failure_of_a_script_begins_a_repair_of_its_incident(here: Shop) -> None:
    failure = failed(here)
    (repair,) = take(here, failure)
    row = here.services.ledger.repair(str(repair))
    assert (row.script, row.fingerprint, row.state) == (SCRIPT, failure.fingerprint, "waiting")
    incident = here.services.incidents.find(failure.fingerprint)
    assert incident is not None
    assert (incident.repair, incident.state) == (repair, "waiting")
    assert said() == [f"repair {repair} of {SCRIPT} started"]


@pytest.mark.parametrize("script", ["", "tools/other.py", "scripts/prices.txt", "scripts"])
def test_what_is_no_script_of_the_configuration_is_recorded_only(here: Shop, script: str) -> None:
    assert take(here, failed(here, script=script)) == [None]
    assert said() == ["recorded only: no script of [scripts] failed"]
    assert here.services.ledger.newest(10) == ()
    assert here.services.incidents.list_all() == ()


def test_the_same_failure_again_is_counted_and_begins_nothing(here: Shop) -> None:
    first = failed(here)
    second = failed(here)
    answers = take(here, first, second)
    assert (answers[0] is not None, answers[1]) == (True, None)
    incident = here.services.incidents.find(first.fingerprint)
    assert incident is not None
    assert incident.count == 2
    assert len(here.services.ledger.newest(10)) == 1


def test_a_repair_waits_for_as_many_failures_as_the_configuration_says(here: Shop) -> None:
    patient = settings(here, watch={"after": 3})
    answers = take(patient, *(failed(here) for _ in range(3)))
    assert [answer is None for answer in answers] == [True, True, False]


def test_a_script_with_unfinished_work_is_left_alone_and_its_incident_rests(here: Shop) -> None:
    failure = failed(here)
    (here.folder / SCRIPT).write_text("# a person is at it\n")
    assert take(here, failure) == [None]
    (note,) = said()
    assert note.startswith("not repaired: ")
    assert "uncommitted changes" in note
    incident = here.services.incidents.find(failure.fingerprint)
    assert incident is not None
    assert incident.state == "open"


def test_a_fix_that_fails_again_is_taken_out_and_later_failures_are_counted(here: Shop) -> None:
    row = here.merged()
    notes.clear()
    answers = take(here, as_before(here, row), as_before(here, row))
    assert answers == [relapse_id(row.id), None]
    assert here.services.ledger.repair(row.id).state == "reverted"
    assert said()[0].startswith(f"repair {row.id} is taken out again: it failed again as before")


def test_a_retry_begins_another_repair_of_the_same_failure(here: Shop) -> None:
    failure = failed(here)
    (repair,) = take(here, failure)
    row = here.services.ledger.repair(str(repair))
    assert here.decide("reject", row.id, "no").done
    with Daemon(here.services, here.state) as daemon:
        daemon.intake.retry(row)
        newest = here.services.ledger.newest(10)[0]
        daemon.engine.wait_until_ended(newest.id)
    assert (newest.id == row.id, newest.fingerprint) == (False, failure.fingerprint)


def test_a_retry_of_a_check_is_a_check(here: Shop) -> None:
    with Daemon(here.services, here.state) as daemon:
        daemon.intake.check(SCRIPT)
        (first,) = here.services.ledger.newest(10)
        daemon.engine.wait_until_ended(first.id)
        daemon.intake.retry(here.services.ledger.repair(first.id))
        second = here.services.ledger.newest(10)[0]
        daemon.engine.wait_until_ended(second.id)
    assert (first.fingerprint, second.fingerprint) == ("", "")
    assert first.id != second.id


def test_what_may_not_be_healed_any_more_is_not_retried(here: Shop) -> None:
    (repair,) = take(here, failed(here))
    row = here.services.ledger.repair(str(repair))
    with Daemon(settings(here, scripts=["tools/*.py"]).services, here.state) as daemon:
        daemon.intake.retry(row)
    assert len(here.services.ledger.newest(10)) == 1


def test_a_check_finds_a_good_script_healthy(here: Shop) -> None:
    commit(here.folder, SCRIPT, FIXED)
    with Daemon(here.services, here.state) as daemon:
        daemon.intake.check(SCRIPT)
        (row,) = here.services.ledger.newest(10)
        daemon.engine.wait_until_ended(row.id)
    assert here.services.ledger.repair(row.id).outcome == "healthy"


def test_a_script_that_cannot_be_checked_is_noted(here: Shop) -> None:
    with Daemon(here.services, here.state) as daemon:
        daemon.intake.check("scripts/missing.py")
    (note,) = notes
    assert note.step == "check"
    assert note.detail.startswith("scripts/missing.py: there is no scripts/missing.py")
    assert here.services.ledger.newest(10) == ()


def test_nothing_is_taken_out_of_the_inbox_here(here: Shop) -> None:
    failure = failed(here)
    take(settings(here, watch={"after": 3}), failure)
    assert Inbox(here.state).list_pending() == (failure.id,)


def test_while_it_is_paused_failures_are_counted_and_nothing_begins(here: Shop) -> None:
    first = failed(here)
    pause(here.state, SCRIPT, "Ada", 1.0)
    assert take(here, first) == [None]
    with Daemon(here.services, here.state) as daemon:
        daemon.intake.check(SCRIPT)
    assert here.services.ledger.newest(10) == ()
    resume(here.state, "")
    (repair,) = take(here, failed(here))
    incident = here.services.incidents.find(first.fingerprint)
    assert incident is not None
    assert (incident.repair, incident.count) == (repair, 2)


def test_a_failure_from_before_its_fix_is_counted_only(here: Shop) -> None:
    before = failed(here)
    row = here.merged()
    late = before.model_copy(update={"id": "f00d"})
    assert take(here, late) == [None]
    assert f"counted only: repair {row.id} was merged since" in said()[-1]
    incident = here.services.incidents.find(before.fingerprint)
    assert incident is not None
    assert incident.state == "probation"
