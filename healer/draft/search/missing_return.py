"""Whether a function can come to its end without giving the value that its callers expect.

Belongs here: reading that from the tree. Does not belong here: what it means for a candidate.
"""

import ast
from collections.abc import Iterator, Sequence

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_LOOPS = (ast.While, ast.For, ast.AsyncFor)


def loses_a_value(old: ast.AST, new: ast.AST) -> bool:
    """A function that gave a value on every way through it now ends without one on some way."""
    before = [node for node in ast.walk(old) if isinstance(node, _FUNCTIONS)]
    after = [node for node in ast.walk(new) if isinstance(node, _FUNCTIONS)]
    if len(before) != len(after):
        return False
    pairs = zip(before, after, strict=True)
    return any(_always_gives(one) and not _always_gives(other) for one, other in pairs)


def _always_gives(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    own = list(_own(function.body))
    if any(isinstance(node, ast.Yield | ast.YieldFrom) for node in own):
        return False
    returns = [node for node in own if isinstance(node, ast.Return)]
    return bool(returns) and all(node.value for node in returns) and not _falls_off(function.body)


def _own(block: Sequence[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a block, without those of functions and classes inside it."""
    for node in block:
        yield node
        if not isinstance(node, (*_FUNCTIONS, ast.ClassDef, ast.Lambda)):
            yield from _own(list(ast.iter_child_nodes(node)))


def _falls_off(block: Sequence[ast.stmt]) -> bool:
    """Whether the statement after the block can be reached; when in doubt, it can."""
    return not any(_stops(statement) for statement in block)


def _stops(node: ast.stmt) -> bool:
    if isinstance(node, ast.Return | ast.Raise | ast.Break | ast.Continue):
        return True
    if isinstance(node, ast.If):
        return bool(node.orelse) and not _falls_off(node.body) and not _falls_off(node.orelse)
    if isinstance(node, ast.While):
        endless = isinstance(node.test, ast.Constant) and bool(node.test.value)
        return endless and not _breaks(node.body)
    if isinstance(node, ast.With | ast.AsyncWith):
        return not _falls_off(node.body)
    if isinstance(node, ast.Try):
        ways = [[*node.body, *node.orelse], *(handler.body for handler in node.handlers)]
        return not _falls_off(node.finalbody) or not any(_falls_off(way) for way in ways)
    return False


def _breaks(block: Sequence[ast.AST]) -> bool:
    """Whether a `break` leaves the loop whose body this is."""
    for node in block:
        if isinstance(node, ast.Break):
            return True
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef, *_LOOPS)):
            inside: Sequence[ast.AST] = getattr(node, "orelse", [])
        else:
            inside = list(ast.iter_child_nodes(node))
        if _breaks(inside):
            return True
    return False
