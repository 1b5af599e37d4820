"""Work that ends in time gives what it returns or raises; other work is left behind."""

import threading

import pytest

from healer.support.time_limit import run_within


def test_what_it_returns_is_returned_and_what_it_raises_is_raised() -> None:
    assert run_within(5, lambda: None) is None
    assert run_within(5, lambda: [1]) == [1]
    with pytest.raises(KeyError, match="total"):
        run_within(5, lambda: {}["total"])  # type: ignore[misc]  # it is to raise
    with pytest.raises(SystemExit):
        run_within(5, lambda: exit(3))  # noqa: PLR1722  (it is to be raised here)


def test_what_takes_longer_is_left_behind_and_keeps_no_process_alive() -> None:
    go_on, threads = threading.Event(), []

    def wait() -> None:
        threads.append(threading.current_thread())
        go_on.wait(30)

    with pytest.raises(TimeoutError, match=r"within 0\.05 s"):
        run_within(0.05, wait)
    assert [thread.daemon for thread in threads] == [True]
    go_on.set()
    threads[0].join(10)
    assert not threads[0].is_alive()
