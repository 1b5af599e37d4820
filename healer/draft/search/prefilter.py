"""Edits that need no trial: nobody writes them, or they fail as soon as they are reached.

Belongs here: telling such edits by their text or tree. Does not belong here: edits that are only
unlikely (`ranking`), or that change nothing (`variant_maker` compares instructions).
"""

import ast
from collections.abc import Iterator

_RETURN_NONE = frozenset(
    ("add", "append", "appendleft", "clear", "discard", "extend", "insert", "remove", "reverse",
     "sort", "update")
)  # fmt: skip
"""Methods of Python's collections that change them and return None."""
_ONE_ARGUMENT = frozenset(
    ("abs", "all", "any", "bool", "chr", "hash", "len", "list", "ord", "repr", "reversed", "set",
     "tuple")
)  # fmt: skip
"""Built-in functions of one argument."""
_METHODS_OF_ONE = frozenset(("add", "append", "appendleft", "discard", "extend", "remove"))
"""Methods of Python's collections with one argument."""
_CHANGES_NOTHING_BY_ONE = ("*", "/", "//", "**")
_BINDS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def takes_one_argument(call: ast.Call) -> bool:
    """A second argument is a TypeError."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr in _METHODS_OF_ONE
    return isinstance(call.func, ast.Name) and call.func.id in _ONE_ARGUMENT


def returns_none(statement: ast.Expr) -> bool:
    """A call for its effect: returning its result would return None."""
    call = statement.value
    method = call.func if isinstance(call, ast.Call) else None
    return isinstance(method, ast.Attribute) and method.attr in _RETURN_NONE


def is_idle(operator: str, right: ast.expr) -> bool:
    """`x * 1`, `x ** 1`: the number itself, or for `%` always 0."""
    by_one = isinstance(right, ast.Constant) and right.value == 1
    return by_one and operator in (*_CHANGES_NOTHING_BY_ONE, "%")


def fails_surely(before: ast.AST, after: ast.AST) -> bool:
    """The changed function reads a name that it no longer binds, or adds to one that it does not
    bind before."""
    bound_names = set(_find_bound_names(after))
    unbound = set(_find_bound_names(before)) - bound_names
    reads = (
        n.id for n in ast.walk(after) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    )
    if unbound and not unbound.isdisjoint(reads):
        return True
    return bool(set(_find_augmented_names(after)) - bound_names)


def _find_augmented_names(function: ast.AST) -> Iterator[str]:
    for node in ast.walk(function):
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield node.target.id


def _find_bound_names(function: ast.AST) -> Iterator[str]:
    """Names that the function binds or declares, but for `x += 1`."""
    augmented_targets = {id(n.target) for n in ast.walk(function) if isinstance(n, ast.AugAssign)}
    for node in ast.walk(function):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            if id(node) not in augmented_targets:
                yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).partition(".")[0]
        elif isinstance(node, ast.Global | ast.Nonlocal):
            yield from node.names
        elif isinstance(node, _BINDS) or (isinstance(node, ast.ExceptHandler) and node.name):
            yield str(node.name)
        elif isinstance(node, ast.MatchAs | ast.MatchStar) and node.name:
            yield node.name
