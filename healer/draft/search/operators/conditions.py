"""Operators on conditions: negate, drop, add, replace.

Belongs here: edits of what an `if`, a loop or a filter asks. Does not belong here: edits inside a
comparison (`expressions`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.mutation import Mutation, Operator, Scope

_LONGEST_CALL = 24
_MAX_NAMES = 8
_MAX_ATTRIBUTES = 4
_MAX_PAIRED = 6
_MAX_CALLS = 6


def change_condition(scope: Scope) -> Iterator[Mutation]:
    """A test loses or gets a `not`, gets another test beside it, or becomes another one."""
    for test in find_tests(scope):
        text = scope.text(test)
        yield _negate(scope, test)
        bare = f"({text})" if isinstance(test, ast.BoolOp | ast.IfExp | ast.Lambda) else text
        for extra in _make_conditions(scope):
            if extra == text:
                continue
            for word in ("and", "or"):
                for joined_text in (f"{bare} {word} {extra}", f"{extra} {word} {bare}"):
                    yield scope.set_text(f"condition/add {word}", test, joined_text)
            yield scope.set_text("condition/replace", test, extra)
    for node in scope.nodes_of(ast.BoolOp):
        yield from _change_boolean(scope, node)


def find_tests(scope: Scope) -> Iterator[ast.expr]:
    """What is asked by each `if`, `while`, choice and filter."""
    for node in scope.nodes:
        if isinstance(node, ast.If | ast.While | ast.IfExp):
            yield node.test
        elif isinstance(node, ast.comprehension):
            yield from node.ifs


def _negate(scope: Scope, test: ast.expr) -> Mutation:
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return scope.set_text("condition/drop not", test, scope.text(test.operand))
    text = scope.text(test) if isinstance(test, ast.Compare) else scope.tight_text(test)
    return scope.set_text("condition/negate", test, f"not {text}")


def _make_conditions(scope: Scope) -> list[str]:
    """Tests made of what the scope has: its own comparisons, names, their emptiness, pairs."""
    texts = list(scope.conditions)
    values = [*scope.names[:_MAX_NAMES], *scope.attributes[:_MAX_ATTRIBUTES]]
    for value in values:
        texts += [value, f"not {value}", f"{value} is None", f"{value} is not None"]
    calls = [scope.text(call) for call in scope.nodes_of(ast.Call)]
    texts += [c for c in calls if len(c) < _LONGEST_CALL and "\n" not in c][:_MAX_CALLS]
    for i, left in enumerate(values[:_MAX_PAIRED]):
        for right in values[i + 1 : _MAX_PAIRED]:
            texts += [f"{left} {sign} {right}" for sign in ("==", "!=", "in", "not in")]
    return list(dict.fromkeys(texts))


def _change_boolean(scope: Scope, node: ast.BoolOp) -> Iterator[Mutation]:
    old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
    changes = []
    for left, right in zip(node.values, node.values[1:], strict=False):
        start, end = scope.between(left, right)
        changes.append(TextEdit(start, end, scope.code.text[start:end].replace(old, new)))
    yield Mutation(f"boolean/{old} to {new}", node.lineno, tuple(changes))
    for value in node.values:
        rest = [scope.text(other) for other in node.values if other is not value]
        yield scope.put(f"boolean/drop {old}", node, f" {old} ".join(rest))


def return_condition(scope: Scope) -> Iterator[Mutation]:
    """`return True` becomes a test of what the scope has counted or collected."""
    for node in scope.nodes_of(ast.Return):
        if isinstance(node.value, ast.Constant) and isinstance(node.value.value, bool):
            zero = [f"{name} == 0" for name in scope.names[:_MAX_NAMES]]
            for test in dict.fromkeys((*zero, *_make_conditions(scope))):
                change = scope.code.replace(node.value, test)
                yield Mutation("condition/returned", node.lineno, (change,))


CONDITION_OPERATORS: tuple[Operator, ...] = (change_condition, return_condition)
