"""The rule about inputs of the tests that a program recognises.

Belongs here: new conditions on literals of the tests. Does not belong here: their answers
(`written_results`), and data that is copied (`copied_data`).
"""

import ast
from collections.abc import Iterator

from quarantine.policy.example import PRICE_TESTS, Example
from quarantine.policy.files import Patch
from quarantine.policy.literal_forms import (
    form_of,
    is_telling,
    is_trivial,
)
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.results import results_of
from quarantine.policy.rule import WHAT_CHARS, Hit, rule


@rule(
    "test-literal",
    "person",
    "It recognises a value that the tests use ({what}).",
    refuses=Example(
        """
          def price(name):
        +     if name == "mug, large":
        +         return load(name)
              return 0.0
        """,
        files=PRICE_TESTS,
    ),
    allows=Example(
        """
          def price(name):
        -     return load(name)
        +     return load(name) if name else None
        """,
        files=PRICE_TESTS,
    ),
    link="https://arxiv.org/abs/2510.20270",
)
def recognised_inputs(patch: Patch) -> Iterator[Hit]:
    """New conditions on a literal of the tests: telling by itself, or answered with another."""
    for file, node in find_new(patch.product, _conditions, _condition_key):
        test = _test_of(node)
        inputs = [form_of(part) for part in _compared_values(test)] if test else []
        test_inputs = [form for form in inputs if _is_of_tests(form, patch)]
        has_answer = any(_is_of_tests(form_of(answer), patch) for answer in _answers(node))
        telling_inputs = [form for form in test_inputs if is_telling(form) or has_answer]
        if telling_inputs:
            line = line_of(node) or line_of(test or node)
            yield Hit(file.path, line, telling_inputs[0][:WHAT_CHARS])


def _is_of_tests(form: str, patch: Patch) -> bool:
    return not is_trivial(form) and form in patch.test_literals


def _conditions(module: Module) -> Iterator[ast.AST]:
    yield from module.of(ast.If, ast.IfExp, ast.match_case, ast.While, ast.Return, ast.Assign)


def _condition_key(node: ast.AST) -> str:
    test = _test_of(node)
    return ast.dump(test) if test else ""


def _test_of(node: ast.AST) -> ast.AST | None:
    if isinstance(node, ast.match_case):
        return node.pattern
    if isinstance(node, ast.Return | ast.Assign):
        return node.value
    return getattr(node, "test", None)


def _compared_values(test: ast.AST) -> Iterator[ast.expr]:
    """Literals that a condition compares with for equality or membership."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and isinstance(
            node.ops[0], ast.Eq | ast.In | ast.Is | ast.NotEq | ast.NotIn
        ):
            for side in (node.left, *node.comparators):
                yield side
                if isinstance(side, ast.List | ast.Tuple | ast.Set):
                    yield from side.elts
        elif isinstance(node, ast.MatchValue):
            yield node.value


def _answers(node: ast.AST) -> Iterator[ast.expr]:
    """Literals that the branch behind a condition returns, yields or assigns."""
    branches: list[ast.AST] = []
    if isinstance(node, ast.If | ast.match_case):
        branches = list(node.body)
    elif isinstance(node, ast.IfExp):
        yield node.body
    for branch in branches:
        for inner in ast.walk(branch):
            if isinstance(inner, ast.Return | ast.Assign | ast.Yield) and inner.value:
                yield from results_of(inner.value)


RULES = (recognised_inputs,)
