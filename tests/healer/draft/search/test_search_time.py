"""The budget of a search: what uses it up, and what a loop is told."""

import time

import pytest

from healer.draft.search import search_time
from healer.draft.search.search_time import UNLIMITED, WALL_FACTOR, SearchTime


def spin(seconds: float) -> None:
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_processor_time_of_this_thread_uses_it_up() -> None:
    budget = SearchTime(0.05)
    assert not budget.is_past()
    spin(0.06)
    assert budget.is_past()
    assert budget.used_s >= 0.06


def test_sleeping_uses_none_of_it_up_but_not_for_ever() -> None:
    budget = SearchTime(0.02)
    time.sleep(0.03)
    assert budget.used_s < 0.02
    time.sleep(0.02 * WALL_FACTOR)
    assert budget.is_past()


def test_containers_use_it_up() -> None:
    budget = SearchTime(10.0)
    budget.charge(9.9)
    assert not budget.is_past()
    budget.charge(0.2)
    assert budget.is_past()


def test_a_loop_may_be_past_its_own_limit_while_time_is_left() -> None:
    budget = SearchTime(10.0)
    budget.charge(2.0)
    assert budget.is_past(1.9)
    assert not budget.is_past(3.0)
    assert not budget.was_cut_off


def test_that_a_loop_left_something_out_is_remembered() -> None:
    budget = SearchTime(10.0)
    assert not budget.cut_off(5.0)
    assert not budget.was_cut_off
    budget.charge(6.0)
    assert budget.cut_off(5.0)
    assert not budget.cut_off(9.0)
    assert budget.was_cut_off


@pytest.mark.parametrize(("used_s", "share", "limit_s"), [(0, 0.25, 2), (4, 0.5, 7), (12, 0.5, 12)])
def test_a_portion_is_a_share_of_what_is_left(used_s: float, share: float, limit_s: float) -> None:
    budget = SearchTime(8.0 if not used_s else 10.0)
    budget.charge(used_s)
    assert budget.portion(share) == pytest.approx(limit_s, abs=0.1)


def test_by_the_clock_there_is_four_times_as_much() -> None:
    budget = SearchTime(10.0)
    assert budget.wall_left_s == pytest.approx(40.0, abs=0.5)
    budget.charge(9.0)
    assert budget.wall_left_s == pytest.approx(4.0, abs=0.5)
    budget.charge(9.0)
    assert budget.wall_left_s < 0


def test_without_a_limit_there_is_always_time() -> None:
    UNLIMITED.charge(1e9)
    assert not UNLIMITED.is_past()
    assert not UNLIMITED.is_past(UNLIMITED.portion(0.25))
    UNLIMITED.charge(-1e9)
    assert search_time.UNLIMITED is UNLIMITED
