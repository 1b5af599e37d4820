"""A constant holds no variable, call or condition, however deep one looks."""

import ast

import pytest

from quarantine.policy.constants import is_constant


@pytest.mark.parametrize(
    "expression",
    ["42", "-1", "'a'", "None", "True", "...", "[]", "()", "{}", "{1, 2}", "[1, 'a', [2]]",
     "{'a': (1, -2)}", "b'a'", "1.5", "2j"],
)  # fmt: skip
def test_a_literal_through_and_through_is_one(expression: str) -> None:
    assert is_constant(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    "expression",
    ["a", "[a]", "f(1)", "1 + 2", "not 1", "~1", "1 if 2 else 3", "f'{a}'", "[1, [2, a]]",
     "{'a': b}", "a.b", "a[0]", "lambda: 1", "1 == 1", "1 and 2", "[x for x in (1,)]"],
)  # fmt: skip
def test_anything_that_is_worked_out_is_not(expression: str) -> None:
    assert not is_constant(ast.parse(expression, mode="eval").body)
