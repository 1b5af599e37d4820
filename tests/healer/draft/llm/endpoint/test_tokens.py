"""Two counts of tokens: about right, and never too low."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.llm.endpoint.tokens import estimate, overestimate


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        ("total", 1),
        ("rows total", 2),
        ("internationalisation", 3),
        ("12345", 2),
        ("a = 1", 3),
        ("f(a, b)", 6),
        ("x\n    y", 3),
        ("a    b", 3),
        ("))):", 2),
        ("snake_case", 3),
        ("Straße", 3),
        ("数据", 2),
    ],
)
def test_words_numbers_marks_and_lines_are_counted(text: str, tokens: int) -> None:
    assert estimate(text) == tokens


@given(st.text(max_size=300))
def test_an_overestimate_is_never_below_the_estimate(text: str) -> None:
    assert estimate(text) <= overestimate(text)


@given(st.text(max_size=100), st.text(max_size=100))
def test_more_text_has_no_fewer_tokens(one: str, other: str) -> None:
    assert estimate(f"{one}\n{other}") >= max(estimate(one), estimate(other))
    assert overestimate(one, other) == overestimate(one) + overestimate(other)


def test_an_overestimate_counts_bytes_and_something_for_each_message() -> None:
    assert overestimate("abc") == 11
    assert overestimate("ü") == 10
    assert overestimate("\ud800") == 9
    assert overestimate() == 0
