"""What is a constant through and through.

Belongs here: one question that several rules ask of an expression. Does not belong here: the forms
in which one constant can be written (`literal_forms`).
"""

import ast

_ALLOWED = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.USub,
            ast.expr_context)  # fmt: skip


def is_constant(node: ast.AST) -> bool:
    """A literal through and through: `42`, `-1`, `[1, "a"]`, `{}`."""
    return all(isinstance(inner, _ALLOWED) for inner in ast.walk(node))
