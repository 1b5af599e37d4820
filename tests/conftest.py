"""What holds for every test: property tests try the same examples each time, however slow it is,
and what started the tests has no say in which signals are ignored.

A new example that fails is found by `HYPOTHESIS_PROFILE=search pytest …`, not by chance in CI.
"""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import none

SLOW = (HealthCheck.too_slow,)
settings.register_profile(
    "steady", deadline=None, derandomize=True, database=None, suppress_health_check=SLOW
)
settings.register_profile("search", deadline=None, max_examples=2_000, suppress_health_check=SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))

# `nohup` and a shell's `&` let all that they start ignore these.
signal.signal(signal.SIGINT, signal.default_int_handler)
for _number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(_number, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_SETMASK, [])


gc.disable()  # until all tests are collected: there is nothing to free before


def pytest_collection_finish() -> None:
    """Takes what is collected out of the collector's sight: each of the many full collections that
    tests, pytest and forks ask for would go through twenty thousand tests."""
    gc.enable()
    _draw_once()
    gc.collect()
    gc.freeze()


@given(none())
def _draw_once(_: None) -> None:
    """Hypothesis registers its source of chance when it is first used. On Python 3.14 it then looks
    for whoever else holds it, and does not see what is frozen: a warning, in any test."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes that no text could be are named by their argument: an archive holds the time at which
    it was made, and two of pytest's processes would collect tests of different names."""
    if isinstance(val, bytes) and not (val.isascii() and val.decode("ascii").isprintable()):
        return argname
    return None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """A test that leaves signals blocked would leave them blocked in all that later tests start."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
    yield
    after = signal.pthread_sigmask(signal.SIG_SETMASK, before)
    assert after == before, f"{item.nodeid} left signals blocked: {after - before}"
