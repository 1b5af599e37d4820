import pytest

from healer.nights.moves import find_value_moves, is_same, say_key, spell


def say_moves(then, now):
    """What is found of a column that things 0, 1, … had in turn."""
    nights = [{(n,): value for n, value in enumerate(values)} for values in (*then, now)]
    return [detail for _, detail in find_value_moves("v", nights[:-1], nights[-1])]


STEADY = [[5, 6, 7, 8, 9]] * 4
MOVING = [[10.5 + n + 0.1 * ((night * 3 + n) % 5) for n in range(6)] for night in range(5)]


def test_a_value_that_moves_as_it_did_is_silent():
    tonight = [10.5 + n + 0.1 * ((15 + n) % 5) for n in range(6)]
    assert say_moves(MOVING, tonight) == []


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        (STEADY, [5, 6, 7, 8, 1], "column `v` of 4 is 1 and was 9; on 4 good nights it never"),
        (MOVING, [99.5, *MOVING[-1][1:]], "column `v` of 0 is 99.5 and was"),
        (MOVING, MOVING[-1], "column `v` is for all 6 what it was the night before"),
        ([[n, n + 1, n + 2] for n in range(4)], [4, 2, 6], "of 1 falls from 4 to 2"),
    ],
)
def test_a_value_that_moves_as_it_never_did_is_told(then, now, words):
    assert words in say_moves(then, now)[0]


def test_few_values_have_no_habit():
    assert say_moves([[5], [5]], [9]) == []


def test_one_value_in_two_spellings_is_one():
    assert is_same("1.50", 1.5)
    assert spell("1.50") == spell(1.5)
    assert not is_same("1.50", 2.5)
    assert say_key(("a", 2)) == "a/2"
