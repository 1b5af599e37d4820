"""A value treated as the values are that stand in its place on other ways through the code.

Belongs here: texts in place of one expression, taken from its siblings: the other half of a choice,
another value of the same name, another return. Does not belong here: which expressions are tried
(`neighbours`). Pure.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

_TREATMENTS = frozenset({
    "casefold", "copy", "decode", "encode", "lower", "lstrip", "removeprefix", "removesuffix",
    "rstrip", "strip", "title", "upper",
})  # fmt: skip
"""What is done to a value whatever it is; whoever forgets it on one way has a second kind of it."""


def treat_alike(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression that the fix brought: with what is done to its siblings and not to
    it, so that `x.lower() if x else y` becomes `x.lower() if x else y.lower()`."""
    if isinstance(node, ast.Constant) or _find_treatment(code, node):
        return
    texts = {_find_treatment(code, each) for each in _find_siblings(code, node)} - {""}
    yield from (f"({code.segment(node)}){text}" for text in sorted(texts))


def _find_treatment(code: SourceFile, node: ast.expr) -> str:
    """Its last method calls: `.strip().lower()`."""
    text = ""
    while (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _TREATMENTS
    ):
        text = code.text[code.span(node.func.value)[1] : code.span(node)[1]] + text
        node = node.func.value
    return text


def _find_siblings(code: SourceFile, node: ast.expr) -> Iterator[ast.expr]:
    parent = code.parents.get(node)
    if isinstance(parent, ast.IfExp) and node is not parent.test:
        yield parent.orelse if node is parent.body else parent.body
    elif isinstance(parent, ast.Assign | ast.Return) and node is parent.value:
        function, target = code.function_at(parent.lineno), _find_target(parent)
        for other in ast.walk(function) if function else ():
            if not isinstance(other, ast.Assign | ast.Return) or other is parent:
                continue
            if other.value is not None and _find_target(other) == target:
                yield other.value


def _find_target(statement: ast.Assign | ast.Return) -> str:
    """Of a return, and of what gives its value to several: nothing to call it by."""
    if isinstance(statement, ast.Return):
        return "return"
    return " = ".join(ast.unparse(each) for each in statement.targets)
