"""How long a module and a function may be.

Belongs here: the two limits. Does not belong here: whether a short module is a good one.
"""

import ast
from collections.abc import Iterator

from scripts.checks.sources import Problem, Source

CHECK = "sizes"
MODULE_LINES = 300
FUNCTION_LINES = 50


def find_oversized(source: Source) -> Iterator[Problem]:
    """The module and the functions of a file that are over their limit."""
    if len(source.lines) > MODULE_LINES:
        yield source.problem(
            CHECK, 1, f"{len(source.lines)} lines; a module has at most {MODULE_LINES}"
        )
    for node in source.nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = function_lines(node)
            if lines > FUNCTION_LINES:
                yield source.problem(
                    CHECK, node, f"{node.name} has {lines} lines; at most {FUNCTION_LINES}"
                )


def function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Its lines from `def` to its end, docstring and blank lines with them."""
    return (node.end_lineno or node.lineno) - node.lineno + 1
