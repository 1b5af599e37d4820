"""What has no living process goes on or ends, and one that cannot holds up no other."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from dbos import DBOS, SetWorkflowID

from healer.daemon.daemon import Daemon
from healer.daemon.orphans import relapse_id
from healer.engine.durable import Engine
from healer.facts.errors import WorkflowError
from healer.facts.progress import Progress
from healer.ledger.rows import Entry, RepairRow
from healer.repair.request import build_request, find_or_open
from healer.repair.rollback import RollbackRequest, rollback
from healer.repair.workflow import repair
from healer.watch.inbox import Inbox
from tests.support.deadline import deadline
from tests.support.shop import SCRIPT, Shop, as_before, commit, failed, shop
from tests.support.smtp import smtp_server

notes: list[Progress] = []


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    notes.clear()
    with shop(tmp_path / "shop") as made, deadline():
        yield replace(made, services=replace(made.services, progress=notes.append))


def open_row(here: Shop, script: str = SCRIPT) -> RepairRow:
    """A repair that was opened, and whose process died before it began."""
    services = here.services
    command = ("python", script)
    request = build_request(services.repository, services.config, script, command=command)
    return find_or_open(services.ledger, request)[0]


def change(here: Shop, statement: str) -> None:
    with closing(sqlite3.connect(here.state / "workflows.sqlite")) as database, database:
        database.execute(statement)


def drain(here: Shop) -> int:
    with Daemon(here.services, here.state) as daemon:
        return daemon.drain()


def said() -> list[tuple[str, str]]:
    return [(note.repair, note.detail) for note in notes if note.step == "start"]


def test_every_open_repair_goes_on(here: Shop) -> None:
    commit(here.folder, "scripts/other.py", "print(1)\n")
    rows = [open_row(here), open_row(here, "scripts/other.py")]
    with Daemon(here.services, here.state) as daemon:
        assert daemon.orphans.adopt() == [row.id for row in rows]
        for row in rows:
            daemon.engine.wait_until_ended(row.id)
        assert daemon.orphans.adopt() == []
    # The scripted sandbox shows both the same failure: the later one may end as the one that waits.
    states = sorted(row.state for row in here.services.ledger.newest(10))
    assert states in (["waiting", "waiting"], ["ended", "waiting"])


def test_one_that_cannot_be_read_holds_up_no_other_and_is_said_once(here: Shop) -> None:
    commit(here.folder, "scripts/other.py", "print(1)\n")
    bad, good = open_row(here), open_row(here, "scripts/other.py")
    with Daemon(here.services, here.state):
        DBOS.register_queue("cli-dead")
        with SetWorkflowID(bad.id):
            DBOS.enqueue_workflow("cli-dead", repair.run, {})
    for table in ("workflow_input", "workflow_status"):
        change(here, f"UPDATE {table} SET inputs = 'gASVCg=='")
    with Daemon(here.services, here.state) as daemon:
        for _ in range(2):
            daemon.orphans.adopt()
        daemon.engine.wait_until_ended(good.id)
    assert [repair_id for repair_id, _ in said()] == [bad.id]
    assert "that healer did not write" in said()[0][1]
    assert here.services.ledger.repair(good.id).state == "waiting"
    assert here.services.ledger.repair(bad.id).state == "open"
    with pytest.raises(WorkflowError, match="did not write"):
        drain(here)


def test_a_workflow_that_this_version_does_not_know_is_ended_and_said_once(here: Shop) -> None:
    with Daemon(here.services, here.state) as daemon:
        DBOS.register_queue("cli-dead")
        with SetWorkflowID("w1"):
            DBOS.enqueue_workflow("cli-dead", repair.run, {})
        change(here, "UPDATE workflow_status SET name = 'mend'")
        for _ in range(2):
            daemon.orphans.adopt()
        status = DBOS.get_workflow_status("w1")
        assert status is not None
        assert status.status == "CANCELLED"
    text = "begun by another version of healer, and unknown to this one; ended"
    assert said() == [("w1", text)]


def test_an_incident_whose_repair_was_never_opened_is_lost_and_may_start_again(here: Shop) -> None:
    failure = failed(here)
    incidents = here.services.incidents
    answer = incidents.count_failures(failure.fingerprint, now=1.0, script=SCRIPT, after=1)
    assert answer == "start"
    with Daemon(here.services, here.state) as daemon:
        daemon.orphans.adopt()
    incident = incidents.find(failure.fingerprint)
    assert incident is not None
    assert (incident.state, incident.is_due) == ("open", 1)


def test_an_incident_is_given_the_open_repair_of_its_failure(here: Shop) -> None:
    failure = failed(here)
    services = here.services
    request = build_request(services.repository, services.config, SCRIPT, failure=failure)
    row, _ = find_or_open(services.ledger, request)
    services.incidents.count_failures(failure.fingerprint, now=1.0, script=SCRIPT, after=1)
    with Daemon(services, here.state) as daemon:
        assert daemon.orphans.adopt() == [row.id]
        incident = services.incidents.find(failure.fingerprint)
        daemon.engine.wait_until_ended(row.id)
    assert incident is not None
    assert (incident.state, incident.repair) == ("repairing", row.id)


def lose_workflows(here: Shop) -> None:
    for path in here.state.glob("workflows.sqlite*"):
        path.unlink()


def test_a_repair_without_its_checkpoints_is_not_done_again_where_it_has_merged(here: Shop) -> None:
    row = here.merged()
    reopened = row.model_copy(update={"state": "open", "outcome": "", "key": "again"})
    lose_workflows(here)
    with closing(sqlite3.connect(here.state / "ledger.sqlite")) as database, database:
        database.execute("DELETE FROM healer_repairs")
    assert here.services.ledger.restore(reopened, (), None)
    with Daemon(here.services, here.state) as daemon:
        assert daemon.orphans.adopt() == []
    again = here.services.ledger.repair(row.id)
    assert (again.state, again.fix_commit) == ("merged", row.fix_commit)


@pytest.mark.parametrize(("is_still_seen", "state"), [(True, "reverted"), (False, "merged")])
def test_a_relapse_without_its_checkpoints_is_asked_for_again(
    here: Shop, is_still_seen: bool, state: str
) -> None:
    row = here.merged()
    failure = as_before(here, row)
    Inbox(here.state).claim(failure.id)
    Inbox(here.state).mark_handled(failure.id)
    detail = f"failure {failure.id}: it failed again"
    entry = Entry(repair=row.id, kind="relapse", outcome="failed", detail=detail, inputs=failure.id)
    here.services.ledger.record(entry)  # as the intake has done, after it had begun the revert
    if not is_still_seen:
        (here.state / "broken-fix").unlink()
    drain(here)
    assert here.services.ledger.repair(row.id).state == state


def begin_relapse(here: Shop, row: RepairRow, engine: Engine) -> None:
    """As the intake does, and then its process dies."""
    request = RollbackRequest(repair=row.id, why="it failed", by="healer", when=1)
    engine.start(rollback, relapse_id(row.id), request)
    entry = Entry(repair=row.id, kind="relapse", outcome="failed", detail="it failed")
    here.services.ledger.record(entry)


def test_a_revert_that_a_bug_ends_twice_is_left_to_a_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_into_bug(*_: object, **__: object) -> None:
        raise KeyError("a bug")

    with smtp_server() as server, deadline():
        mail = {"smtp": server.url + "?starttls=false", "from": "h@example.com"}
        with shop(tmp_path / "shop", mail=mail | {"to": ["ada@example.com"]}) as here:
            row = here.merged()
            monkeypatch.setattr("healer.repair.rollback.follow_the_tip", run_into_bug)
            with Daemon(here.services, here.state) as daemon:
                begin_relapse(here, row, daemon.engine)
                for _ in range(2):
                    with pytest.raises(WorkflowError, match="a bug"):
                        daemon.engine.wait_until_ended(relapse_id(row.id))
                    workflow_ids = daemon.orphans.resume_relapses()
                assert workflow_ids == []
                assert daemon.orphans.resume_relapses() == []
            (entry,) = [e for e in here.services.ledger.entries(row.id) if e.kind == "probation"]
            assert entry.outcome == "stuck"
            assert entry.detail.startswith("healer could not take it out: it failed 2 times")
            assert here.services.ledger.repair(row.id).state == "merged"
            last = server.taken[-1].part("plain")
            assert "healer could not take it out" in last.lower().replace(
                "healer could", "healer could"
            )


def test_nobody_is_asked_twice_about_a_revert_that_stays(here: Shop) -> None:
    row = here.merged()
    with Daemon(here.services, here.state) as daemon:
        assert daemon.orphans.resume_relapses() == []  # it has not relapsed
        begin_relapse(here, row, daemon.engine)
        daemon.engine.wait_until_ended(relapse_id(row.id))
        assert daemon.orphans.resume_relapses() == []  # it is taken out
    assert here.services.ledger.repair(row.id).state == "reverted"
