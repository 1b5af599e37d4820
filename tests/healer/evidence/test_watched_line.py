"""A line tells the values of an expression, and the program runs on as it did."""

import contextlib
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from healer.evidence.watched_line import MOST_VALUES, find_values, watch_line

TEXT = """\
from __future__ import annotations
import math

def area(r):
    if r < 0: raise ValueError(r)
    return (
        math.pi
        * r ** 2
    )

for n in range(40):
    @staticmethod
    def inner(): pass
    total = area(n)
"""


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    sys.__dict__.pop("_healer_seen", None)


def told(text: str | None, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    assert text is not None
    output = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", output)
    names: dict[str, Any] = {"__name__": "watched"}
    with contextlib.suppress(ZeroDivisionError):
        exec(compile(text, "watched", "exec"), names)
    return find_values(output.getvalue())


@pytest.mark.parametrize(
    ("line", "expression", "first"),
    [
        (6, "r", ("0", "1")),
        (8, "r * 2  # twice", ("0", "2")),
        (5, "r", ("0", "1")),
        (14, "n", ("0", "1")),
        (12, "n + 1", ("1", "2")),
        (14, "missing", ("raises NameError(\"name 'missing' is not defined\")",) * 2),
        (14, "'ü\\n'", ("'ü\\n'",) * 2),
    ],
)
def test_values_are_told_each_time_up_to_a_bound(
    line: int, expression: str, first: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = told(watch_line(TEXT, line, expression), monkeypatch)
    assert values[:2] == first
    assert len(values) == MOST_VALUES


@pytest.mark.parametrize(
    ("text", "line", "expression"),
    [
        (TEXT, 1, "1"),
        (TEXT, 99, "1"),
        (TEXT, 3, "1"),
        (TEXT, 6, "r = 1"),
        (TEXT, 6, "1) or (2"),
        (TEXT, 6, ""),
        ("def broken(:", 1, "1"),
    ],
)
def test_where_nothing_can_be_told_there_is_no_text(text: str, line: int, expression: str) -> None:
    assert watch_line(text, line, expression) is None
