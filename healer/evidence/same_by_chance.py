"""Sums and products of the names at hand in place of one that a fix brought, which may come out
alike for the test's numbers by chance: `abs(left) + 1` is `left + count` for a left of -2 and a
count of 5.

Belongs here: texts in place of one expression. Does not belong here: which expressions are tried
(`neighbours`). Pure.
"""

import ast
import itertools
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

MOST_NAMES = 5
LARGEST_PLAIN_NUMBER = 2
"""Up to here a number alone is nothing, one or a pair, and comes out of anything by chance."""
_OPERATORS = (ast.Add, ast.Sub, ast.Mult, ast.FloorDiv, ast.Mod)
_CALLS = frozenset({"abs", "int", "max", "min", "round"})


def recompute(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a number that is put or given somewhere, and of arithmetic with a number in it:
    each of the names at hand, and each sum, difference and product of two of them."""
    if not _is_number(code, node) and not _is_computation(code, node):
        return
    names = _find_names(code, node)
    yield from names
    for first, second in itertools.combinations(names, 2):
        yield f"({first} + {second})"
        yield f"({first} - {second})"
        yield f"({first} * {second})"


def _is_number(code: SourceFile, node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool):
        return False
    parent = code.parents.get(node)
    is_put = isinstance(parent, ast.Assign | ast.AugAssign | ast.Return | ast.IfExp)
    is_plain = not isinstance(node.value, int | float) or node.value <= LARGEST_PLAIN_NUMBER
    return is_put and not is_plain


def _is_computation(code: SourceFile, node: ast.expr) -> bool:
    """The whole of it, and not a part."""
    parts = (isinstance(each, ast.Constant | ast.Call) for each in ast.walk(node))
    return _is_arithmetic(node) and not _is_arithmetic(code.parents.get(node)) and any(parts)


def _is_arithmetic(node: ast.AST | None) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in _CALLS and not node.keywords
    return isinstance(node, ast.BinOp) and isinstance(node.op, _OPERATORS)


def _find_names(code: SourceFile, node: ast.expr) -> list[str]:
    """Those of the expression, what it is put into, the function's arguments, and what else its
    function reads; without the functions themselves."""
    function = code.function_at(node.lineno)
    if function is None:
        return []
    parent = code.parents.get(node)
    own = [*ast.walk(node), *(parent.targets if isinstance(parent, ast.Assign) else ())]
    rest = [each for statement in function.body for each in ast.walk(statement)]
    read = {each.id for each in rest if isinstance(each, ast.Name)}
    arguments = [each.arg for each in function.args.args if each.arg in read - {"self", "cls"}]
    names = [code.segment(each) for each in own if _is_value(code, each)]
    names += [*arguments, *(code.segment(each) for each in rest if _is_value(code, each))]
    return list(dict.fromkeys(names))[:MOST_NAMES]


def _is_value(code: SourceFile, node: ast.AST) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return False
    parent = code.parents.get(node)
    is_stored_name = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    is_part = isinstance(parent, ast.Attribute | ast.Subscript) or (
        isinstance(parent, ast.Call) and parent.func is node
    )
    return not is_part and not is_stored_name
