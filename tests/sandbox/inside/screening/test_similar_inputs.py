"""New inputs are like the recorded ones: of the same types, order, signs and lengths."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.inside.screening import object_graphs
from sandbox.inside.screening.similar_inputs import MAX_INPUTS, Habits, make_inputs, vary


@given(st.lists(st.tuples(st.lists(st.integers(0, 50)).map(sorted), st.integers(1, 9)), min_size=1))
def test_new_inputs_keep_order_sign_and_length(calls: list[tuple[list[int], int]]) -> None:
    shortest = min(len(items) for items, _ in calls)
    least = min(number for _, number in calls)
    for items, number in make_inputs(calls):
        assert items == sorted(items)
        assert len(items) >= shortest
        assert number >= least
        assert all(item >= 0 for item in items)


def test_the_recorded_calls_come_first_and_there_are_many_more() -> None:
    calls = [([1, 2, 3], "ab"), ([4], "c")]
    inputs = make_inputs(calls)
    assert inputs[:2] == calls
    assert 50 < len(inputs) <= MAX_INPUTS
    texts = [object_graphs.describe(each) for each in inputs]
    assert len(set(texts)) == len(texts)


def test_the_same_calls_give_the_same_inputs_and_another_seed_gives_others() -> None:
    calls = [([1, 2, 3], "ab")]
    assert make_inputs(calls) == make_inputs(calls)
    assert make_inputs(calls, seed=8) != make_inputs(calls)


def test_recorded_arguments_are_not_changed() -> None:
    rows = [3, 1, 2]
    make_inputs([(rows, {"a": 1})])
    assert rows == [3, 1, 2]


@pytest.mark.parametrize("calls", [[], [()], [(None,)], [(object,)]])
def test_what_cannot_be_varied_stays_as_it_is(calls: list[tuple[Any, ...]]) -> None:
    assert make_inputs(calls) == calls


@pytest.mark.parametrize("value", [True, 3, 2.5, "abc", [1, 2], (1, 2), {"a": 1}])
def test_a_varied_value_has_the_same_type(value: object) -> None:
    source = random.Random(1)
    habits = Habits([value])
    varied_values = [vary(value, habits, source) for _ in range(50)]
    assert {type(each) for each in varied_values} == {type(value)}
    assert any(each != value for each in varied_values)


def test_a_letter_becomes_one_that_was_seen() -> None:
    habits = Habits(["abc"])
    source = random.Random(1)
    letters = {letter for _ in range(200) for letter in vary("abc", habits, source)}
    assert letters == {"a", "b", "c"}


def test_a_tuple_that_holds_more_than_plain_values_is_left_alone() -> None:
    value = ([1], 2)
    assert vary(value, Habits([value]), random.Random(1)) is value


@pytest.mark.parametrize(
    ("values", "fits", "not_fitting"),
    [
        ([[1, 2], [3]], [[2, 3], [9]], [[2, 1], [], [0, 5], [1, 1]]),
        ([[2, 1, 1]], [[1, 1, 1]], [[1, 1]]),
        ([5, 7], [5, 6, 100], [4, -1]),
        (["ab"], ["xy", "abc"], ["a", ""]),
    ],
)
def test_what_all_recorded_values_had_in_common_is_kept(
    values: list[Any], fits: list[Any], not_fitting: list[Any]
) -> None:
    habits = Habits(values)
    assert all(habits.fits(value) for value in values)
    assert [value for value in fits if not habits.fits(value)] == []
    assert [value for value in not_fitting if habits.fits(value)] == []


def test_values_that_cannot_be_compared_are_in_no_order() -> None:
    assert not Habits([[1, "a"]]).ordered
