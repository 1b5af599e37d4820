"""Values and calls as text."""

import pytest

from sandbox.inside.screening.descriptions import TEXT_CHARS, show, show_call


class Settings:
    def __init__(self) -> None:
        self.names = ["a long name"] * 40


class Unfinished:
    def __repr__(self) -> str:
        raise ValueError("not yet")


def test_a_value_is_cut_off_and_shows_no_address() -> None:
    assert len(show("x" * 999)) == TEXT_CHARS
    assert " at 0x" not in show(lambda: None)


def test_a_value_that_cannot_be_shown_is_told_as_such() -> None:
    assert "raises ValueError" in show(Unfinished()) or "Unfinished" in show(Unfinished())


def test_a_short_call_is_shown_as_it_is() -> None:
    assert show_call((1, "a")) == "(1, 'a')"


@pytest.mark.parametrize("other", [7, "6", None])
def test_calls_that_differ_behind_a_long_argument_have_two_texts(other: object) -> None:
    one, two = show_call((Settings(), 6)), show_call((Settings(), other))
    assert one != two
    assert ", 6)" in one
    assert repr(other) in two
    assert max(len(one), len(two)) <= TEXT_CHARS + 20


def test_calls_that_differ_within_a_long_argument_have_two_texts() -> None:
    other = Settings()
    other.names[-1] = "another"
    assert show_call((Settings(), 6)) != show_call((other, 6))
