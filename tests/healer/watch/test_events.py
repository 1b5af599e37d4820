"""Failures arrive at once where something tells of them, and soon where nothing does."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from healer.failure import Failure
from healer.redact import Redactor
from healer.watch.events import watch_inbox, watch_logs
from healer.watch.inbox import Inbox
from healer.watch.logs.follow import LogFollower
from healer.watch.wakeup import NAME

TRACEBACK = (
    'Traceback (most recent call last):\n  File "scripts/a.py", line 3, in main\n'
    "    work()\nKeyError: 'x'\n"
)


class Arrivals:
    """What `watch_inbox` gave, as it comes."""

    def __init__(self, inbox: Inbox) -> None:
        self.inbox, self.failures, self.looks = inbox, list[Failure](), 0
        self.stop, self._changed = threading.Event(), threading.Condition()

    def take_all(self) -> None:
        for failure in watch_inbox(self.inbox, self.stop, self.count_look):
            with self._changed:
                self.failures.append(failure)
                self._changed.notify_all()

    def count_look(self) -> None:
        self.looks += 1

    def wait_for(self, count: int) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: len(self.failures) >= count, timeout=60)


@contextmanager
def running(*targets: threading.Thread, stop: threading.Event) -> Iterator[None]:
    for thread in targets:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in targets:
            thread.join(60)
    assert not any(thread.is_alive() for thread in targets)


@pytest.mark.parametrize("pipe", [True, False], ids=["a pipe", "no pipe"])
def test_failures_arrive_and_the_wait_ends_when_told(tmp_path: Path, pipe: bool) -> None:
    if not pipe:
        (tmp_path / NAME).mkdir()
    inbox = Inbox(tmp_path)
    arrivals = Arrivals(inbox)
    with running(threading.Thread(target=arrivals.take_all), stop=arrivals.stop):
        for number in range(3):
            inbox.put(Failure(id=f"{number:020x}", script="a.py", source="report"))
            assert arrivals.wait_for(number + 1)
        # Moved there by hand, and nobody is woken.
        (tmp_path / "kept").mkdir(exist_ok=True)
        name = f"{2:020x}.json"
        (tmp_path / "taken" / name).rename(tmp_path / "inbox" / name)
        assert arrivals.wait_for(4)
    assert len(arrivals.failures) == 4
    assert arrivals.looks > 0


def test_what_waits_already_is_given_out_before_the_end(tmp_path: Path) -> None:
    inbox, stop = Inbox(tmp_path), threading.Event()
    inbox.put(Failure(id=f"{1:020x}", script="a.py", source="report"))
    stop.set()
    assert [failure.script for failure in watch_inbox(inbox, stop)] == ["a.py"]


def test_a_failure_goes_to_one_of_those_who_watch(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path)
    one, other = Arrivals(inbox), Arrivals(inbox)
    other.stop = one.stop
    threads = [threading.Thread(target=each.take_all) for each in (one, other)]
    with running(*threads, stop=one.stop):
        ids = {inbox.put(Failure(id="", script="a.py", source="report")).id for _ in range(20)}
        deadline = time.monotonic() + 60
        while inbox.list_pending() and time.monotonic() < deadline:
            time.sleep(0.01)
    taken = [failure.id for failure in one.failures + other.failures]
    assert sorted(taken) == sorted(ids)


def follow(root: Path) -> LogFollower:
    return LogFollower(Inbox(root / "state"), root / "state", root, ("logs/*.log",), Redactor())


def test_failures_arrive_by_themselves_and_the_watch_ends_when_told(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    follower = follow(tmp_path)
    follower.scan()
    arrivals = Arrivals(Inbox(tmp_path / "state"))
    logs = threading.Thread(target=watch_logs, args=(follower, arrivals.stop))
    taking = threading.Thread(target=arrivals.take_all)
    with running(logs, taking, stop=arrivals.stop):
        time.sleep(0.2)
        (tmp_path / "logs/app.log").write_text(TRACEBACK)
        assert arrivals.wait_for(1)
    assert [failure.source for failure in arrivals.failures] == ["log"]


def test_a_folder_that_appears_later_is_watched_too(tmp_path: Path) -> None:
    follower = follow(tmp_path)
    arrivals = Arrivals(Inbox(tmp_path / "state"))
    logs = threading.Thread(target=watch_logs, args=(follower, arrivals.stop))
    taking = threading.Thread(target=arrivals.take_all)
    with running(logs, taking, stop=arrivals.stop):
        time.sleep(0.1)
        (tmp_path / "logs").mkdir()
        (tmp_path / "logs/app.log").write_text(TRACEBACK)
        assert arrivals.wait_for(1)
