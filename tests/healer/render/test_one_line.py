"""Small facts are written the same everywhere."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.one_line import (
    describe_end,
    format_age,
    format_bars,
    format_count,
    format_duration,
    format_failure,
    format_money,
)
from tests.support.notices import NOON, failure
from tests.support.repairs import hostile_repair


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (-1, "0 ms"),
        (0.0004, "0 ms"),
        (0.012, "12 ms"),
        (0.9996, "1.0 s"),
        (3.44, "3.4 s"),
        (59.99, "1 min"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (4200, "1 h 10 min"),
        (86_400 * 3 + 4 * 3600, "3 d 4 h"),
    ],
)
def test_durations(seconds: float, written: str) -> None:
    assert format_duration(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(-5, "now"), (59, "now"), (60, "1 min"), (7199, "1 h"), (86_400 * 12, "12 d")],
)
def test_ages(seconds: float, written: str) -> None:
    assert format_age(NOON, NOON + timedelta(seconds=seconds)) == written


@pytest.mark.parametrize(
    ("usd", "known", "written"),
    [
        (0, True, "$0"),
        (0.00123, True, "$0.0012"),
        (1.254, True, "$1.25"),
        (12345.6, True, "$12,345.60"),
        (0.5, False, "at least $0.50"),
        (0.0, False, "an unknown sum"),
    ],
)
def test_money(usd: float, known: bool, written: str) -> None:
    assert format_money(usd, is_known=known) == written


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0"), (999, "999"), (1234, "1.2k"), (4_500_000, "4.5M")]
)
def test_counts(number: int, written: str) -> None:
    assert format_count(number) == written


@pytest.mark.parametrize(
    ("values", "written"),
    [
        ((), ""),
        ((0.0, 0.0), "  "),
        ((1.0,), "█"),
        ((0.0, 0.5, 1.0, 0.01), " ▅█▁"),
        ((-1.0, 8.0, 7.9, 1.0), " ██▂"),
    ],
)
def test_bars(values: tuple[float, ...], written: str) -> None:
    assert format_bars(values) == written


@given(st.lists(st.floats(0, 1e9), max_size=80))
def test_every_value_has_a_bar_of_one_character(values: list[float]) -> None:
    bars = format_bars(values)
    assert len(bars) == len(values)
    assert [bar == " " for bar in bars] == [value == 0 for value in values]


@given(st.floats(0, 1e9))
def test_no_duration_shows_sixty_of_a_unit(seconds: float) -> None:
    written = format_duration(seconds)
    assert "60 s" not in written
    assert "60.0 s" not in written
    assert "60 min" not in written


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"signal": 11}, "ended by signal 11"),
        ({"exit_code": 3}, "exit code 3"),
        ({"timed_out": True, "signal": 9}, "ran out of time"),
        ({}, "failed"),
    ],
)
def test_a_failure_without_traceback_says_how_it_ended(changes: dict[str, Any], words: str) -> None:
    bad = failure(**{"chain": (), "exit_code": None, **changes})
    assert describe_end(bad) == format_failure(bad) == words


def test_a_failure_is_its_exception_on_one_short_line() -> None:
    assert format_failure(None) == "–"
    assert format_failure(failure()) == "KeyError: 'amuont'"
    assert format_failure(failure(), 10) == "KeyError:…"
    hostile = failure(chain=hostile_repair().failure.chain)  # type: ignore[union-attr]  # it has one
    line = format_failure(hostile)
    assert len(line) <= 60
    assert "\n" not in line
    assert "\x1b" not in line
