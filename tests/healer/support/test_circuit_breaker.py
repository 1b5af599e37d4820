"""A breaker opens after failures in a row, lets one through after a pause, and closes by itself."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.support.circuit_breaker import CircuitBreaker

LIMIT, FIRST_PAUSE_S, LONGEST_PAUSE_S = 3, 30.0, 600.0


def new_breaker() -> CircuitBreaker:
    return CircuitBreaker(limit=LIMIT, first_pause_s=FIRST_PAUSE_S, longest_pause_s=LONGEST_PAUSE_S)


def broken_at(now: float, failures: int = LIMIT) -> CircuitBreaker:
    breaker = new_breaker()
    for _ in range(failures):
        breaker.record_failure(now)
    return breaker


def test_a_new_one_allows_every_request() -> None:
    breaker = new_breaker()
    assert all(breaker.allow_request(0) for _ in range(10))
    assert breaker.failures == 0


def test_it_opens_after_failures_in_a_row_and_closes_by_itself() -> None:
    breaker = broken_at(0, LIMIT - 1)
    assert breaker.allow_request(0)
    breaker.record_failure(0)
    assert not breaker.allow_request(FIRST_PAUSE_S - 1)
    assert breaker.allow_request(FIRST_PAUSE_S)
    assert not breaker.allow_request(FIRST_PAUSE_S)
    breaker.record_success()
    assert breaker.allow_request(FIRST_PAUSE_S)
    assert breaker.allow_request(FIRST_PAUSE_S)


def test_a_success_in_between_keeps_it_closed() -> None:
    breaker = new_breaker()
    for _ in range(10):
        breaker.record_failure(0)
        breaker.record_success()
    assert breaker.allow_request(0)


def test_a_caller_that_never_says_how_it_ended_holds_up_nobody_for_longer() -> None:
    breaker = broken_at(0)
    assert breaker.allow_request(FIRST_PAUSE_S)
    assert not breaker.allow_request(2 * FIRST_PAUSE_S - 1)
    assert breaker.allow_request(2 * FIRST_PAUSE_S)


@pytest.mark.parametrize(
    ("further_failures", "pause_s"), [(0, 30), (1, 60), (2, 120), (4, 480), (5, 600), (50, 600)]
)
def test_pauses_double_to_an_end(further_failures: int, pause_s: float) -> None:
    breaker = broken_at(0, LIMIT + further_failures)
    assert not breaker.allow_request(pause_s - 0.001)
    assert breaker.allow_request(pause_s)


def test_after_a_success_pauses_begin_anew() -> None:
    breaker = broken_at(0, LIMIT + 10)
    breaker.record_success()
    for _ in range(LIMIT):
        breaker.record_failure(0)
    assert breaker.allow_request(FIRST_PAUSE_S)


@pytest.mark.parametrize(("until", "then"), [(90.0, 90.0), (10.0, FIRST_PAUSE_S)])
def test_a_pause_that_was_asked_for_never_shortens_one_that_runs(until: float, then: float) -> None:
    breaker = broken_at(0)
    breaker.pause_until(until)
    assert not breaker.allow_request(then - 1)
    assert breaker.allow_request(then)


def test_it_says_why_it_is_open_until_it_works_again() -> None:
    breaker = CircuitBreaker(limit=1, first_pause_s=1, longest_pause_s=1)
    breaker.record_failure(0.0, "no route")
    assert breaker.reason == "no route"
    breaker.pause_until(9.0, "too often")
    assert breaker.reason == "too often"
    breaker.record_success()
    assert breaker.reason == ""


def test_a_pause_that_was_asked_for_needs_no_failure_and_leaves_none() -> None:
    breaker = new_breaker()
    breaker.pause_until(5)
    assert not breaker.allow_request(4)
    assert breaker.failures == 0
    assert breaker.allow_request(5)
    assert breaker.allow_request(5)


def test_of_many_threads_one_tries_after_the_pause() -> None:
    breaker = broken_at(0)
    with ThreadPoolExecutor(8) as pool:
        allowed = list(pool.map(breaker.allow_request, [FIRST_PAUSE_S] * 64))
    assert allowed.count(True) == 1


@given(st.lists(st.sampled_from(["success", "failure", "request"]), max_size=40))
def test_whatever_happened_it_is_open_only_after_failures_in_a_row(events: list[str]) -> None:
    breaker = new_breaker()
    failures = 0
    for now, event in enumerate(events):
        if event == "success":
            breaker.record_success()
            failures = 0
        elif event == "failure":
            breaker.record_failure(now)
            failures += 1
        elif failures < LIMIT:
            assert breaker.allow_request(now)
    assert breaker.failures == failures
    assert breaker.allow_request(len(events) + LONGEST_PAUSE_S)
