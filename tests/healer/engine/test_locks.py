"""One merge at a time, over threads and processes; a dead process holds nothing back."""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from healer.engine.locks import (
    AlreadyRunningError,
    find_holder,
    hold_closing_lock,
    hold_decision_lock,
    hold_executor_lock,
    hold_merge_lock,
    is_alive,
)

HOLDER = """
import sys
from pathlib import Path
from healer.engine.locks import hold_executor_lock, hold_merge_lock
folder = Path(sys.argv[1])
with hold_merge_lock(folder), hold_executor_lock(folder, "daemon"):
    print("holds", flush=True)
    sys.stdin.read()
"""
DEADLINE_S = 60.0


def test_threads_merge_one_after_the_other(tmp_path: Path) -> None:
    inside: list[str] = []
    order: list[str] = []

    def merge(name: str) -> None:
        with hold_merge_lock(tmp_path):
            inside.append(name)
            assert inside == [name], "two merges at once"
            order.append(name)
            inside.remove(name)

    threads = [threading.Thread(target=merge, args=(str(n),)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(DEADLINE_S)
    assert sorted(order) == sorted(str(n) for n in range(20))


def test_repairs_of_one_incident_end_one_after_the_other(tmp_path: Path) -> None:
    ended: list[str] = []

    def end(incident: str) -> None:
        with hold_closing_lock(tmp_path, incident):
            ended.append(incident)

    same, other = (threading.Thread(target=end, args=(each,)) for each in ("ab", "cd"))
    with hold_closing_lock(tmp_path, "ab"):
        same.start()
        other.start()
        other.join(DEADLINE_S)
        same.join(0.2)
        assert ended == ["cd"]
    same.join(DEADLINE_S)
    assert ended == ["cd", "ab"]


def test_another_process_is_waited_for_and_its_death_lets_go(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "holds\n"
    assert is_alive(tmp_path, "daemon")
    waits, done = threading.Event(), threading.Event()

    def merge() -> None:
        with hold_merge_lock(tmp_path, waits.set):
            done.set()

    thread = threading.Thread(target=merge)
    thread.start()
    assert waits.wait(DEADLINE_S)
    assert not done.is_set()
    other.kill()
    other.wait()
    thread.join(DEADLINE_S)
    assert done.is_set()
    assert not is_alive(tmp_path, "daemon")
    other.stdin.close()
    other.stdout.close()


def test_an_error_inside_lets_the_next_one_in(tmp_path: Path) -> None:
    for _ in range(2):
        with suppress(ZeroDivisionError), hold_merge_lock(tmp_path):
            assert 1 / 0


def test_nobody_is_alive_who_never_was(tmp_path: Path) -> None:
    assert not is_alive(tmp_path, "daemon")
    with hold_executor_lock(tmp_path, "daemon"):
        assert is_alive(tmp_path, "daemon")
        with pytest.raises(AlreadyRunningError, match="runs as daemon"):
            hold_executor_lock(tmp_path, "daemon").__enter__()
    assert not is_alive(tmp_path, "daemon")


def test_one_decision_at_a_time_on_an_incident(tmp_path: Path) -> None:
    with hold_decision_lock(tmp_path, "a1", wait=True):
        with (
            pytest.raises(AlreadyRunningError, match="look again in a minute"),
            hold_decision_lock(tmp_path, "a1", wait=False),
        ):
            pytest.fail("two decisions at once")
        with hold_decision_lock(tmp_path, "b2", wait=False):
            pass
    with hold_decision_lock(tmp_path, "a1", wait=False):
        pass


def test_the_process_that_holds_a_lock_is_known(tmp_path: Path) -> None:
    assert find_holder(tmp_path, "daemon") is None
    with hold_executor_lock(tmp_path, "daemon"):
        assert find_holder(tmp_path, "daemon") == os.getpid()
        assert find_holder(tmp_path, "other") is None
    assert find_holder(tmp_path, "daemon") is None
