"""One clock is handed to whatever decides by the time; a simulation sets it."""

import time
from datetime import UTC, datetime

from healer.support.clock import SYSTEM_CLOCK, SetClock


def test_the_systems_clock_goes_on_by_itself() -> None:
    before = time.time()
    assert before <= SYSTEM_CLOCK.now() <= time.time()
    assert SYSTEM_CLOCK.moment().tzinfo is UTC


def test_a_set_clock_stands_where_it_was_set_and_can_be_set_back() -> None:
    clock = SetClock(1_000_000.0)
    assert clock.now() == clock.now() == 1_000_000.0
    clock.seconds = 60.0
    assert clock.moment() == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
