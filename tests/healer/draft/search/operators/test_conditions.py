"""What an `if`, a loop or a filter asks is negated, joined with another test, or replaced."""

import pytest

from healer.draft.search.operators.conditions import change_condition, return_condition
from tests.support.search_cases import apply_operator, apply_to_value

IF = "def f(a, b):\n    if {}:\n        return a\n"


def conditions(test: str) -> set[str]:
    """What becomes of the test of an `if`."""
    texts = apply_operator(change_condition, IF.format(test))
    return {text.split("if ")[1].split(":\n")[0] for text in texts}


@pytest.mark.parametrize(
    ("test", "negation"),
    [
        ("a", "not a"),
        ("not a", "a"),
        ("a < b", "not a < b"),
        ("a and b", "not (a and b)"),
        ("f(a)", "not f(a)"),
        ("a + b", "not (a + b)"),
        ("a[0]", "not a[0]"),
        ("not (a or b)", "a or b"),
    ],
)
def test_a_test_is_negated_once(test: str, negation: str) -> None:
    assert negation in conditions(test)
    assert "not not a" not in conditions(test)


@pytest.mark.parametrize(
    "extra",
    [
        "a < 3 and b", "b or a < 3", "a < 3 and b is not None", "b is None or a < 3",
        "a < 3 and not b", "a < 3 or a == b", "a in b and a < 3", "b", "a is None", "a != b",
    ],
)  # fmt: skip
def test_another_test_of_what_the_scope_has_comes_beside_it_or_in_its_place(extra: str) -> None:
    assert extra in conditions("a < 3")


@pytest.mark.parametrize("same", ["a < 3", "a < 3 and a < 3", "a < 3 or a < 3"])
def test_a_test_is_not_joined_with_itself(same: str) -> None:
    assert same not in conditions("a < 3")


def test_a_test_that_binds_loosely_is_put_in_brackets() -> None:
    assert "(a and b) or b is None" in conditions("a and b")
    assert "a and b or b is None" not in conditions("a and b")


@pytest.mark.parametrize(
    ("test", "edits"),
    [
        ("a and b", {"a or b", "a", "b"}),
        ("a or b or f", {"a and b and f", "b or f", "a or f", "a or b"}),
    ],
)
def test_a_boolean_turns_and_loses_a_part(test: str, edits: set[str]) -> None:
    assert edits <= conditions(test)


def test_what_is_left_of_a_boolean_is_put_in_brackets_where_it_must_be() -> None:
    edits = apply_to_value(change_condition, "not (a and b)")
    assert edits == {"not (a or b)", "not ((a))", "not ((b))"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("while {}:\n        pass", "while not a:"),
        ("return [c for c in b if {}]", "for c in b if not a]"),
        ("return 1 if {} else 2", "return 1 if not a else 2"),
    ],
)
def test_loops_filters_and_either_or_have_tests_too(source: str, expected: str) -> None:
    texts = apply_operator(change_condition, f"def f(a, b):\n    {source.format('a')}\n")
    assert any(expected in text for text in texts)


@pytest.mark.parametrize(
    "source", ["return a < b", "assert a", "for c in a:\n        pass", "f(a)"]
)
def test_what_is_no_test_stays(source: str) -> None:
    assert apply_operator(change_condition, f"def f(a, b):\n    {source}\n") == []


@pytest.mark.parametrize("test", ["a == 0", "b == 0", "a", "not b", "b is None", "a == b"])
def test_a_returned_truth_becomes_a_test(test: str) -> None:
    assert test in apply_to_value(return_condition, "True")
    assert test in apply_to_value(return_condition, "False")


@pytest.mark.parametrize("value", ["1", "None", "a", "'True'", "a is True"])
def test_other_results_do_not(value: str) -> None:
    assert apply_to_value(return_condition, value) == set()
