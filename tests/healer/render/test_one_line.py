"""Small facts are written the same everywhere."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.one_line import age, count, duration, money, review_lines
from tests.support.notices import NOON, failure
from tests.support.repairs import hostile_repair, repair


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
    assert duration(seconds) == written


@pytest.mark.parametrize(
    ("seconds", "written"),
    [(-5, "now"), (59, "now"), (60, "1 min"), (7199, "1 h"), (86_400 * 12, "12 d")],
)
def test_ages(seconds: float, written: str) -> None:
    assert age(NOON, NOON + timedelta(seconds=seconds)) == written


@pytest.mark.parametrize(
    ("usd", "known", "written"),
    [
        (0, True, "$0"),
        (0.00123, True, "$0.0012"),
        (1.254, True, "$1.25"),
        (12345.6, True, "$12,345.60"),
        (0.5, False, "at least $0.50"),
    ],
)
def test_money(usd: float, known: bool, written: str) -> None:
    assert money(usd, known=known) == written


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0"), (999, "999"), (1234, "1.2k"), (4_500_000, "4.5M")]
)
def test_counts(number: int, written: str) -> None:
    assert count(number) == written


def test_what_waits_is_listed_oldest_first_and_nothing_else_is() -> None:
    young = repair(repair="b", opened_at=NOON - timedelta(hours=1))
    old = repair(repair="a", opened_at=NOON - timedelta(days=2), failure=None)
    ended = repair(repair="c", state="healed")
    lines = review_lines([young, ended, old], NOON)
    assert [(line[0], line[2], line[4]) for line in lines] == [
        ("a", "–", "2 d"),
        ("b", "KeyError: 'amuont'", "1 h"),
    ]


def test_a_hostile_repair_is_still_one_line() -> None:
    (line,) = review_lines([hostile_repair()], NOON)
    assert all("\n" not in cell and "\x1b" not in cell for cell in line)


@given(st.floats(0, 1e9))
def test_no_duration_shows_sixty_of_a_unit(seconds: float) -> None:
    written = duration(seconds)
    assert "60 s" not in written
    assert "60.0 s" not in written
    assert "60 min" not in written


def test_a_failure_without_traceback_says_how_it_ended() -> None:
    bad = repair(failure=failure(chain=(), exit_code=None, signal=11))
    assert review_lines([bad], NOON)[0][2] == "ended by signal 11"
