"""The one known name that a wrong one was meant to be: typos apart from other words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.rules.certainty import GUESS
from healer.draft.rules.closest_name import (
    Match,
    closeness,
    edit_distance,
    estimate_of_match,
    find_closest,
    is_plain_word,
    is_typo,
    limit_to_guess,
    rank_by_closeness,
)
from healer.draft.rules.drafter import CLEAR_READING

WORDS = st.text("abcd_", max_size=8)


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [
        ("", "", 0),
        ("a", "", 1),
        ("total", "total", 0),
        ("totl", "total", 1),
        ("toatl", "total", 1),
        ("totla", "total", 1),
        ("total", "totals", 1),
        ("cat", "dog", 3),
        ("abcd", "badc", 2),
    ],
)
def test_a_swap_of_neighbours_counts_as_one_edit(first: str, second: str, edits: int) -> None:
    assert edit_distance(first, second) == edits


@given(WORDS, WORDS)
def test_the_distance_is_the_same_both_ways_and_at_most_the_longer_word(a: str, b: str) -> None:
    assert edit_distance(a, b) == edit_distance(b, a)
    assert abs(len(a) - len(b)) <= edit_distance(a, b) <= max(len(a), len(b))
    assert (edit_distance(a, b) == 0) == (a == b)


@given(WORDS, WORDS, WORDS)
def test_a_letter_more_is_one_edit_more_at_most(a: str, b: str, c: str) -> None:
    assert edit_distance(a, b + c) <= edit_distance(a, b) + len(c)


@pytest.mark.parametrize(
    ("wrong", "name", "expected"),
    [
        ("total", "total", 0.0),
        ("unitprice", "unit_price", 1.0),
        ("unit-price", "unit_price", 1.0),
        ("Total", "total", 1.0),
        ("totl", "total", 0.8),
        ("i", "j", 0.0),
        ("ax", "bx", 0.0),
        ("abc", "abd", pytest.approx(0.667, abs=0.001)),
        ("cost_usd", "cost_eur", 0.0),
        ("price_per_unit", "unit_price", 0.5),
        ("price", "unit_price", 0.0),
        ("rate", "total", 0.0),
    ],
)
def test_closeness_is_one_for_case_and_underscores_and_nothing_for_another_word(
    wrong: str, name: str, expected: float
) -> None:
    assert closeness(wrong, name) == expected


@given(WORDS, WORDS)
def test_closeness_is_a_share(wrong: str, name: str) -> None:
    assert 0.0 <= closeness(wrong, name) <= 1.0


@pytest.mark.parametrize(
    ("wrong", "names", "expected"),
    [
        ("totl", ["total", "count"], "total"),
        ("totl", ["total", "totals"], "total"),
        ("cx", ["ax", "bx"], None),
        ("rate_c", ["rate_a", "rate_b"], None),
        ("frobnicate", ["upper", "lower"], None),
        ("total", ["total"], None),
        ("x", [], None),
        ("split_lines", ["splitlines", "split"], "splitlines"),
    ],
)
def test_only_a_single_closest_name_is_given(
    wrong: str, names: list[str], expected: str | None
) -> None:
    match = find_closest(wrong, names)
    assert (match.name if match else None) == expected


@given(WORDS, st.lists(WORDS, max_size=5))
def test_the_ranking_has_each_close_name_once_closest_first(wrong: str, names: list[str]) -> None:
    ranking = rank_by_closeness(wrong, names)
    assert {match.name for match in ranking} <= set(names) - {wrong}
    assert len({match.name for match in ranking}) == len(ranking)
    assert [m.closeness for m in ranking] == sorted((m.closeness for m in ranking), reverse=True)
    best = find_closest(wrong, names)
    assert best is None or best == ranking[0]


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ("gross_ttoal", "gross_total"),
        ("quantty", "quantity"),
        ("unitprice", "unit_price"),
        ("status_cdoe", "status_code"),
        ("recieved_at", "received_at"),
        ("adress", "address"),
        ("priceGrsos", "priceGross"),
    ],
)
def test_what_is_no_word_is_a_typo(wrong: str, name: str) -> None:
    assert is_typo(wrong, name)


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        ("max_size", "mix_size"),
        ("date", "data"),
        ("rate", "rates"),
        ("host2", "host1"),
        ("cost_eut", "cost_eur"),
        ("temp_in", "temp_min"),
        ("RATE_2023", "RATE_2024"),
        ("TOTAL", "total"),
        ("Total", "total"),
        ("Order", "order"),
        ("rows", "rows_"),
        ("_Handler", "_handler"),
    ],
)
def test_a_word_that_may_be_right_as_it_is_is_no_typo(wrong: str, name: str) -> None:
    assert not is_typo(wrong, name)
    assert limit_to_guess(0.95, wrong, name) == GUESS


@pytest.mark.parametrize(
    ("name", "is_plain"),
    [
        ("combinations", True),
        ("suppress", True),
        ("lru_cache", False),
        ("Counter", False),
        ("pi", True),
    ],
)
def test_a_plain_word_is_one_in_small_letters(name: str, is_plain: bool) -> None:
    assert is_plain_word(name) is is_plain


@pytest.mark.parametrize(
    ("wrong", "name", "is_complete", "is_forced"),
    [
        ("splitlnies", "splitlines", True, True),
        ("unitprice", "unit_price", False, True),
        ("rate", "rates", False, False),
        ("index_", "index", True, True),
        ("rate", "rates", True, False),
    ],
)
def test_only_a_typo_or_a_type_that_is_known_whole_can_force_a_name(
    wrong: str, name: str, is_complete: bool, is_forced: bool
) -> None:
    match = Match(name, closeness(wrong, name))
    estimate = estimate_of_match(wrong, match, is_complete=is_complete)
    assert (estimate >= CLEAR_READING) is is_forced
    assert 0.55 <= estimate <= 0.9501
