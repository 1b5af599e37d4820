import pytest

from healer.nights.columns import Column, find_changes


def make_column(then, now, is_text=False):
    nights = then if isinstance(then[0], list) else [then] * 5
    return Column("c", tuple(map(tuple, nights)), tuple(now), is_text)


def kinds_of(then, now, is_text=False):
    return [kind for kind, _ in find_changes(make_column(then, now, is_text))]


AMOUNTS = [[n * 2.5 + night + 0.25 for n in range(1, 11)] for night in range(5)]
WORDS = [["red", "green", "blue", "red", "green", "blue", "red", "red"]] * 5


@pytest.mark.parametrize(
    ("then", "now", "kind"),
    [
        ([1, 2], [1, None], "empty"),
        ([1, 2], [None, None], "empty"),
        ([1, 2, 3], ["1", 2, 3], "type"),
        ([1, 2, 3], [1.5, 2, 3], "type"),
        (AMOUNTS, [n * 1.1111 for n in range(1, 11)], "type"),
        (AMOUNTS, [float("nan"), *AMOUNTS[0][1:]], "type"),
        (["2026-11-24"], ["24.11.2026"], "type"),
        (["2026-11-24"], ["2026-11-24T00:00:00"], "type"),
        ([["a", "b", "c", "d"]] * 5, ["a", "unknown", "c", "d"], "values"),
        (AMOUNTS, [0.0, *AMOUNTS[0][1:]], "values"),
        (AMOUNTS, [-n for n in AMOUNTS[0]], "range"),
        (AMOUNTS, [n * 100 for n in AMOUNTS[0]], "range"),
        (AMOUNTS, [n / 10 for n in AMOUNTS[0]], "type"),
        (AMOUNTS, [7.5] * 10, "values"),
        (["Zoë", "Jörg", "Ana"], ["Zo\u00c3\u00ab", "J\u00c3\u00b6rg", "Ana"], "values"),
        (["Ana", "Ben"], ["b'Ana'", "b'Ben'"], "values"),
        (["Ana", "Ben"], ["['Ana']", "Ben"], "values"),
        (WORDS, ["red", "green", "purple", "red", "green", "blue", "red", "red"], "values"),
    ],
)
def test_what_a_column_never_did_is_told(then, now, kind):
    assert kind in kinds_of(then, now)


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (AMOUNTS, [n * 2.5 + 5.75 for n in range(1, 11)]),
        (AMOUNTS, list(reversed(AMOUNTS[0]))),
        ([[1, None], [None, 2], [1, None], [1, None], [3, None]], [None, 4]),
        ([[100 * n] for n in range(1, 6)], [600]),
        ([[n, -n, 3] for n in range(5)], [0, 2, -2]),
        (["Ana", "Ben"], ["Eva", "Ole"]),
        (["2026-11-24"], ["2026-11-25"]),
        ([[True], [False], [True], [True], [False]], [False]),
        ([[f"{n}.50"] for n in range(5)], ["5.50"]),
        (["a", "", "c"], ["x", "", "z"]),
        ([[f"id-{n}-{i}" for i in range(8)] for n in range(5)], [f"id-9-{i}" for i in range(8)]),
    ],
)
def test_what_a_column_always_did_is_silent(then, now):
    assert kinds_of(then, now) == []


def test_little_that_is_known_says_little():
    assert kinds_of([[1]], [-50]) == []


def test_the_difference_says_how_often_and_since_when():
    ((kind, detail),) = find_changes(make_column([1, 2, 3], [1, None, 3]))
    assert kind == "empty"
    assert detail == "column `c` is empty in 1 of 3 rows; on 5 good nights never"


def test_numbers_as_text_that_become_more_exact_are_told():
    prices = [f"{n}.{n % 9 + 1}0" for n in range(1, 21)]
    assert kinds_of(prices, ["1.234", *prices[1:]], is_text=True) == ["type"]
    assert kinds_of(prices, ["7", "8", "9"], is_text=True)[0] == "type"
