"""Survivors that behave alike are one group; inputs on which they differ tell groups apart."""

import ast

import pytest

from healer.draft.search.behaviour_groups import (
    MAX_ROWS,
    drop_destructive,
    group_by_behaviour,
    is_answer,
    is_destructive,
    is_odd,
    pick_least_work,
    tabulate,
)
from healer.draft.search.variant_maker import AND, Variant
from sandbox import Behaviour
from tests.support.search_cases import make_behaviour


def test_candidates_with_one_behaviour_are_one_group() -> None:
    found, rows = group_by_behaviour(
        range(2), [make_behaviour(0, a="1", b="2"), make_behaviour(1, a="1", b="2")]
    )
    assert found == [[0, 1]]
    assert rows == []


def test_candidates_that_differ_on_an_input_are_told_apart_by_it() -> None:
    found, rows = group_by_behaviour(
        range(2), [make_behaviour(0, a="1", b="2"), make_behaviour(1, a="1", b="3")]
    )
    assert found == [[0], [1]]
    assert [row.given for row in rows] == ["b"]
    assert rows[0].results == ("2", "3")


def test_an_input_on_which_all_raise_tells_nothing() -> None:
    found, _ = group_by_behaviour(
        range(2), [make_behaviour(0, a="raises KeyError"), make_behaviour(1, a="raises TypeError")]
    )
    assert found == [[0, 1]]


def test_an_input_on_which_one_is_only_slow_tells_nothing() -> None:
    quick, slow = (make_behaviour(0, a="1", b="2"), make_behaviour(1, a="1", b="is slow"))
    assert group_by_behaviour(range(2), [quick, slow]) == ([[0, 1]], [])


def test_of_edits_that_do_the_same_the_first_that_is_not_slower_is_taken() -> None:
    slow, quick, quickest = (
        make_behaviour(n, a="1").model_copy(update={"work_s": s})
        for n, s in enumerate((0.1, 0.015, 0.01))
    )
    assert pick_least_work([0, 1, 2], [slow, quick, quickest]) == 1
    assert pick_least_work([0, 1], [make_behaviour(0, a="1"), make_behaviour(1, a="1")]) == 0


def groups_of(*behaviours: Behaviour, count: int = 0) -> list[list[int]]:
    return group_by_behaviour(range(count or len(behaviours)), behaviours)[0]


def test_raising_on_few_inputs_is_behaviour() -> None:
    many = {f"k{n}": "1" for n in range(9)}
    one, other = make_behaviour(0, x="2", **many), make_behaviour(1, x="raises KeyError", **many)
    assert groups_of(one, other) == [[0], [1]]


def test_raising_on_many_inputs_says_that_those_are_not_valid() -> None:
    one = make_behaviour(0, a="1", b="2", c="3")
    other = make_behaviour(1, a="1", b="raises KeyError", c="raises KeyError")
    assert groups_of(one, other) == [[0, 1]]


def test_a_candidate_that_nothing_is_known_of_joins_the_first_group() -> None:
    seen = (make_behaviour(0, a="1"), make_behaviour(1, a="2"))
    assert groups_of(*seen, make_behaviour(2), count=3) == [[0, 2], [1]]
    assert groups_of(make_behaviour(0), make_behaviour(1)) == [[0, 1]]


def test_only_inputs_that_all_were_given_tell_anything() -> None:
    assert groups_of(make_behaviour(0, a="1", b="2"), make_behaviour(1, a="1", c="3")) == [[0, 1]]


def test_at_most_five_inputs_are_shown_the_shortest_first() -> None:
    one = make_behaviour(0, **{"k" * n: "1" for n in range(1, 9)})
    other = make_behaviour(1, **{"k" * n: "2" for n in range(1, 9)})
    _, rows = group_by_behaviour(range(2), (one, other))
    assert [row.given for row in rows] == ["k" * n for n in range(1, MAX_ROWS + 1)]


def test_a_row_says_unknown_of_a_group_that_nobody_saw() -> None:
    _, rows = group_by_behaviour([0, 1, 2], [make_behaviour(n, a=str(n)) for n in range(3)])
    assert rows[0].results == ("0", "1", "2")


def test_what_was_skipped_is_not_tabulated() -> None:
    skipped = make_behaviour(0, a="1").model_copy(update={"outcome": "skipped"})
    assert tabulate([skipped, make_behaviour(1), make_behaviour(2, a="1")]) == {2: {"a": "1"}}


@pytest.mark.parametrize(
    ("result", "odd", "answer"),
    [
        ("1", False, True),
        ("'raises KeyError'", False, True),
        ("raises KeyError", True, False),
        ("does not end", True, False),
        ("is slow", False, False),
        ("", False, True),
    ],
)
def test_a_result_is_an_answer_or_odd_or_only_slow(result: str, odd: bool, answer: bool) -> None:
    assert (is_odd(result), is_answer(result)) == (odd, answer)


def variant(shape: str, *pair: str) -> Variant:
    trees = (ast.parse(pair[0]).body[0], ast.parse(pair[1]).body[0]) if pair else None
    return Variant("job.py", shape, shape, 1, 0.0, pair=trees)


@pytest.mark.parametrize(
    ("shape", "destructive"),
    [
        ("delete/Return", True),
        ("guard/top", True),
        ("unwrap-call/", True),
        (f"compare/< to <={AND}delete/Expr", True),
        ("compare/< to <=", False),
        ("rule/delete-nothing", False),
        ("insert/copy Expr", False),
    ],
)
def test_an_edit_that_takes_functionality_away_is_destructive(
    shape: str, destructive: bool
) -> None:
    assert is_destructive(variant(shape)) == destructive


def test_an_edit_after_which_a_value_is_missing_is_destructive() -> None:
    old, new = "def f(a):\n    return a\n", "def f(a):\n    if a:\n        return a\n"
    assert is_destructive(variant("indent/", old, new))
    assert not is_destructive(variant("indent/", new, old))


def test_destructive_edits_give_way_unless_there_are_no_others() -> None:
    keep, delete = variant("compare/< to <="), variant("delete/Expr")
    assert drop_destructive([delete, keep, delete]) == [keep]
    assert drop_destructive([delete, delete]) == [delete, delete]
