"""What an expression may turn out to be is found through conditions and alternatives."""

import ast

import pytest

from quarantine.policy.results import results_of


@pytest.mark.parametrize(
    ("expression", "results"),
    [
        ("a", ["a"]),
        ("1 if a else 2", ["1", "2"]),
        ("a or 1", ["a", "1"]),
        ("a and b or c", ["a", "b", "c"]),
        ("1 if a else (2 if b else c or 3)", ["1", "2", "c", "3"]),
        ("f(a or 1)", ["f(a or 1)"]),
        ("[a or 1]", ["[a or 1]"]),
        ("not a", ["not a"]),
        ("a + 1", ["a + 1"]),
    ],
)
def test_each_value_that_may_come_out_is_given(expression: str, results: list[str]) -> None:
    node = ast.parse(expression, mode="eval").body
    assert [ast.unparse(result) for result in results_of(node)] == results


def test_a_return_of_nothing_has_no_result() -> None:
    assert list(results_of(None)) == []
