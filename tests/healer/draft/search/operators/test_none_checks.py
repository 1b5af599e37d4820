"""A question that takes what is empty for what is absent becomes one for None, and back."""

import pytest

from healer.draft.search.operators.none_checks import ask_for_none, keep_empty
from tests.support.search_cases import apply_operator, apply_to_value

IF = "def f(a, b):\n    if {}:\n        return a\n"


def find_others(test: str) -> set[str]:
    """What becomes of the test of an `if`."""
    texts = apply_operator(ask_for_none, IF.format(test))
    return {text.split("if ")[1].split(":\n")[0] for text in texts}


@pytest.mark.parametrize(
    ("test", "others"),
    [
        ("a", {"a is not None"}),
        ("not a", {"a is None"}),
        ("a.b", {"a.b is not None"}),
        ("a[0]", {"a[0] is not None"}),
        ("a.get(b)", {"a.get(b) is not None"}),
        ("a is None", {"not a"}),
        ("a is not None", {"a"}),
        ("a + b is not None", {"(a + b)"}),
        ("a and not b", {"a is not None and not b", "a and b is None"}),
        ("a or (b and a[0])", {
            "a is not None or (b and a[0])",
            "a or (b is not None and a[0])",
            "a or (b and a[0] is not None)",
        }),
    ],
)  # fmt: skip
def test_a_question_for_truth_is_one_for_none_and_back(test: str, others: set[str]) -> None:
    assert find_others(test) == others


@pytest.mark.parametrize(
    "test", ["a < b", "a == None", "not (a or b) < 2", "None is a", "a is b", "True", "not a < b"]
)
def test_what_asks_for_neither_stays(test: str) -> None:
    assert not find_others(test)


def test_choices_filters_and_loops_ask_as_well() -> None:
    assert apply_to_value(ask_for_none, "a if b else 0") == {"a if b is not None else 0"}
    assert apply_to_value(ask_for_none, "[x for x in a if x]") == {
        "[x for x in a if x is not None]"
    }
    loop = "def f(a):\n    while not a:\n        a = a.next\n"
    assert apply_operator(ask_for_none, loop) == [loop.replace("not a", "a is None")]


@pytest.mark.parametrize(
    ("value", "other"),
    [
        ("a or b", "b if a is None else a"),
        ("a.b or 3", "3 if a.b is None else a.b"),
        ("(a or b) + 1", "((b if a is None else a)) + 1"),
    ],
)
def test_an_empty_value_is_kept(value: str, other: str) -> None:
    assert apply_to_value(keep_empty, value) == {other}


@pytest.mark.parametrize("value", ["a and b", "a or b or 1", "f(a) or b", "1 if a or b else 2"])
def test_other_choices_are_no_defaults(value: str) -> None:
    assert not apply_to_value(keep_empty, value)
