"""One merge at a time, over threads and processes; a dead process holds nothing back."""

import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from healer.engine.locks import alive, hold, merging

HOLDER = """
import sys
from pathlib import Path
from healer.engine.locks import hold, merging
with merging(Path(sys.argv[1])):
    hold(Path(sys.argv[1]), "daemon")
    print("holds", flush=True)
    sys.stdin.read()
"""
DEADLINE_S = 60.0


def test_threads_merge_one_after_the_other(tmp_path: Path) -> None:
    inside: list[str] = []
    order: list[str] = []

    def merge(name: str) -> None:
        with merging(tmp_path):
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
    assert alive(tmp_path, "daemon")
    waits, done = threading.Event(), threading.Event()

    def merge() -> None:
        with merging(tmp_path, waits.set):
            done.set()

    thread = threading.Thread(target=merge)
    thread.start()
    assert waits.wait(DEADLINE_S)
    assert not done.is_set()
    other.kill()
    other.wait()
    thread.join(DEADLINE_S)
    assert done.is_set()
    assert not alive(tmp_path, "daemon")
    other.stdin.close()
    other.stdout.close()


def test_an_error_inside_lets_the_next_one_in(tmp_path: Path) -> None:
    for _ in range(2):
        with suppress(ZeroDivisionError), merging(tmp_path):
            assert 1 / 0


def test_nobody_is_alive_who_never_was(tmp_path: Path) -> None:
    assert not alive(tmp_path, "daemon")
    held = hold(tmp_path, "daemon")
    assert held is not None
    assert hold(tmp_path, "daemon") is None
