"""The engine: work starts when it is handed over, none takes another's, and nothing stays open."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS, SetWorkflowID
from pydantic import BaseModel

from healer.engine.condition import APP_VERSION, DAEMON, DAEMON_QUEUE, Condition
from healer.engine.durable import Engine, StuckError
from healer.engine.locks import AlreadyRunningError, hold_executor_lock
from healer.engine.workflows import process, workflow
from healer.facts.draft import Draft, Drafts, WriteFile
from healer.facts.errors import WorkflowError
from healer.facts.repair import Baseline, Judged, QuarantinedPatch, Request
from healer.failure import Failure
from healer.judge import Verdict
from healer.ledger.rows import RepairRow
from healer.repair import candidates as repair_candidates
from healer.repair import workflow as repair_workflow
from healer.repair.request import build_request, find_or_open
from healer.repair.run import start_repair
from healer.services import Services, install_services
from tests.support.deadline import deadline
from tests.support.git import git

DEADLINE_S = 60.0
started = threading.Event()


class Note(BaseModel):
    text: str = ""


@workflow("test-started", Note, Note)
def note_start(note: Note) -> Note:
    started.set()
    return note


@workflow("test-bug", Note, Note)
def run_into_bug(note: Note) -> Note:
    tried.append(note.text)
    raise KeyError("a bug")


tried: list[str] = []


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A daemon's engine for four repairs side by side."""
    started.clear()
    tried.clear()
    with daemon_engine(tmp_path / "state") as running:
        yield running
    process.halted.clear()


def daemon_engine(state_dir: Path) -> Engine:
    state_dir.mkdir(exist_ok=True)
    return Engine(state_dir=state_dir, executor=DAEMON, queue=DAEMON_QUEUE, workers=4)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nobody_listens_for_messages_that_healer_does_not_send(engine: Engine) -> None:
    def listeners() -> list[str]:
        names = [thread.name for thread in threading.enumerate()]
        return [name for name in names if "notification_listener" in name]

    until(lambda: not listeners())
    engine.start(note_start, "r1", Note())
    assert started.wait(DEADLINE_S)


def test_what_is_handed_over_is_started(engine: Engine) -> None:
    engine.start(note_start, "r1", Note(text="a"))
    assert started.wait(DEADLINE_S)
    engine.start(note_start, "r1", Note(text="b"))  # said twice, done once
    assert engine.wait_for(note_start, "r1") == Note(text="a")
    assert engine.condition(note_start, "r1") is Condition.ENDED


def test_a_second_process_cannot_be_the_same_executor(engine: Engine) -> None:
    with pytest.raises(AlreadyRunningError, match="runs as daemon"):
        daemon_engine(engine.state_dir).__enter__()


def test_what_was_begun_and_has_not_ended_says_with_what(engine: Engine) -> None:
    with hold_executor_lock(engine.state_dir, "cli-r1"):
        DBOS.register_queue("cli-r1")  # whose process does nothing: they wait there
        for number, raw in enumerate(({"text": "a"}, {"text": 1}, None)):
            with SetWorkflowID(f"r{number}"):
                DBOS.enqueue_workflow("cli-r1", note_start.run, raw)
        assert engine.list_arguments(run_into_bug) == []
        begun = engine.list_arguments(note_start)
    assert sorted(begun, key=str) == [None, None, Note(text="a")]


def test_what_was_never_begun_is_not_gone_on_with(engine: Engine) -> None:
    engine.start(note_start, "r1")
    assert engine.condition(note_start, "r1") is Condition.UNKNOWN


def test_a_living_commands_work_is_left_to_it_and_taken_when_it_is_dead(engine: Engine) -> None:
    with hold_executor_lock(engine.state_dir, "cli-r1"):
        DBOS.register_queue("cli-r1")  # as the command does, a moment before it runs it
        with SetWorkflowID("r1"):
            DBOS.enqueue_workflow("cli-r1", note_start.run, {})
        engine.start(note_start, "r1", Note())
        known = DBOS.get_workflow_status("r1")
        assert known is not None
        assert known.queue_name == "cli-r1"
        assert engine.adopt(note_start) == []
    assert engine.adopt(run_into_bug) == []  # others are not its business
    assert engine.adopt(note_start) == ["r1"]
    assert started.wait(DEADLINE_S)


def test_a_bug_ends_a_workflow_and_after_one_more_try_nothing_is_tried(engine: Engine) -> None:
    for number in (1, 2):
        engine.start(run_into_bug, "r1", Note(text=f"try {number}"))
        with pytest.raises(WorkflowError, match="KeyError: 'a bug'"):
            engine.wait_until_ended("r1")
        assert engine.condition(run_into_bug, "r1") is Condition.FAILED
    with pytest.raises(StuckError, match="failed 2 times, the last time with: KeyError: 'a bug'"):
        engine.start(run_into_bug, "r1", Note(text="try 3"))
    assert tried == ["try 1", "try 2"]


def test_what_is_begun_anew_keeps_the_argument_that_it_had(engine: Engine) -> None:
    engine.start(run_into_bug, "r1", Note(text="kept"))
    with pytest.raises(WorkflowError):
        engine.wait_until_ended("r1")
    engine.start(run_into_bug, "r1")
    with pytest.raises(WorkflowError):
        engine.wait_until_ended("r1")
    assert tried == ["kept", "kept"]


def enqueue_elsewhere(engine: Engine, workflow_id: str, name: str = "", version: str = "") -> None:
    """A workflow in the queue of a command that is dead; written by another version, if told."""
    queue = f"cli-{workflow_id}"
    DBOS.register_queue(queue)
    with SetWorkflowID(workflow_id):
        DBOS.enqueue_workflow(queue, note_start.run, {"text": "kept"})
    changes = {"name": name, "application_version": version}
    with closing(sqlite3.connect(engine.state_dir / "workflows.sqlite")) as database, database:
        for column, value in changes.items():
            if value:
                database.execute(
                    f"UPDATE workflow_status SET {column} = ? WHERE workflow_uuid = ?",
                    (value, workflow_id),
                )


@pytest.mark.parametrize("written", [{"version": "healer-0"}, {"name": "test-started@9"}], ids=str)
def test_what_another_version_began_is_begun_anew_with_its_argument(
    engine: Engine, written: dict[str, str]
) -> None:
    enqueue_elsewhere(engine, "r1", **written)
    assert engine.condition(note_start, "r1") is Condition.OUTDATED
    assert engine.adopt(note_start) == ["r1"]
    assert engine.wait_for(note_start, "r1") == Note(text="kept")
    status = DBOS.get_workflow_status("r1")
    assert status is not None
    assert (status.name, status.app_version) == ("test-started", APP_VERSION)


def test_who_waits_for_what_another_version_began_is_not_left_waiting(engine: Engine) -> None:
    enqueue_elsewhere(engine, "r1", version="healer-0")
    with deadline():
        assert engine.wait_for(note_start, "r1") == Note(text="kept")


def test_a_workflow_without_a_function_is_ended_and_others_are_left(engine: Engine) -> None:
    enqueue_elsewhere(engine, "gone", name="mend")
    enqueue_elsewhere(engine, "ours")
    enqueue_elsewhere(engine, "lives", name="mend")
    with hold_executor_lock(engine.state_dir, "cli-lives"):
        assert engine.cancel_unknown() == ["gone"]
    statuses = {each.workflow_id: each.status for each in DBOS.list_workflows()}
    assert statuses == {"gone": "CANCELLED", "ours": "ENQUEUED", "lives": "ENQUEUED"}
    assert engine.list_orphans(note_start) == ["ours"]


@pytest.mark.parametrize("act", ["start", "condition", "wait"])
def test_a_row_that_healer_did_not_write_is_refused_and_stays(engine: Engine, act: str) -> None:
    enqueue_elsewhere(engine, "r1")
    with closing(sqlite3.connect(engine.state_dir / "workflows.sqlite")) as database, database:
        for table in ("workflow_input", "workflow_status"):
            database.execute(f"UPDATE {table} SET inputs = 'gASVCg=='")
    with pytest.raises(WorkflowError, match="did not write; look at it"), deadline():
        if act == "start":
            engine.start(note_start, "r1", Note())
        elif act == "condition":
            engine.condition(note_start, "r1")
        else:
            engine.wait_until_ended("r1")
    assert [each.workflow_id for each in DBOS.list_workflows(load_input=False)] == ["r1"]


def test_who_waits_is_not_disturbed_where_it_is_begun_anew(engine: Engine) -> None:
    timer = threading.Timer(0.5, engine.start, args=[note_start, "r1", Note(text="b")])
    timer.start()
    with deadline():
        assert engine.wait_for(note_start, "r1") == Note(text="b")
    timer.join()


def test_what_is_discarded_may_be_begun_again(engine: Engine) -> None:
    engine.start(note_start, "r1", Note(text="a"))
    engine.wait_until_ended("r1")
    engine.discard("r1")
    assert engine.condition(note_start, "r1") is Condition.UNKNOWN
    engine.start(note_start, "r1", Note(text="b"))
    assert engine.wait_for(note_start, "r1") == Note(text="b")


def test_what_ended_is_forgotten_by_its_age_and_nothing_else_is(engine: Engine) -> None:
    engine.start(note_start, "r1", Note())
    engine.wait_until_ended("r1")
    enqueue_elsewhere(engine, "r2")
    engine.forget(time.time() - 3_600)
    assert {each.workflow_id for each in DBOS.list_workflows()} == {"r1", "r2"}
    engine.forget(time.time() + 3_600, keep={"r1"})
    assert {each.workflow_id for each in DBOS.list_workflows()} == {"r1", "r2"}
    engine.forget(time.time() + 3_600)
    assert {each.workflow_id for each in DBOS.list_workflows()} == {"r2"}


def test_tries_are_numbered_and_one_that_was_cut_short_is_gone_on_with(engine: Engine) -> None:
    assert engine.next_try("approve-r1") == "approve-r1-1"
    engine.start(note_start, "approve-r1-1", Note())
    engine.wait_until_ended("approve-r1-1")
    assert engine.next_try("approve-r1") == "approve-r1-2"
    enqueue_elsewhere(engine, "approve-r1-2")
    assert engine.next_try("approve-r1") == "approve-r1-2"


class OneEdit:
    """A drafter that always appends the same line to the script."""

    name = "scripted"

    def __init__(self, script: str, meet: threading.Barrier) -> None:
        self._script, self._meet = script, meet

    def draft(self, case: Any, source: Any) -> Drafts:
        self._meet.wait(DEADLINE_S)  # both repairs draft, and so land, at the same time
        text = (source.read(self._script) or b"").decode()
        edit = WriteFile(path=self._script, content=f"{text}# mended\n", replaces=True)
        return Drafts(candidates=(Draft(drafter="scripted", edits=(edit,)),))


def test_of_repairs_that_land_together_each_is_proved_once_more_on_the_one_before(
    make: Any, engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = tmp_path / "shop"
    names = "abcd"
    for name in names:
        (shop / f"scripts/{name}.py").write_text("print(1)\n")
    git(shop, "add", "-A")
    git(shop, "commit", "-qm", "more scripts")
    base = git(shop, "rev-parse", "main")
    meet = threading.Barrier(len(names))
    proved: list[str] = []

    def examined(asked: Request, _: Services) -> Baseline:
        return Baseline(failure=asked.failure, reproduced=True)

    def prove(_: Request, __: Baseline, proposed: QuarantinedPatch, ___: Services) -> Judged:
        assert proposed.candidate is not None
        proved.append(proposed.candidate.base)
        return Judged(verdict=Verdict(kind="fixed", strong=True))

    monkeypatch.setattr(repair_workflow, "examine", examined)
    for module in (repair_candidates, repair_workflow):
        monkeypatch.setattr(module, "prove", prove)
    services = replace(make(), drafters=lambda asked: (OneEdit(asked.script, meet),))
    install_services(services)
    rows = [start(engine, services, f"scripts/{name}.py") for name in names]
    results = [engine.wait_for(repair_workflow.repair, row.id) for row in rows]
    assert [result.outcome for result in results] == ["healed"] * len(names)
    merges = git(shop, "rev-list", "--reverse", f"{base}..main").splitlines()
    assert sorted(str(result.merged) for result in results) == sorted(merges)
    assert sorted(proved) == sorted([base] * len(names) + merges[:-1])
    for name in names:
        assert (shop / f"scripts/{name}.py").read_text().endswith("# mended\n")


def start(engine: Engine, services: Services, script: str) -> RepairRow:
    failure = Failure(id=script, script=script, source="run", fingerprint=script[-9:])
    row, _ = find_or_open(
        services.ledger,
        build_request(services.repository, services.config, script, failure=failure),
    )
    assert start_repair(engine, row, services)
    return row
