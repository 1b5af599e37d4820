"""What a function does on many inputs is told, and what hangs or waits is cut off."""

import time
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, cast

import pytest

from sandbox.inside.screening import observation
from sandbox.inside.screening.observation import ENDLESS, FEWEST_NEW, SLOW, Observation, observe


def results_of(function: Any, *calls: object) -> list[tuple[str, str]]:
    """Arguments and results as text, of a function that tests call so."""
    seen = Observation()
    file, name = function.__code__.co_filename, function.__name__
    tests: list[Callable[[], object]] = [lambda c=c: function(c) for c in calls]  # type: ignore[misc]  # bound now
    observe(file, name, tests, seen)
    return seen.pairs


def negate(flag: bool) -> bool:
    return not flag


def halve(number: int) -> float:
    return number / 2


def invert(number: int) -> float:
    return 10 / (number - 3)


def clear(rows: list[int]) -> None:
    rows.clear()


def take_all(rows: list[int]) -> None:
    rows.clear()
    raise KeyError


def count_up(number: int) -> Iterator[int]:
    while True:
        yield number
        number += 1


class Plain:
    pass


def make_plain(number: int) -> object:
    return Plain() if number else [object()]


def test_a_function_whose_inputs_cannot_be_varied_is_not_told_of() -> None:
    assert results_of(negate, True, False) == []
    assert len(results_of(halve, 4, 10)) > FEWEST_NEW


def test_a_function_that_no_test_calls_is_not_told_of() -> None:
    seen = Observation()
    observe(__file__, "halve", [lambda: negate(True)], seen)
    assert seen == Observation()


def test_an_error_is_a_result() -> None:
    results = dict(results_of(invert, 1, 5, 8))
    assert results["(5,)"] == "5.0"
    assert results["(3,)"] == "raises ZeroDivisionError"


def test_a_changed_argument_is_a_part_of_the_result() -> None:
    assert dict(results_of(clear, [1, 2, 3]))["([1, 2, 3],)"] == "None, leaving ([],)"


def test_so_is_what_an_error_leaves_of_it() -> None:
    text, _ = observation.try_call(take_all, ([1, 2, 3],), 1)
    assert text == "raises KeyError, leaving ([],)"


def test_a_generator_is_told_by_what_it_gives_and_never_exhausted() -> None:
    result = dict(results_of(count_up, 1, 7))["(1,)"]
    assert result.startswith("[1, 2, 3, ")
    assert len(result) == 300


def test_addresses_are_not_told() -> None:
    for _, result in results_of(make_plain, 0, 9):
        assert " at 0x" not in result


def waits(number: int) -> int:
    """Each call takes longer than what a first try is given; from 6 on it never ends."""
    began = time.process_time()
    while number > 5 or time.process_time() - began < 0.02:
        pass
    return number


def test_what_is_slow_and_what_never_ends_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("ONE_CALL_S", 0.01), ("_AGAIN_S", 0.1), ("PATIENCE_S", 0.25)):
        monkeypatch.setattr(observation, name, seconds)
    results = results_of(waits, 4, 5)
    for call, result in results:
        number = int(call.strip("(),"))
        assert result in ((str(number) if number <= 5 else ENDLESS), SLOW)
    assert {SLOW, "4"} <= {result for _, result in results}


def test_a_slow_test_is_cut_off_once_its_inputs_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """`waits(6)` never ends; the calls before and after it are still varied."""
    for name in ("ONE_CALL_S", "_AGAIN_S", "_ONE_TEST_S"):
        monkeypatch.setattr(observation, name, 0.05)
    monkeypatch.setattr(observation, "PATIENCE_S", 0.0)
    calls = {call for call, _ in results_of(waits, 3, 6, 5)}
    assert {"(3,)", "(6,)", "(5,)"} <= calls


def test_what_was_there_before_is_tried_on_the_inputs_that_the_change_was_given() -> None:
    def before(number: int) -> float:
        return number * 10

    former = halve.__code__
    halve.__code__ = before.__code__.replace(co_name="halve")
    changed, seen = halve.__code__, Observation()
    try:
        tests: list[Callable[[], object]] = [lambda n=n: halve(n) for n in (4, 10)]  # type: ignore[misc]  # bound now
        observe(changed.co_filename, "halve", tests, seen, [(cast(FunctionType, halve), former)])
    finally:
        halve.__code__ = former
    assert dict(seen.pairs)["(4,)"] == "2.0"
    assert seen.work_s > 0


def hand_on(rows: list[int], post: Callable[[int], object]) -> None:
    for row in rows:
        post(row)


def test_what_is_handed_to_a_method_among_the_arguments_is_a_part_of_the_result() -> None:
    """Else a fix that hands on nothing at all would look the same."""
    posted: list[int] = []
    text, _ = observation.try_call(hand_on, ([1, 2], posted.append), 1)
    assert text == "None, what append is called on becoming [1, 2]"
    assert posted == []
