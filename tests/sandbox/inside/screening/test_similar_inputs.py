"""New inputs are like the recorded ones: of the same types, order, signs and lengths."""

import random
from collections import namedtuple
from datetime import date, datetime, time, timedelta
from decimal import Decimal
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
    has_order = len({tuple(items) for items, _ in calls if len(items) > 1}) > 1
    for items, number in make_inputs(calls):
        assert not has_order or items == sorted(items)
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


@pytest.mark.parametrize("calls", [[], [()], [(None,)], [(list,)]])
def test_what_cannot_be_varied_stays_as_it_is(calls: list[tuple[Any, ...]]) -> None:
    assert make_inputs(calls) == calls


@pytest.mark.parametrize("value", [True, 3, 2.5, "abc", [1, 2], (1, 2), {"a": 1}])
def test_a_varied_value_has_the_same_type(value: object) -> None:
    source = random.Random(1)
    habits = Habits([value])
    varied_values = [vary(value, habits, source) for _ in range(50)]
    assert {type(each) for each in varied_values} == {type(value)}
    assert any(each != value for each in varied_values)


def test_a_letter_becomes_one_that_was_seen_in_either_case() -> None:
    habits = Habits(["abc"])
    source = random.Random(1)
    letters = {letter for _ in range(200) for letter in vary("abc", habits, source)}
    assert letters == {*"abcABC"}


def test_a_digit_becomes_any_digit() -> None:
    habits = Habits(["a1"])
    source = random.Random(1)
    letters = {letter for _ in range(400) for letter in vary("a1", habits, source)}
    assert letters == {*"aA0123456789"}


def test_one_item_of_a_tuple_is_varied_and_none_comes_or_goes() -> None:
    value = ([1], 2, "ab")
    source = random.Random(1)
    changed = [vary(value, Habits([value]), source) for _ in range(200)]
    assert {len(each) for each in changed} == {3}
    assert all(sum(a != b for a, b in zip(each, value, strict=True)) <= 1 for each in changed)
    assert {type(each[0]) for each in changed} == {list}


def test_a_named_tuple_stays_one() -> None:
    point = namedtuple("point", "x y")
    changed = vary(point(1, 2), Habits([point(1, 2)]), random.Random(2))
    assert type(changed) is point


def test_mostly_a_value_of_a_dict_changes_and_seldom_a_key_is_missing() -> None:
    value = {"net": 10, "name": "tea"}
    source = random.Random(3)
    changed = [vary(value, Habits([value]), source) for _ in range(300)]
    missing = [each for each in changed if len(each) < len(value)]
    assert 0 < len(missing) < 100
    assert any(each["net"] != 10 for each in changed if len(each) == 2)


@pytest.mark.parametrize(
    "value",
    [
        date(2024, 2, 29),
        datetime(2024, 2, 29, 12),
        time(8, 30),
        timedelta(hours=2),
        Decimal("1.10"),
    ],
)
def test_dates_times_and_exact_numbers_are_varied_within_their_type(value: Any) -> None:
    source = random.Random(4)
    changed = [vary(value, Habits([value]), source) for _ in range(50)]
    assert {type(each) for each in changed} == {type(value)}
    assert len(set(changed)) > 2


def test_a_day_that_no_calendar_has_is_not_made() -> None:
    assert vary(date.max, Habits([date.max]), random.Random(5)) <= date.max


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=8,
)


@given(st.lists(st.tuples(VALUES, VALUES), max_size=4))
def test_any_recorded_calls_give_inputs(calls: list[tuple[Any, Any]]) -> None:
    assert len(make_inputs(calls)) >= bool(calls)


def test_the_texts_of_rows_stay_texts() -> None:
    rows = [{"n": "2"}, {"n": "3"}]
    inputs = make_inputs([(rows,)])
    assert len(inputs) > 50
    assert {type(row.get("n", "")) for (each,) in inputs for row in each} == {str}


def test_an_empty_list_takes_items_of_other_calls() -> None:
    habits = Habits([[], [7]])
    source = random.Random(6)
    assert any(vary([], habits, source) for _ in range(50))


@pytest.mark.parametrize(
    ("values", "fits", "not_fitting"),
    [
        ([[1, 2], [3, 4], [3]], [[2, 3], [9]], [[2, 1], [], [0, 5], [1, 1]]),
        ([[1, 2]], [[2, 1], [1, 1]], [[0, 5], [1]]),
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


class Unfinished:
    """As one whose making is the changed function: recorded before it has a size."""

    def __len__(self) -> int:
        return self.size  # type: ignore[attr-defined, no-any-return]  # not yet there


class Rows(list[Any]):
    def __deepcopy__(self, _memory: Any) -> Any:
        return self

    def __iter__(self) -> Any:
        raise RuntimeError("not read yet")

    def __getitem__(self, index: Any) -> Any:
        raise RuntimeError("not read yet")


class Table(dict[str, Any]):
    def __deepcopy__(self, _memory: Any) -> Any:
        return self

    def values(self) -> Any:
        raise RuntimeError("closed")


@pytest.mark.parametrize(
    "value",
    [
        Unfinished(), Rows([1, 2]), Table(a=1), 10**400, -(10**400), float("nan"), float("inf"),
        Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("9E+999999"),
        timedelta.max, datetime.max, [Rows([1])], {"a": Unfinished()},
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_whatever_a_value_does_when_looked_at_there_are_inputs(value: object) -> None:
    assert make_inputs([(2, value), (3, value)])[0][1] is value
