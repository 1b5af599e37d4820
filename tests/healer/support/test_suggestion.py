"""A guess is made where it is likely right, and none where it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.support.suggestion import nearest

COMMANDS = ("approve", "costs", "daemon", "doctor", "fix", "init", "log", "logs", "status")


@pytest.mark.parametrize(
    ("typo", "right"),
    [
        ("aprove", "approve"),
        ("statsu", "status"),
        ("deamon", "daemon"),
        ("docter", "doctor"),
        ("fixx", "fix"),
        ("log", "log"),
    ],
)
def test_a_typo_gets_its_right_name(typo: str, right: str) -> None:
    assert nearest(typo, COMMANDS) == right


@pytest.mark.parametrize("word", ["", "x", "zzzz", "repair", "--help", "APPROVE", "stop", "ап"])
def test_what_is_near_to_nothing_gets_no_guess(word: str) -> None:
    assert nearest(word, COMMANDS) is None


def test_where_nothing_is_known_nothing_is_guessed() -> None:
    assert nearest("fix", ()) is None


@given(st.text(max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_a_guess_is_always_a_known_name(name: str, known: list[str]) -> None:
    guess = nearest(name, iter(known))
    assert guess is None or guess in known


@given(st.text(min_size=1, max_size=20), st.lists(st.text(max_size=20), max_size=8))
def test_a_name_that_is_known_is_its_own_nearest(name: str, others: list[str]) -> None:
    assert nearest(name, [*others, name]) == name
