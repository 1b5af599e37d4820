"""Of an input that fails, a test holds only what it takes."""

import time
from typing import Any

import pytest

from healer.evidence.small_input import ROUND_S, Budget, list_smaller, shrink


@pytest.mark.parametrize(
    ("value", "needle", "smallest"),
    [
        ((["a", "b", "x", "d"],), "x", (["x"],)),
        ("id,n\n1,a\n2,x\n3,c\n", "x", "2,x\n"),
        ((1, {"rows": ["a", "x", "b"], "more": 2}), "x", (1, {"rows": ["x"]})),
        (([{"a": 1, "x": 2, "c": 3}, {"d": 4}],), "x", ([{"x": 2}],)),
        (("x",), "x", ("x",)),
        (({"a.csv": "b\nx\nc\n", "d.csv": "e\n"},), "x", ({"a.csv": "x\n"},)),
        (([*range(100), "x", *range(100)],), "x", (["x"],)),
    ],
)
def test_parts_that_tell_nothing_are_taken_away(value: Any, needle: str, smallest: Any) -> None:
    assert shrink(value, lambda choices: [needle in repr(each) for each in choices]) == smallest


def test_what_every_part_is_needed_for_stays_as_it_is() -> None:
    assert shrink((["a", "b"],), lambda choices: [False for _ in choices]) == (["a", "b"],)


def test_answers_that_do_not_come_end_it() -> None:
    assert shrink((["a", "b"],), lambda _: []) == (["a", "b"],)


def test_a_header_may_be_needed_or_not() -> None:
    texts = list_smaller("id,n\n1,a\n2,b\n")
    assert "id,n\n2,b\n" in texts
    assert "2,b\n" in texts


def test_an_input_that_takes_long_is_asked_for_with_few_others_and_not_for_ever() -> None:
    budget = Budget(ends_at=time.monotonic() + 60)
    choices = list(range(50))
    assert budget.cut(choices) == choices
    budget.measure(8.0, 2)
    budget.measure(1.0, 2)
    assert budget.cut(choices) == choices[: int(ROUND_S / 4.0)]
    budget.measure(60.0, 1)
    assert budget.cut(choices) == [0]
    assert Budget(ends_at=time.monotonic()).cut(choices) == []


@pytest.mark.parametrize("value", [1, None, "one line", (), (3.5, "a")])
def test_there_is_nothing_smaller_than_one_thing(value: Any) -> None:
    assert list_smaller(value) == []
