"""The engine: work starts when it is handed over, and nobody takes another's."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from dbos import DBOS, SetWorkflowID

from healer.engine import dbos_patches, durable
from healer.engine.locks import hold
from healer.facts.draft import Draft, Drafts, WriteFile
from healer.facts.repair import Baseline, Judged, QuarantinedPatch, Request
from healer.failure import Failure
from healer.judge import Verdict
from healer.ledger.store import RepairRow
from healer.repair import workflow
from healer.repair.request import build_request, opened
from healer.services import Services, install_services
from tests.support.git import git

DEADLINE_S = 60.0
started = threading.Event()


@DBOS.workflow(name="test-started")
def note_start(_: dict[str, Any]) -> None:
    started.set()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[durable.Engine]:
    """A daemon's engine for four repairs side by side."""
    started.clear()
    folder = tmp_path / "state"
    folder.mkdir(exist_ok=True)
    made = partial(durable.engine, executor=durable.DAEMON, queue=durable.DAEMON_QUEUE, workers=4)
    with made(url=durable.workflow_url("sqlite", folder), folder=folder) as running:
        yield running
    durable._halted.clear()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nobody_listens_for_messages_that_healer_does_not_send(engine: durable.Engine) -> None:
    def listeners() -> list[str]:
        names = [thread.name for thread in threading.enumerate()]
        return [name for name in names if "notification_listener" in name]

    until(lambda: not listeners())
    engine.start(note_start, "r1", {})
    assert started.wait(DEADLINE_S)


def test_what_dbos_looks_for_in_vain_it_looks_for_seldom() -> None:
    longer = dbos_patches.UNUSED_S * 2
    assert [dbos_patches.patience_s(each) for each in (1.0, longer, None)] == [
        dbos_patches.UNUSED_S,
        longer,
        None,
    ]
    ended = dbos_patches.Patient()
    ended.set()
    assert ended.wait(1.0)


def test_what_is_handed_over_is_started(engine: durable.Engine) -> None:
    engine.start(note_start, "r1", {})
    assert started.wait(DEADLINE_S)
    engine.start(note_start, "r1", {})  # said twice, done once
    assert engine.result("r1") is None


def test_a_living_commands_work_is_left_to_it_and_taken_when_it_is_dead(
    engine: durable.Engine,
) -> None:
    command = hold(engine.folder, "cli-r1")
    assert command is not None
    DBOS.register_queue("cli-r1")  # as the command does, a moment before it runs it
    with SetWorkflowID("r1"):
        DBOS.enqueue_workflow("cli-r1", note_start, {})
    engine.start(note_start, "r1", {})
    known = DBOS.get_workflow_status("r1")
    assert known is not None
    assert known.queue_name == "cli-r1"
    os.close(command)
    engine.start(note_start, "r1", {})
    assert started.wait(DEADLINE_S)


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
    make: Any, engine: durable.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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

    monkeypatch.setattr(workflow, "examine", examined)
    monkeypatch.setattr(workflow, "prove", prove)
    services = replace(make(), drafters=lambda asked: (OneEdit(asked.script, meet),))
    install_services(services)
    rows = [start(engine, services, f"scripts/{name}.py") for name in names]
    results = [engine.result(row.id) for row in rows]
    assert [result["outcome"] for result in results] == ["healed"] * len(names)
    merges = git(shop, "rev-list", "--reverse", f"{base}..main").splitlines()
    assert sorted(result["merged"] for result in results) == sorted(merges)
    assert sorted(proved) == sorted([base] * len(names) + merges[:-1])
    for name in names:
        assert (shop / f"scripts/{name}.py").read_text().endswith("# mended\n")


def start(engine: durable.Engine, services: Services, script: str) -> RepairRow:
    failure = Failure(id=script, script=script, source="run", fingerprint=script[-9:])
    row, _ = opened(
        services.ledger,
        build_request(services.repository, services.config, script, failure=failure),
    )
    engine.start(workflow.repair, row.id, row.request)
    return row
