"""Where a name of the failing statement got its value, as far as the text shows it.

Belongs here: reading assignments and loops. Does not belong here: guessing at values that come
from callers.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite
from healer.draft.rules.scope import walk_bindings


def assigned_value(site: FaultSite, target: ast.expr) -> ast.expr | None:
    """What a name is assigned, where it is assigned once in the failing scope."""
    if not isinstance(target, ast.Name):
        return None
    values = list(assigned_values(site.scope, target.id))
    return values[0] if len(values) == 1 else None


def assigned_values(scope: ast.AST | None, name: str) -> Iterator[ast.expr]:
    """Every value that plain assignments, `with` and `:=` of a scope give to a name of its own."""
    for node in walk_bindings(scope, name):
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
            yield node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            if getattr(node.target, "id", "") == name and node.value is not None:
                yield node.value
        elif isinstance(node, ast.withitem) and getattr(node.optional_vars, "id", "") == name:
            yield node.context_expr


def unpacked_value(site: FaultSite, name: str) -> ast.expr | None:
    """The value that `a, b = value` or `for a, b in value` takes apart for a name."""
    for node in walk_bindings(site.scope, name):
        pairs: list[tuple[ast.expr, ast.expr]] = []
        if isinstance(node, ast.Assign):
            pairs = [(target, node.value) for target in node.targets]
        elif isinstance(node, ast.For | ast.comprehension):
            pairs = [(node.target, node.iter)]
        for target, value in pairs:
            parts = target.elts if isinstance(target, ast.Tuple | ast.List) else []
            if any(getattr(part, "id", "") == name for part in parts):
                return value
    return None


def loops_around(site: FaultSite, variable: str) -> Iterator[ast.For | ast.comprehension]:
    """Loops around the failing line, and comprehensions on it, with this variable."""
    loops: list[ast.For | ast.comprehension] = []
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For):
            loops.append(node)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            loops += node.generators
    for loop in loops:
        if getattr(loop.target, "id", "") == variable:
            yield loop


def loops_on_line(site: FaultSite) -> Iterator[ast.For]:
    """The `for` statements whose header is the failing line."""
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For) and node.lineno == site.line:
            yield node


def source_calls(site: FaultSite) -> Iterator[ast.Call]:
    """Calls that gave what the failing statement uses, also through names and loops, nearest
    first. At most 200 expressions are looked at."""
    visited_ids: set[int] = set()
    waiting: list[ast.AST] = list(site.code.nodes_of_statement(site.line))
    for _ in range(200):
        if not waiting:
            return
        node = waiting.pop(0)
        if id(node) in visited_ids:
            continue
        visited_ids.add(id(node))
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            for value in _values_and_iterables(site, node.id):
                waiting += ast.walk(value)


def _values_and_iterables(site: FaultSite, name: str) -> Iterator[ast.expr]:
    yield from assigned_values(site.scope, name)
    for node in walk_bindings(site.scope, name):
        if isinstance(node, ast.For | ast.comprehension) and name in {
            getattr(target, "id", "") for target in ast.walk(node.target)
        }:
            yield node.iter
