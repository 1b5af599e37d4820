"""Asking a function for its answer takes none of the time that it would wait."""

import threading
import time
from time import monotonic, sleep

import pytest

from sandbox.inside.screening import observation
from sandbox.inside.screening.skipped_waits import skip_waits


def wait_for(seconds: float) -> str:
    began = time.monotonic()
    sleep(seconds)
    time.sleep(seconds)
    return "longer" if time.monotonic() - began >= 2 * seconds else "shorter"


def wait_until_late() -> int:
    rounds, end = 0, time.time() + 3600
    while time.time() < end:
        rounds += 1
        time.sleep(60)
    return rounds


def wait_for_nobody(limit_s: float) -> bool:
    return threading.Event().wait(limit_s)


def test_what_sleeps_ends_at_once_and_sees_a_clock_that_went_on() -> None:
    began = monotonic()
    assert observation.try_call(wait_for, (1e6,), 1)[0] == "'longer'"
    assert observation.try_call(wait_until_late, (), 1)[0] == "60"
    assert monotonic() - began < 100


def test_an_impossible_sleep_is_the_error_that_it_is() -> None:
    assert observation.try_call(wait_for, (-1,), 1)[0] == "raises ValueError"
    assert observation.try_call(wait_for, ("soon",), 1)[0] == "raises TypeError"


def test_what_waits_for_others_has_an_end() -> None:
    assert observation.try_call(wait_for_nobody, (1e5,), 1)[0] == observation.ENDLESS
    assert observation.try_call(wait_for_nobody, (0.001,), 1)[0] == "False"


def test_afterwards_everything_is_as_it_was() -> None:
    names = (time.sleep, time.time, time.monotonic, sleep)

    def fail() -> None:
        raise KeyError

    with pytest.raises(KeyError), skip_waits(wait_for, fail):
        assert time.sleep is not names[0]
        assert sleep is time.sleep
        raise KeyError
    assert (time.sleep, time.time, time.monotonic, sleep) == names
