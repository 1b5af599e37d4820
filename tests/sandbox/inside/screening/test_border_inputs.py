"""Inputs at the borders of what tests used are made of every type that has some."""

import dataclasses
import datetime
import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from sandbox.inside.screening import object_graphs
from sandbox.inside.screening.border_inputs import (
    Pool,
    find_borders,
    make_wide_inputs,
)


class Point:
    def __init__(self) -> None:
        self.x = 3


def borders(value: object, *words: object) -> list[Any]:
    return list(find_borders(value, Pool(words), 3))


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (True, [False]),
        (5, [0, 1, 6, 4, -5, 5000, 5.37]),
        (2.5, [0.0, -2.5, 3.0, 2500.0]),
        (Decimal(2), [Decimal(0), Decimal(-2), Decimal("2.005")]),
        ("a=b", ["", " ", "a=b=a=b", "a==b", "A=B", "a/=b", "a=\u00e4"]),
        ([1, [2]], [[1, [1, [2]]]]),
        ([("a", 1)], [[("a", 1), ("az", 2)], [("aa", 0), ("a", 1), ("az", 2)]]),
        ([{"n": 1, "ok": True}], [[{"n": 1, "ok": True}, {"n": 0, "ok": True}]]),
        ({"a": {"b": 2}}, [{"a": {"a": {"b": 2}}}]),
        ("7", ["07", "-7", "7.5"]),
        (b"a=b", [b"", b"=b", b"a=b=a=b", b"A=B"]),
        (b"\xff\xfe", [b"\xfe", b""]),
        ([2, 1], [[], [2], [1, 2], [2, 1, 2], [0, 1], [2, 1, 0]]),
        ((2, "a"), [(0, "a"), (2, "")]),
        ({"a": 2}, [{}, {"a": 0}]),
        ([("a", 2), ("b", 3)], [[("b", 2), ("a", 2)]]),
        ({"a": {"n": 2}, "b": {"n": 3}}, [{"b": {"n": 2}, "a": {"n": 2}}]),
        ({"a": 1, "b": 2}, [{"A": 1, "b": 2}]),
        ({1, 2}, [set()]),
        (datetime.date(2023, 5, 7), [datetime.date(2024, 2, 29), datetime.date(2023, 12, 31)]),
        (datetime.time(9, 30), [datetime.time(0, 0), datetime.time(23, 59)]),
    ],
)
def test_a_value_has_the_borders_of_its_type(value: object, wanted: list[object]) -> None:
    found = borders(value)
    assert [each for each in wanted if each not in found] == []


@pytest.mark.parametrize("value", [None, object(), Point])
def test_what_is_not_known_has_none(value: object) -> None:
    assert borders(value) == []


def test_words_of_the_program_come_in_place_of_values_of_their_type() -> None:
    assert "refund" in borders("sale", "refund", 7)
    assert {"12.50", "12.,50"} <= set(borders("12,50", "."))
    assert {6, 7, 8} <= set(borders(100, "refund", 7))
    assert [1, None] in borders([1], None)
    assert [1, None] not in borders([1])
    assert {"a": 1, "city": "city"} in borders({"a": 1}, "city")


def test_an_object_has_its_attributes_varied_and_stays_itself() -> None:
    point = Point()
    assert {each.x for each in borders(point)} >= {0, 1, -3}
    assert point.x == 3


def test_a_function_as_an_argument_gives_another_answer_once() -> None:
    first, second = borders(lambda: True)[:2]
    assert [first(), first()] == [False, True]
    assert [second(), second()] == [True, False]
    assert repr(second) == "<<lambda> whose answer 2 is another one>"
    assert [each() for each in borders(lambda: None)[:2]] == [None, None]


@pytest.mark.parametrize(("words", "error"), [((), OSError), ((ValueError, 2), ValueError)])
def test_a_function_as_an_argument_fails_once(
    words: tuple[object, ...], error: type[Exception]
) -> None:
    first, second = borders(lambda: 5, *words)[2:]
    with pytest.raises(error):
        first()
    assert (first(), second()) == (5, 5)
    with pytest.raises(error):
        second()
    assert repr(first) == f"<<lambda> whose call 1 raises {error.__name__}>"


def test_recorded_calls_come_first_each_once_and_arguments_of_one_type_are_exchanged() -> None:
    inputs = make_wide_inputs([(1, 9), (1, 9), (2, 8)], [])
    assert inputs[:2] == [(1, 9), (2, 8)]
    assert (9, 1) in inputs
    texts = [object_graphs.describe(each) for each in inputs]
    assert len(set(texts)) == len(texts) > 50


def test_the_same_calls_give_the_same_inputs() -> None:
    calls = [("a b", [1, 2]), (" ", [])]
    assert make_wide_inputs(calls, [3]) == make_wide_inputs(calls, [3])


@pytest.mark.parametrize("calls", [[], [()], [(None,)], [(SimpleNamespace,)]])
def test_what_cannot_be_varied_stays_as_it_is(calls: list[tuple[Any, ...]]) -> None:
    assert make_wide_inputs(calls, []) == calls


def test_each_argument_and_each_key_is_varied_in_its_own_place() -> None:
    inputs = make_wide_inputs([("a", 5)], ())
    assert {("", 5), ("a", 0)} <= set(inputs)
    assert all(isinstance(text, str) and isinstance(number, int | float) for text, number in inputs)
    assert {"a": "", "b": 5} in borders({"a": "a", "b": 5})
    assert {"a": "a", "b": 0} in borders({"a": "a", "b": 5})
    assert {"a": "a", "b": ""} not in borders({"a": "a", "b": 5})


def test_examples_stand_in_place_of_an_argument_of_their_type_whatever_else_there_is() -> None:
    calls = [(f"{n}", n) for n in range(60)]
    inputs = make_wide_inputs(calls, (), ["1.234,56", 7, 1.5])
    assert {("1.234,56", 0), ("0", 7), ("1.234,56", 2)} <= set(inputs)
    assert not any(1.5 in call for call in inputs)


@dataclasses.dataclass(frozen=True)
class Order:
    rows: tuple[int, ...]


class Slots:
    __slots__ = ("n",)

    def __init__(self, n: int) -> None:
        self.n = n


class Caller:
    def __init__(self, n: int) -> None:
        self.n = n

    def __repr__(self) -> str:
        return "a caller"

    def __call__(self) -> int:
        return self.n


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Order((2, 4)), "(Order#1(rows=(3, 4)),)"),
        (Slots(2), "(Slots#1(n=3),)"),
        (Caller(2), "(Caller#1(n=3),)"),
        (io.StringIO("a\n2\n"), "(StringIO('a\\n3\\n'),)"),
        (io.BytesIO(b"a\n2\n"), "(BytesIO(b'a\\n2\\n2\\n'),)"),
    ],
)
def test_what_an_argument_holds_is_varied(value: object, text: str) -> None:
    assert text in {object_graphs.describe(call) for call in make_wide_inputs([(value,)], [])}
