"""One try has its processor time and its memory; a part of it may have a limit of its own."""

import threading
import time

import pytest

from sandbox.inside.screening import forks, limits


def works() -> tuple[str, str]:
    end = time.process_time() + 0.2
    while time.process_time() < end:
        sum(range(20_000))
    return "passed", ""


@pytest.mark.parametrize(
    ("limits_s", "outcome"),
    [((5.0, 5.0), "passed"), ((0.05, 5.0), "timeout"), ((5.0, 0.05), "timeout")],
)
def test_a_part_of_a_try_may_have_a_limit_of_its_own(
    limits_s: tuple[float, ...], outcome: str
) -> None:
    def attempt() -> tuple[str, str]:
        for limit_s in limits_s:
            limits.run_within(limit_s, works)
        return "passed", ""

    assert forks.run_in_fork(attempt, 5.0).outcome == outcome


def test_the_parts_of_a_try_share_its_limit() -> None:
    def attempt() -> tuple[str, str]:
        for _ in range(5):
            limits.run_within(5.0, works)
        return "passed", ""

    assert forks.run_in_fork(attempt, 0.5).outcome == "timeout"


def test_a_try_that_is_over_is_not_ended_afterwards() -> None:
    def attempt() -> tuple[str, str]:
        limits.limit_time(0.1, lambda: None)
        limits.stop_timer()
        return works()

    assert forks.run_in_fork(attempt, 5.0).outcome == "passed"


def test_memory_is_limited_for_each_try_alone() -> None:
    def takes(size: int) -> tuple[str, str]:
        try:
            bytearray(size)
        except MemoryError:
            return "failed", "MemoryError"
        return "passed", ""

    assert forks.run_in_fork(lambda: takes(2 << 30), 5.0).outcome == "failed"
    assert forks.run_in_fork(lambda: takes(64 << 20), 5.0).outcome == "passed"


def test_threads_do_not_count_for_the_address_space_that_they_only_reserve() -> None:
    def starts_threads() -> tuple[str, str]:
        answers: list[bytes] = []
        meet = threading.Barrier(16)

        def work() -> None:
            meet.wait()  # all at once: none takes over the arena of one that is gone
            answers.append(bytes(1000))
            meet.wait()

        threads = [threading.Thread(target=work) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return "passed", str(len(answers))

    answer = forks.run_in_fork(starts_threads, 5.0)
    assert (answer.outcome, answer.detail) == ("passed", "16")
