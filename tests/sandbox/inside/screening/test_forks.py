"""Attempts in forks: each has an answer, whatever it does, and none outlives its limit."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sandbox.inside.screening import forks
from sandbox.inside.screening.forks import Answer
from sandbox.inside.screening.tracebacks import DETAIL_CHARS

if TYPE_CHECKING:
    from sandbox.inside.screening.forks import Attempt


def passes() -> tuple[str, str]:
    return "passed", ""


def fails() -> tuple[str, str]:
    return "failed", "no"


def spins() -> tuple[str, str]:
    while True:
        pass


def dies() -> tuple[str, str]:
    os._exit(3)


def raises() -> tuple[str, str]:
    raise SystemExit(0)


def open_descriptors() -> set[int]:
    return {int(path.name) for path in Path("/proc/self/fd").iterdir()}


def outcomes(
    *attempts: Attempt, is_unchanged: Callable[[], bool] = lambda: True, limit_s: float = 1.0
) -> list[str]:
    limits_s = [limit_s] * len(attempts)
    return [answer.outcome for answer in forks.run_in_turn(attempts, limits_s, is_unchanged)]


def test_attempts_in_one_fork_each_have_an_answer_whatever_one_of_them_does() -> None:
    assert outcomes(passes, spins, fails, dies, passes) == [
        "passed", "timeout", "failed", "crashed", "passed",
    ]  # fmt: skip


def test_an_attempt_that_raises_what_nobody_catches_has_crashed_and_nothing_else_has() -> None:
    assert outcomes(raises, passes) == ["crashed", "passed"]
    assert forks.run_in_fork(raises, 1.0).outcome == "crashed"


def test_no_attempts_give_no_answers() -> None:
    assert outcomes() == []


def test_an_attempt_that_leaves_something_behind_is_the_last_of_its_fork() -> None:
    seen: list[int] = []

    def adds() -> tuple[str, str]:
        seen.append(1)
        return "passed", str(len(seen))

    def details(is_unchanged: Callable[[], bool]) -> list[str]:
        answers = forks.run_in_turn([adds] * 3, [3.0] * 3, is_unchanged)
        return [answer.detail for answer in answers]

    assert details(lambda: not seen) == ["1", "1", "1"]
    assert details(lambda: True) == ["1", "2", "3"]
    assert seen == []


def test_answers_that_do_not_fit_on_one_board_go_on_another() -> None:
    def talks() -> tuple[str, str]:
        return "failed", "x" * DETAIL_CHARS

    attempts = [talks] * 900
    answers = list(forks.run_in_turn(attempts, [9.0] * 900, lambda: True))
    assert [len(answer.detail) for answer in answers] == [DETAIL_CHARS] * 900


def test_a_try_that_takes_too_long_says_where_it_was_and_what_it_saw() -> None:
    answer = forks.run_in_fork(spins, 0.2, "node", extra=lambda: {"more": 7})
    assert (answer.outcome, answer.extra) == ("timeout", {"more": 7})
    assert answer.detail.startswith("node\nTraceback (most recent call last):\n")
    assert "in spins" in answer.detail
    assert "format_endless" not in answer.detail
    assert answer.detail.endswith("EndlessTestError: too slow")
    assert answer.seconds > 0.1


def test_what_comes_through_the_pipe_is_plain_data() -> None:
    answer = forks.run_in_fork(fails, 1.0, extra=lambda: [("a", 1)])
    assert answer == Answer("failed", "no", answer.seconds, [["a", 1]])


def test_a_fork_that_ends_by_itself_is_a_crash_without_anything_more() -> None:
    assert forks.run_in_fork(dies, 1.0, "node", extra=lambda: 1) == Answer("crashed", "node")


def test_rubbish_from_code_under_test_is_no_answer() -> None:
    ours = open_descriptors()

    def forges(text: bytes) -> Attempt:
        def attempt() -> tuple[str, str]:
            for fd in open_descriptors() - ours:
                with contextlib.suppress(OSError):
                    os.write(fd, text)
            os._exit(0)

        return attempt

    for text in (b"{}\n", b"[1]\n", b"not json\n", b'["passed", "", "soon", null]\n', b"\n"):
        assert forks.run_in_fork(forges(text), 1.0).outcome == "crashed"
    assert forks.run_in_fork(forges(b'["passed", "", 0, null]\n'), 1.0).outcome == "passed"


def counts() -> tuple[str, str]:
    """One operation, in which the interpreter looks at no signal."""
    return "passed", str(sum(range(10**12)))


def test_an_operation_that_cannot_be_interrupted_is_ended_by_the_kernel() -> None:
    begin_s = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    assert forks.run_in_fork(counts, 0.1).outcome == "crashed"
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - begin_s < 3


def test_a_child_of_an_attempt_ends_with_it() -> None:
    read, write = os.pipe()

    def leaves_a_child() -> tuple[str, str]:
        if os.fork() == 0:
            os.close(read)
            time.sleep(60)
            os._exit(0)
        return "passed", ""

    assert forks.run_in_fork(leaves_a_child, 1.0).outcome == "passed"
    os.close(write)
    assert os.read(read, 1) == b""  # nobody holds the other end any more
    os.close(read)


def test_waiting_for_a_processor_is_not_sleeping() -> None:
    """A try of little weight shares one processor with a process that never lets go."""
    limit_s = 0.02
    processor = min(os.sched_getaffinity(0))

    def computes() -> tuple[str, str]:
        os.sched_setaffinity(0, {processor})
        os.nice(19)
        end_s = time.process_time() + limit_s / 2
        while time.process_time() < end_s:
            pass
        return "passed", ""

    if (rival := os.fork()) == 0:
        os.sched_setaffinity(0, {processor})
        spins()
    begin_s = time.monotonic()
    try:
        answer = forks.run_in_fork(computes, limit_s)
    finally:
        os.kill(rival, signal.SIGKILL)
        os.waitpid(rival, 0)
    assert answer.outcome == "passed"
    assert time.monotonic() - begin_s > limit_s * forks.WALL_FACTOR


def test_a_try_that_only_sleeps_is_ended_by_the_clock() -> None:
    def sleeps() -> tuple[str, str]:
        time.sleep(60)
        return "passed", ""

    assert forks.run_in_fork(sleeps, 0.02) == Answer("timeout", "")
    assert outcomes(passes, sleeps, passes, limit_s=0.02) == ["passed", "timeout", "passed"]
