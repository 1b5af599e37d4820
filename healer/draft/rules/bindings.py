"""Where a name of the failing statement got its value, as far as the text shows it.

Belongs here: reading assignments. Does not belong here: guessing at values that come from callers.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite
from healer.draft.rules.source_file import SourceFile


def scope_of(site: FaultSite) -> ast.AST | None:
    """The function around the failing line, else the module."""
    return site.code.function_at(site.line) or site.code.tree


def only_value(site: FaultSite, target: ast.expr) -> ast.expr | None:
    """What a name is assigned, where it is assigned once in the failing scope."""
    if not isinstance(target, ast.Name):
        return None
    values = list(values_of(scope_of(site), target.id))
    return values[0] if len(values) == 1 else None


def values_of(scope: ast.AST | None, name: str) -> Iterator[ast.expr]:
    """Every value that plain assignments, `with` and `:=` of a scope give to a name."""
    for node in ast.walk(scope) if scope else ():
        if isinstance(node, ast.Assign) and any(getattr(t, "id", "") == name for t in node.targets):
            yield node.value
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            if getattr(node.target, "id", "") == name and node.value is not None:
                yield node.value
        elif isinstance(node, ast.withitem) and getattr(node.optional_vars, "id", "") == name:
            yield node.context_expr


def unpacked_from(site: FaultSite, name: str) -> ast.expr | None:
    """The value that `a, b = value` or `for a, b in value` takes apart for a name."""
    scope = scope_of(site)
    for node in ast.walk(scope) if scope else ():
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


def loops_over(site: FaultSite, name: str) -> Iterator[ast.For | ast.comprehension]:
    """Loops around the failing line, and comprehensions on it, whose variable is `name`."""
    found: list[ast.For | ast.comprehension] = []
    for node in site.code.nodes_on_line(site.line):
        if isinstance(node, ast.For):
            found.append(node)
        elif isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            found += node.generators
    for loop in found:
        if getattr(loop.target, "id", "") == name:
            yield loop


def called_name(code: SourceFile, call: ast.AST) -> str:
    """`os.listdir` of `os.listdir(x)`; empty for what is no call by name."""
    function = call.func if isinstance(call, ast.Call) else None
    plain = isinstance(function, ast.Name | ast.Attribute)
    return code.segment(function) if function is not None and plain else ""
