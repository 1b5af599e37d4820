"""Each task runs at its own pace; one that fails is said, tried again, and holds up no other."""

import threading
from pathlib import Path

import pytest

from healer.daemon.heartbeat import Heartbeat
from healer.daemon.scheduler import PeriodicTasks, Task
from healer.facts.progress import Progress


class Recorder:
    """Notes when it ran; raises `error` first, if there is one."""

    def __init__(self, name: str, every_s: float, error: Exception | None = None) -> None:
        self.name, self.every_s, self.error = name, every_s, error
        self.moments: list[float] = []

    def run(self, now: float) -> None:
        self.moments.append(now)
        if self.error is not None:
            raise self.error


def periodic(tmp_path: Path, notes: list[Progress], *tasks: Task) -> PeriodicTasks:
    return PeriodicTasks(tasks, Heartbeat(tmp_path), notes.append)


def test_each_task_runs_at_its_own_pace(tmp_path: Path) -> None:
    often, seldom = Recorder("often", 2.0), Recorder("seldom", 10.0)
    tasks = periodic(tmp_path, [], often, seldom)
    for second in range(21):
        tasks.run_due(1_000.0 + second)
    assert often.moments == [1_000.0 + second for second in range(0, 21, 2)]
    assert seldom.moments == [1_000.0, 1_010.0, 1_020.0]


def test_a_task_without_a_pace_runs_at_every_look(tmp_path: Path) -> None:
    always = Recorder("always", 0.0)
    tasks = periodic(tmp_path, [], always)
    for second in range(3):
        tasks.run_due(float(second))
    assert always.moments == [0.0, 1.0, 2.0]


@pytest.mark.parametrize("error", [OSError("disk full"), ValueError("odd"), KeyError("x")])
def test_a_task_that_fails_is_said_and_tried_again_and_holds_up_no_other(
    tmp_path: Path, error: Exception
) -> None:
    notes: list[Progress] = []
    bad, good = Recorder("mails", 5.0, error), Recorder("jobs", 5.0)
    tasks = periodic(tmp_path, notes, bad, good)
    for now in (0.0, 4.9, 5.0):
        tasks.run_due(now)
    assert bad.moments == good.moments == [0.0, 5.0]
    said = f"mails failed and is tried again: {type(error).__name__}: {error}"
    assert [note.detail for note in notes] == [said, said]
    assert {(note.step, note.state, note.repair) for note in notes} == {("task", "note", "")}


def test_what_ends_the_process_is_not_swallowed(tmp_path: Path) -> None:
    bad = Recorder("bad", 1.0)
    bad.error = None
    tasks = periodic(tmp_path, [], bad)
    bad.run = lambda now: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        tasks.run_due(0.0)


def test_it_beats_and_runs_until_it_is_stopped(tmp_path: Path) -> None:
    stop, ran = threading.Event(), threading.Event()

    class Once(Recorder):
        def run(self, now: float) -> None:
            super().run(now)
            ran.set()

    heartbeat = Heartbeat(tmp_path)
    before = dict(heartbeat._beats)
    once = Once("once", 1_000.0)
    thread = threading.Thread(target=PeriodicTasks((once,), heartbeat, print).run, args=(stop,))
    thread.start()
    assert ran.wait(60)
    stop.set()
    thread.join(60)
    assert (len(once.moments), thread.is_alive()) == (1, False)
    assert heartbeat._beats["tasks"] > before["tasks"]
    assert heartbeat._beats["failures"] == before["failures"]
