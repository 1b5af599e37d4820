"""A ring wakes who waits, and nothing depends on it."""

import stat
import threading
from pathlib import Path

import pytest

from healer.failure import Failure
from healer.watch.events import failures
from healer.watch.inbox import Inbox
from healer.watch.wakeup import NAME, Bell, ring


def test_a_ring_ends_the_wait_once(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    ring(tmp_path), ring(tmp_path)
    assert bell.wait(60)
    assert not bell.wait(0)
    bell.close()


def test_a_ring_that_nobody_hears_does_nothing(tmp_path: Path) -> None:
    ring(tmp_path)
    assert list(tmp_path.iterdir()) == []
    Bell(tmp_path).close()
    ring(tmp_path)
    assert stat.S_ISFIFO((tmp_path / NAME).stat().st_mode)


def test_more_rings_than_the_pipe_holds_are_one(tmp_path: Path) -> None:
    bell = Bell(tmp_path)
    for _ in range(66_000):
        ring(tmp_path)
    assert bell.wait(0)
    assert not bell.wait(0)
    bell.close()


def test_a_file_in_its_place_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("mine")
    with pytest.raises(FileExistsError, match="delete it"):
        Bell(tmp_path)
    ring(tmp_path)
    assert (tmp_path / NAME).read_text() == "mine"


@pytest.mark.parametrize("pipe", [True, False], ids=["a pipe", "no pipe"])
def test_failures_arrive_and_the_wait_ends_when_told(tmp_path: Path, pipe: bool) -> None:
    if not pipe:
        (tmp_path / NAME).mkdir()
    inbox, stop, seen = Inbox(tmp_path), threading.Event(), list[Failure]()
    arrived = threading.Event()

    def take() -> None:
        for failure in failures(inbox, stop):
            seen.append(failure)
            arrived.set()

    taking = threading.Thread(target=take)
    taking.start()
    for number in range(3):
        arrived.clear()
        inbox.put(Failure(id=f"{number:020x}", script="a.py", source="report"))
        assert arrived.wait(60)
    # Moved there by hand, without a ring.
    arrived.clear()
    (tmp_path / "kept").mkdir(exist_ok=True)
    name = f"{2:020x}.json"
    (tmp_path / "taken" / name).rename(tmp_path / "inbox" / name)
    assert arrived.wait(60)
    stop.set()
    taking.join(60)
    assert not taking.is_alive()
    assert len(seen) == 4
