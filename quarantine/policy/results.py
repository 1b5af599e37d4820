"""Which values an expression may turn out to be.

Belongs here: looking through conditions and alternatives. Does not belong here: what the values
mean.
"""

import ast
from collections.abc import Iterator


def results_of(node: ast.expr | None) -> Iterator[ast.expr]:
    """The values that a returned expression may turn out to be."""
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield from results_of(body)
            yield from results_of(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from results_of(value)
        case ast.expr():
            yield node
