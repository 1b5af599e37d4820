"""Values of the same shape, changed as a whole."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from sandbox.inside.screening.whole_values import change_leaves, level_numbers


@pytest.mark.parametrize(
    ("value", "more"),
    [
        (1, 2),
        ("a", "az"),
        (True, True),
        (None, None),
        ({"n": [1, ("b", 2.5)]}, {"n": [2, ("bz", 3.5)]}),
        (datetime.date(2024, 2, 28), datetime.date(2024, 2, 29)),
    ],
)
def test_each_number_is_so_much_more_and_each_text_another(value: object, more: object) -> None:
    assert change_leaves(value, 1) == more


@pytest.mark.parametrize(
    ("items", "alike"),
    [
        ([3, 1, 2], [3, 3, 3]),
        ([("b", 2), ("a", 5)], [("b", 2), ("a", 2)]),
        (
            [{"n": 1, "m": Decimal(2), "ok": True}, {"n": 7, "m": Decimal(8), "ok": False}],
            [{"n": 1, "m": Decimal(2), "ok": True}, {"n": 1, "m": Decimal(2), "ok": False}],
        ),
        ([[1], [2, 3]], [[1], [1, 3]]),
        (["b", "a"], ["b", "a"]),
        ([None, 4], [None, 4]),
    ],
)
def test_all_have_the_numbers_of_the_first(items: list[Any], alike: list[Any]) -> None:
    assert level_numbers(items) == alike
