"""Operators on a question that takes "empty" for "absent": nought, an empty text, False.

Belongs here: truth for a comparison with None, and back. Does not belong here: what else a
condition may become (`conditions`).
"""

import ast
from collections.abc import Iterator

from healer.draft.search.operators.conditions import find_tests
from healer.draft.search.operators.mutation import Mutation, Operator, Scope

_ASKED = (ast.Name, ast.Attribute, ast.Subscript, ast.Call)
"""What may be None as well as empty."""


def ask_for_none(scope: Scope) -> Iterator[Mutation]:
    """`if x` becomes `if x is not None`, `if not x` becomes `if x is None`, and back; also for a
    part of what `and` and `or` join."""
    for test in _find_questions(scope):
        value, sign = test, "is not"
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            value, sign = test.operand, "is"
        if isinstance(value, _ASKED):
            yield scope.set_text("none-check/ask", test, f"{scope.tight_text(value)} {sign} None")
        elif isinstance(test, ast.Compare) and _compares_with_none(test):
            word = "not " if isinstance(test.ops[0], ast.Is) else ""
            text = f"{word}{scope.tight_text(test.left)}"
            yield scope.set_text("none-check/drop", test, text)


def keep_empty(scope: Scope) -> Iterator[Mutation]:
    """`x or y` becomes `y if x is None else x`: a value that is empty is one."""
    questions = {id(part) for test in find_tests(scope) for part in ast.walk(test)}
    for node in scope.nodes_of(ast.BoolOp):
        value, *others = node.values
        is_default = isinstance(node.op, ast.Or) and len(others) == 1 and id(node) not in questions
        if is_default and isinstance(value, ast.Name | ast.Attribute):
            text = scope.text(value)
            choice = f"{scope.text(others[0])} if {text} is None else {text}"
            yield scope.put("none-check/default", node, choice)


def _find_questions(scope: Scope) -> Iterator[ast.expr]:
    """Each test, or the parts that it joins."""
    stack = list(find_tests(scope))
    while stack:
        test = stack.pop()
        if isinstance(test, ast.BoolOp):
            stack += reversed(test.values)
        else:
            yield test


def _compares_with_none(test: ast.Compare) -> bool:
    right = test.comparators[0]
    is_none = isinstance(right, ast.Constant) and right.value is None
    return is_none and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.IsNot)


NONE_OPERATORS: tuple[Operator, ...] = (ask_for_none, keep_empty)
