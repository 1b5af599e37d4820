"""Edits that need no trial: nobody writes them, or they fail as soon as they are reached.

Belongs here: telling such edits by their text or tree. Does not belong here: edits that are only
unlikely (`ranking`), or that change nothing (`variant_maker` compares instructions).
"""

import ast
from typing import NamedTuple

from healer.draft.rules.source_file import SourceFile

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
_NAMED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs,
    ast.MatchStar,
)  # fmt: skip


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


class Names(NamedTuple):
    """What a function does with names, but for what stands in attributes and strings."""

    bound: frozenset[str]
    """Bound or declared in it, but for `x += 1`."""
    augmented: frozenset[str]
    """Added to, as by `x += 1`."""
    read: frozenset[str]


def fails_surely(before: Names, after: Names) -> bool:
    """The changed function reads a name that it no longer binds, or adds to one that it does not
    bind before."""
    unbound = before.bound - after.bound
    return not unbound.isdisjoint(after.read) or not after.augmented <= after.bound


def find_names(function: ast.AST) -> Names:
    """In one walk: this is asked for each of some thousand variants."""
    bindings: list[str] = []
    additions: dict[int, str] = {}
    read: list[str] = []
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load):
                read.append(node.id)
            elif id(node) not in additions:  # the statement comes before its target
                bindings.append(node.id)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            additions[id(node.target)] = node.target.id
        else:
            bindings += _bind(node)
    return Names(frozenset(bindings), frozenset(additions.values()), frozenset(read))


def _bind(node: ast.AST) -> list[str]:
    """The names that a node other than a name binds."""
    if isinstance(node, ast.arg):
        return [node.arg]
    if isinstance(node, ast.alias):
        return [(node.asname or node.name).partition(".")[0]]
    if isinstance(node, ast.Global | ast.Nonlocal):
        return node.names
    if isinstance(node, _NAMED) and node.name:
        return [node.name]
    return []


def find_kept_spans(code: SourceFile) -> list[tuple[int, int]]:
    """Offsets of what nobody mends a fault in: `if __name__ == "__main__"`, and which words of the
    command line are taken. The command is as it is; the code behind it failed."""
    return [
        code.span(_widen_to_command(code, node))
        for node in code.nodes
        if isinstance(node, ast.Compare | ast.Attribute | ast.Name) and _is_kept(node)
    ]


def _is_kept(node: ast.Compare | ast.Attribute | ast.Name) -> bool:
    if isinstance(node, ast.Compare):
        return isinstance(node.left, ast.Name) and node.left.id == "__name__"
    if isinstance(node, ast.Attribute):
        return node.attr == "argv" and isinstance(node.value, ast.Name) and node.value.id == "sys"
    return node.id == "argv"


def _widen_to_command(code: SourceFile, node: ast.AST) -> ast.AST:
    """`sys.argv[1]` around `sys.argv`, `len(sys.argv) > 1` around `len(sys.argv)`."""
    parent = code.parents.get(node)
    if isinstance(parent, ast.Subscript):
        return parent
    if isinstance(parent, ast.Call) and getattr(parent.func, "id", "") == "len":
        outer = code.parents.get(parent)
        return outer if isinstance(outer, ast.Compare) else parent
    return node
