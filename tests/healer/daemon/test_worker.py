"""Turns are processes: they end with their worker, and a worker that cannot beat ends them."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from healer.daemon.worker import Worker, read_work
from healer.facts.progress import Progress
from healer.services.work import Work, WorkTable
from healer.support.postgres import Scope
from healer.support.shared_tables import SharedTables
from tests.support.healer_jobs import PROJECT

TURN = """
import json, os, sys, threading, time
work, (folder, ending) = json.loads(sys.stdin.readline()), sys.argv[1:3]
name = os.path.join(folder, work[1])
with open(name + ".part", "x") as file:
    file.write(str(os.getpid()))
os.rename(name + ".part", name + ".began")
if ending == "stays":
    sys.stdin.read()
    open(name + ".orphan", "x").close()
    os._exit(75)
sys.exit(3 if work[1] == "bad" else 0)
"""


class Fleet:
    """One worker, in a thread."""

    def __init__(self, url: str, tenant: str, folder: Path, ending: str) -> None:
        self.table = WorkTable(url, (tenant,), name=tenant, host="h", slots=2)
        self.folder, self.tenant, self.notes = folder, tenant, list[Progress]()
        self.tidied = 0
        program = (sys.executable, "-c", TURN, str(folder), ending)
        self.worker = Worker(
            self.table, 2, (), tidy=self._tidy, show=self.notes.append, program=program
        )
        self._thread = threading.Thread(target=self.worker.run)

    def add(self, *names: str) -> None:
        for name in names:
            self.table.add(Work(self.tenant, name, "u"))

    def wait_for(self, *names: str) -> None:
        for _ in range(600):
            if all((self.folder / name).exists() for name in names):
                return
            time.sleep(0.05)
        raise AssertionError(f"{names} are not all there")

    @contextmanager
    def run(self) -> Iterator[None]:
        with self.table:
            self._thread.start()
            try:
                yield
            finally:
                self.worker.stop()
                self.worker.stop()
                self._thread.join(30)

    def _tidy(self) -> None:
        self.tidied += 1


@pytest.fixture
def tables(shared_url: str) -> Iterator[SharedTables]:
    with SharedTables(shared_url, Scope("", "")) as tables:
        yield tables


def problems(tables: SharedTables, tenant: str) -> dict[str, tuple[str, str]]:
    query = "SELECT repository, executor, problem FROM healer.all_work WHERE tenant = ?"
    return {row[0]: row[1:] for row in tables.query(query, (tenant,))}


def test_each_due_repository_has_a_turn_and_a_failed_one_is_remembered(
    tables: SharedTables, shared_url: str, scope: Scope, tmp_path: Path
) -> None:
    fleet = Fleet(shared_url, scope.repository, tmp_path, "ends")
    fleet.add("a", "bad", "c")
    with fleet.run():
        fleet.wait_for("a.began", "bad.began", "c.began")
    assert problems(tables, scope.repository) == {
        "a": ("", ""),
        "bad": ("", "exit 3"),
        "c": ("", ""),
    }
    assert fleet.tidied == 3
    assert tables.query("SELECT 1 FROM healer.worker WHERE name = ?", (scope.repository,)) == []


def test_a_worker_that_ends_waits_for_its_turns_and_the_second_word_does_not(
    tables: SharedTables, shared_url: str, scope: Scope, tmp_path: Path
) -> None:
    fleet = Fleet(shared_url, scope.repository, tmp_path, "stays")
    fleet.add("a")
    with fleet.run():
        fleet.wait_for("a.began")
        fleet.worker.stop()
        fleet.add("b")
        time.sleep(1.5)
        assert problems(tables, scope.repository)["a"][0] == fleet.table.executor
    assert problems(tables, scope.repository) == {"a": ("", "exit -9"), "b": ("", "")}
    assert not (tmp_path / "b.began").exists()


def test_a_turn_ends_when_its_worker_is_killed(
    shared_url: str, scope: Scope, tmp_path: Path
) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from tests.healer.daemon.test_worker import Fleet\n"
        "fleet = Fleet(sys.argv[1], sys.argv[2], Path(sys.argv[3]), 'stays')\n"
        "fleet.add('a')\n"
        "fleet.worker.run()\n"
    )
    words = [sys.executable, "-c", code, shared_url, scope.repository, str(tmp_path)]
    pid = os.spawnve(os.P_NOWAIT, sys.executable, words, {**os.environ, "PYTHONPATH": str(PROJECT)})
    for _ in range(600):
        if (tmp_path / "a.began").exists():
            break
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    for _ in range(200):
        if (tmp_path / "a.orphan").exists():
            break
        time.sleep(0.05)
    assert (tmp_path / "a.orphan").exists()


def test_what_cannot_show_that_it_lives_ends_its_turns(
    shared_url: str, scope: Scope, tmp_path: Path
) -> None:
    fleet = Fleet(shared_url, scope.repository, tmp_path, "stays")
    with fleet.table:
        fleet.add("a")
        while not (tmp_path / "a.began").exists():  # at first another test's worker is preferred
            fleet.worker._look()
            time.sleep(0.05)
        fleet.worker._beat_at -= 25  # as after a sleep
        fleet.worker._fence()
        with suppress(ProcessLookupError):
            os.kill(int((tmp_path / "a.began").read_text()), 0)
            raise AssertionError("the turn lives")
        assert any("no sign of life" in each.detail for each in fleet.notes)
        fleet.worker._settle()
        fleet.table.leave()


def test_work_is_read_as_it_was_said() -> None:
    assert read_work(b'["t", "example.com/a", "u"]\n') == Work("t", "example.com/a", "u")
