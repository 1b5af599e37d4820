"""Who runs what in this process, never the same twice; and none stays open for ever.

The states of repairs that cannot go on are those that an earlier version left when it was killed
(`tests.support.earlier_version`), as they are, and with what an update, a bug or a stranger may do
to them.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS

from healer.daemon.daemon import Daemon
from healer.engine.condition import DAEMON, DAEMON_QUEUE
from healer.engine.durable import Engine
from healer.engine.locks import hold_executor_lock, is_alive
from healer.facts.errors import UsageError, WorkflowError
from healer.facts.progress import Progress
from healer.facts.repair import Dossier, Request, Result
from healer.ledger.rows import RepairRow
from healer.repair.request import build_request, find_or_open
from healer.repair.run import FOLLOWING, open_engine, run_decision, run_repair
from healer.repair.workflow import repair
from healer.services import current_services
from tests.support.deadline import deadline
from tests.support.earlier_version import change_rows, restore
from tests.support.git import git
from tests.support.ledger_rows import result_of
from tests.support.shop import FIXED, SCRIPT, Shop, shop


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Shop]:
    with shop(tmp_path / "shop") as made:
        yield made


def test_the_same_wish_typed_again_after_its_end_is_a_new_repair(here: Shop) -> None:
    first = here.fix()
    here.decide("reject", first.repair, "not now")
    second = here.fix()
    assert first.repair != second.repair
    assert {row.id for row in here.services.ledger.repairs()} == {first.repair, second.repair}


def test_an_open_repair_that_does_the_same_is_gone_on_with(here: Shop) -> None:
    request = build_request(
        here.services.repository, here.services.config, SCRIPT, command=("python", SCRIPT)
    )
    opened = request.model_copy(update={"repair": "feed0001"})
    find_or_open(here.services.ledger, opened)
    assert run_repair(here.services, here.state, request).repair == "feed0001"


def test_a_repair_that_another_process_runs_is_awaited_and_told(here: Shop) -> None:
    request = build_request(
        here.services.repository, here.services.config, SCRIPT, command=("python", SCRIPT)
    )
    row, _ = find_or_open(here.services.ledger, request)
    notes: list[Progress] = []
    services = replace(here.services, progress=notes.append)
    results: list[Result] = []
    with hold_executor_lock(here.state, f"cli-{row.id}"):
        waiter = threading.Thread(
            target=lambda: results.append(run_repair(services, here.state, request))
        )
        waiter.start()
        while not notes:
            waiter.join(0.01)
        assert waiter.is_alive()
        ended = result_of(request, "gave_up")
        here.services.ledger.settle(row.id, "gave_up", ended)
        waiter.join(30)
    assert results == [ended]
    assert [note.detail for note in notes] == [FOLLOWING]


def test_a_repair_whose_process_died_is_taken_over(here: Shop) -> None:
    request = build_request(
        here.services.repository, here.services.config, SCRIPT, command=("python", SCRIPT)
    )
    row, _ = find_or_open(here.services.ledger, request)
    notes: list[Progress] = []
    services = replace(here.services, progress=notes.append)
    results: list[Result] = []
    with hold_executor_lock(here.state, f"cli-{row.id}"):
        waiter = threading.Thread(
            target=lambda: results.append(run_repair(services, here.state, request))
        )
        waiter.start()
        while not notes:
            waiter.join(0.01)
    waiter.join(60)
    (result,) = results
    assert (result.repair, result.outcome) == (row.id, "review")


@pytest.mark.parametrize(("executor", "queue"), [(DAEMON, DAEMON_QUEUE), ("cli-r1", "cli-r1")])
def test_the_daemon_serves_its_queue_and_a_command_one_of_its_own(
    here: Shop, executor: str, queue: str
) -> None:
    with open_engine(here.services, here.state, executor) as engine:
        assert engine.queue == queue
        assert is_alive(here.state, executor)
        assert current_services() is here.services
    assert not is_alive(here.state, executor)


def test_two_decisions_at_once_are_one(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as here:
        repair = here.fix().repair
        for action in ("approve", "reject"):
            with hold_executor_lock(here.state, f"cli-decide-{repair}"):
                decided = here.decide(action, repair, "no")
            assert not decided.done
            assert "another decision on it is being carried out" in decided.reason
        assert here.services.ledger.repair(repair).state == "waiting"


def test_a_decision_takes_the_beginning_of_an_id(here: Shop) -> None:
    repair = here.fix().repair
    decision = here.decide("reject", repair[:3], "no")
    assert (decision.repair, decision.done, decision.reason) == (
        repair,
        True,
        "rejected by Ada: no",
    )


@pytest.mark.parametrize("action", ["approve", "reject", "rollback"])
def test_a_decision_on_a_repair_that_is_not_there_is_refused(here: Shop, action: str) -> None:
    with pytest.raises(UsageError, match="there is no repair 'f00'"):
        here.decide(action, "f00")


@pytest.mark.parametrize("answer", [True, False])
def test_an_approval_is_carried_out_only_where_it_is_confirmed(here: Shop, answer: bool) -> None:
    repair, dossiers = here.fix().repair, list[Dossier]()

    def confirm(dossier: Dossier) -> bool:
        dossiers.append(dossier)
        return answer

    decision = run_decision(
        here.services, here.state, "approve", repair, by="Ada", why="", is_confirmed=confirm
    )
    assert decision.done is answer
    assert [dossier.request.repair for dossier in dossiers] == [repair]
    state = here.services.ledger.repair(repair).state
    assert state == ("merged" if answer else "waiting")
    if not answer:
        assert decision.reason == "it was not confirmed"


def test_nobody_is_asked_to_confirm_a_rejection(here: Shop) -> None:
    repair = here.fix().repair
    decision = run_decision(
        here.services, here.state, "reject", repair, by="Ada", why="no",
        is_confirmed=lambda _: pytest.fail("nobody needs to"),
    )  # fmt: skip
    assert decision.done


STEPS = ["examine", "draft 1", "attempt 1", "outcome"]
Change = Callable[[sqlite3.Connection], object]


def as_it_is(_: sqlite3.Connection) -> None:
    """An update after which the checkpoints of decisions still fit; a repair begins anew, since its
    first step is another one."""


def another_version(database: sqlite3.Connection) -> None:
    """Of healer as a whole, as versions before this one counted."""
    database.execute("UPDATE workflow_status SET application_version = 'healer-0'")


def another_definition(database: sqlite3.Connection) -> None:
    """Of the workflow: this one has no function for it."""
    database.execute("UPDATE workflow_status SET name = name || '@99' WHERE status = 'PENDING'")


def of_this_version(database: sqlite3.Connection) -> None:
    """As this version would have begun it, so that its checkpoints are looked at."""
    database.execute(
        "UPDATE workflow_status SET name = ? WHERE name = 'repair'", (repair.stored_name,)
    )


def renamed_step(database: sqlite3.Connection) -> None:
    """Its first checkpoint is of a step that the function does not have there."""
    of_this_version(database)
    database.execute("UPDATE operation_outputs SET function_name = 'look' WHERE function_id = 1")


def misshapen_checkpoint(database: sqlite3.Connection) -> None:
    of_this_version(database)
    database.execute("UPDATE operation_outputs SET output = '{\"healthy\": []}'")


def poisoned_argument(database: sqlite3.Connection) -> None:
    """JSON, and no request."""
    of_this_version(database)
    for table in ("workflow_input", "workflow_status"):
        database.execute(
            f"UPDATE {table} SET inputs = ?", (json.dumps({"args": [3], "kwargs": {}}),)
        )


UPDATES = [as_it_is, another_version, another_definition]
DAMAGES = [renamed_step, misshapen_checkpoint, poisoned_argument]


def approval_of(name: str, change: Change) -> list[str]:
    """The steps of an approval at its end. The earlier version made no statements: there is one
    where this version lands it, or does the step again that had landed it."""
    is_landed_here = name == "approval_begun" or change is as_it_is
    return [*STEPS, "statement", "approval"] if is_landed_here else [*STEPS, "approval"]


@contextmanager
def left_by(name: str, folder: Path, change: Change) -> Iterator[Shop]:
    """The shop as the earlier version left it, changed; what is done with it must end."""
    with change_rows(restore(name, folder)) as database:
        change(database)
    with shop(folder) as here, deadline():
        yield here


def drain(here: Shop) -> int:
    with Daemon(here.services, here.state) as daemon:
        return daemon.drain()


def only_repair(here: Shop) -> RepairRow:
    (row,) = here.services.ledger.newest(10)
    return row


def labels(here: Shop) -> list[str]:
    return [entry.label for entry in here.services.ledger.entries()]


def open_workflows(here: Shop) -> list[str]:
    """What is not at its end: nothing, once healer has been at it."""
    with change_rows(here.state) as database:
        states = "('PENDING', 'ENQUEUED')"
        return [
            row[0]
            for row in database.execute(
                f"SELECT workflow_uuid FROM workflow_status WHERE status IN {states}"
            )
        ]


@pytest.mark.parametrize("change", UPDATES)
@pytest.mark.parametrize("name", ["before_drafting", "before_the_end", "daemon_before_the_end"])
def test_the_daemon_ends_every_repair_that_an_earlier_version_began(
    tmp_path: Path, name: str, change: Change
) -> None:
    with left_by(name, tmp_path / "shop", change) as here:
        before = only_repair(here)
        assert before.state == "open"
        assert drain(here) == 1
        row = only_repair(here)
        assert (row.id, row.state, row.outcome) == (before.id, "waiting", "review")
        assert labels(here) == ["restart 1", *STEPS]
        assert len(git(here.folder, "branch", "--list", "quarantine/*").splitlines()) == 1
        assert open_workflows(here) == []
        assert here.decide("approve", row.id).done
        assert (here.folder / SCRIPT).read_text() == FIXED


@pytest.mark.parametrize("change", UPDATES)
@pytest.mark.parametrize("name", ["before_drafting", "before_the_end"])
def test_the_same_fix_goes_on_with_it(tmp_path: Path, name: str, change: Change) -> None:
    with left_by(name, tmp_path / "shop", change) as here:
        before = only_repair(here)
        result = here.fix()
        assert (result.repair, result.outcome) == (before.id, "review")
        assert labels(here)[-4:] == STEPS
        assert open_workflows(here) == []


def test_what_was_begun_anew_says_so_in_the_ledger(tmp_path: Path) -> None:
    with left_by("before_drafting", tmp_path / "shop", another_version) as here:
        here.fix()
        (restart,) = [e for e in here.services.ledger.entries() if e.kind == "restart"]
        assert restart.detail == "begun by another version of healer; begun anew"


def hold_workflows_until_awaited(patch: pytest.MonkeyPatch) -> None:
    """A workflow that a dead process left is gone on with when the engine starts: here it does not
    get far before the command has looked at it, and waits for it."""
    is_awaited = threading.Event()
    read, wait = Request.model_validate, Engine.wait_for

    def read_when_awaited(raw: object, **options: Any) -> Request:
        if DBOS.workflow_id is not None:
            assert is_awaited.wait(30)
        return read(raw, **options)

    def tell_and_wait(engine: Engine, *what: Any) -> Any:
        is_awaited.set()
        return wait(engine, *what)

    patch.setattr(Request, "model_validate", read_when_awaited)
    patch.setattr(Engine, "wait_for", tell_and_wait)


@pytest.mark.parametrize("change", DAMAGES)
def test_a_repair_whose_checkpoints_do_not_fit_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Change
) -> None:
    hold_workflows_until_awaited(monkeypatch)
    with left_by("before_the_end", tmp_path / "shop", change) as here:
        with pytest.raises(WorkflowError):
            here.fix()
        result = here.fix()
        assert (result.repair, result.outcome) == (only_repair(here).id, "review")
        assert labels(here) == ["restart 1", *STEPS]
        assert open_workflows(here) == []


def test_a_repair_that_a_bug_ends_twice_is_closed_and_the_next_is_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run_into_bug(*_: object) -> None:
        raise KeyError("a bug")

    with left_by("before_drafting", tmp_path / "shop", as_it_is) as here:
        before = only_repair(here)
        with monkeypatch.context() as patch:
            patch.setattr("healer.repair.workflow.end_before_drafting", run_into_bug)
            for _ in range(2):
                with pytest.raises(WorkflowError, match="a bug"):
                    drain(here)
            assert drain(here) == 0
        row = here.services.ledger.repair(before.id)
        assert (row.state, row.outcome) == ("ended", "gave_up")
        assert "a bug in healer: it failed 2 times, the last time with: KeyError" in row.reason
        assert open_workflows(here) == []
        assert here.fix().repair != before.id


def test_a_merge_that_was_not_recorded_is_recorded_and_not_made_again(tmp_path: Path) -> None:
    with left_by("before_the_end", tmp_path / "shop", another_version) as here:
        branch = git(here.folder, "branch", "--list", "quarantine/*", "--format=%(refname:short)")
        git(here.folder, "merge", "-q", "--ff-only", branch)  # as the step `merge` leaves it
        tip = here.tip
        assert drain(here) == 0
        row = only_repair(here)
        assert (row.state, row.outcome, row.fix_commit) == ("merged", "healed", tip)
        assert (here.tip, open_workflows(here)) == (tip, [])


def test_a_repair_that_died_after_its_end_was_recorded_leaves_nothing_open(tmp_path: Path) -> None:
    with left_by("before_the_end", tmp_path / "shop", as_it_is) as here:
        with change_rows(here.state, "ledger") as database:
            database.execute("UPDATE healer_repairs SET state = 'closed', outcome = 'gave_up'")
        assert drain(here) == 0
        assert (only_repair(here).outcome, open_workflows(here)) == ("gave_up", [])


def test_a_request_that_cannot_be_read_closes_the_repair(tmp_path: Path) -> None:
    with left_by("before_drafting", tmp_path / "shop", as_it_is) as here:
        before = only_repair(here)
        with change_rows(here.state, "ledger") as database:
            database.execute("UPDATE healer_repairs SET request = '[]'")
        assert drain(here) == 0
        row = here.services.ledger.repair(before.id)
        assert (row.state, row.outcome) == ("ended", "gave_up")
        assert "its request cannot be read" in row.reason
        assert open_workflows(here) == []


@pytest.mark.parametrize("change", UPDATES)
@pytest.mark.parametrize("name", ["approval_begun", "approval_landed"])
def test_an_approval_that_was_cut_short_is_carried_out_by_the_daemon(
    tmp_path: Path, name: str, change: Change
) -> None:
    with left_by(name, tmp_path / "shop", change) as here:
        assert drain(here) == 1
        row = only_repair(here)
        assert (row.state, row.fix_commit) == ("merged", here.tip)
        assert git(here.folder, "rev-list", "--count", "main") == "2"
        assert labels(here) == approval_of(name, change)
        assert open_workflows(here) == []


@pytest.mark.parametrize("change", UPDATES)
@pytest.mark.parametrize("name", ["approval_begun", "approval_landed"])
def test_the_same_approve_ends_too(tmp_path: Path, name: str, change: Change) -> None:
    with left_by(name, tmp_path / "shop", change) as here:
        decision = here.decide("approve", only_repair(here).id)
        assert (decision.done, decision.merged) == (True, here.tip)
        assert labels(here) == approval_of(name, change)
        assert open_workflows(here) == []


@pytest.mark.parametrize("change", UPDATES)
def test_a_revert_that_was_merged_and_not_recorded_is_recorded(
    tmp_path: Path, change: Change
) -> None:
    with left_by("revert_landed", tmp_path / "shop", change) as here:
        tip = here.tip
        assert drain(here) == 1
        assert (only_repair(here).state, here.tip) == ("reverted", tip)
        kinds = [each.split()[0] for each in labels(here)]
        assert kinds == ["examine", "draft", "attempt", "outcome", "approval", "rollback"]
        assert open_workflows(here) == []
