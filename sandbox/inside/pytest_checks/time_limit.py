"""Ends a test that never ends, so that it fails by name and the tests after it still run.

Belongs here: the timer around each test. It counts processor time: a busy machine ends nothing, and
a test that waits without working is left to the deadline of the whole run.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from _pytest import outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator

SHARE = 12
"""The first hanging test may use this part of the run's time; ten of them still come to an end."""
LEAST_S = 5.0
AGAIN_S = 0.5
"""For each further test once one has hung: what hangs once mostly hangs again."""
_INSIST_S = 0.5


class EndlessTestError(outcomes.Failed):
    """Raised inside the test, where it was. Code that catches `Exception` does not catch it."""


class TimeLimit:
    """A pytest plugin: every test has its processor time."""

    def __init__(self, run_s: float) -> None:
        """`run_s`: what is left for the whole run."""
        self._limit_s = max(LEAST_S, run_s / SHARE)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_call(self) -> Iterator[Any]:
        """Sets the timer for the call alone: fixtures of a whole session may be slow."""
        limit_s = self._limit_s

        def end_test(_signal: int, _frame: object) -> None:
            self._limit_s = AGAIN_S
            raise EndlessTestError(
                f"the test used {limit_s:.1f} s of processor time and did not end"
            )

        try:
            before = signal.signal(signal.SIGPROF, end_test)
        except ValueError:  # not the main thread: some runner of tests of its own
            return (yield)
        signal.setitimer(signal.ITIMER_PROF, limit_s, _INSIST_S)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, before)
