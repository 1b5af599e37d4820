"""Which lines can have led to the failing value: a backward slice of one function.

Belongs here: reading definitions, uses and conditions from the tree. Calls are not followed, and
the order of statements is ignored, so a slice is rather too large than too small.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import FunctionNode, SourceFile


def behind_line(code: SourceFile, line: int) -> frozenset[int]:
    """Lines of the function around `line` on which the values of that line depend, and itself."""
    function = code.function_at(line)
    if function is None:
        return frozenset()
    names = {n.id for n in code.nodes_of_statement(line) if isinstance(n, ast.Name)}
    return frozenset({line, *_conditions(code, line), *_defining(code, function, names)})


def behind_loop(code: SourceFile, line: int) -> frozenset[int]:
    """What decides whether the loops around `line` end: their tests, and what changes those."""
    found: set[int] = set()
    function = code.function_at(line)
    for node in code.nodes_on_line(line):
        if isinstance(node, ast.While) and function is not None:
            names = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
            inside = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            found |= {node.lineno, *(_defining(code, function, names) & inside)}
            found |= {n.lineno for n in ast.walk(node) if isinstance(n, _ENDS)}
    return frozenset(found)


_ENDS = (ast.Break, ast.Return, ast.Continue)


def calls_itself(code: SourceFile, line: int) -> frozenset[int]:
    """Lines where the function around `line` calls itself, and the conditions that end it."""
    function = code.function_at(line)
    if function is None:
        return frozenset()
    found = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            if name == function.name:
                found |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.If):
            found.add(node.test.lineno)
    return frozenset(found)


def _defining(code: SourceFile, function: FunctionNode, names: set[str]) -> set[int]:
    """Lines that give a value to one of the names, and to what those values are made of."""
    lines: set[int] = set()
    wanted, done = set(names), set[str]()
    while wanted - done:
        name = next(iter(wanted - done))
        done.add(name)
        for statement, used in _giving(function, name):
            lines |= {statement.lineno, *_conditions(code, statement.lineno)}
            wanted |= used
    return lines


def _giving(function: FunctionNode, name: str) -> Iterator[tuple[ast.stmt, set[str]]]:
    """Statements that bind or change a name, with the names that they read."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For | ast.Expr):
            continue
        head = node.iter if isinstance(node, ast.For) else node.value
        targets = [head] if isinstance(node, ast.Expr) else _targets(node)
        touched = {n.id for t in targets if t for n in ast.walk(t) if isinstance(n, ast.Name)}
        if name in touched:
            used = {n.id for n in ast.walk(head) if isinstance(n, ast.Name)} if head else set()
            yield node, used | touched


def _targets(node: ast.stmt) -> list[ast.expr]:
    single = getattr(node, "target", None)
    return [single] if single is not None else list(getattr(node, "targets", []))


def _conditions(code: SourceFile, line: int) -> set[int]:
    """Lines of the tests and loops that decide whether a line runs."""
    return {
        node.lineno
        for node in code.nodes_on_line(line)
        if isinstance(node, ast.If | ast.While | ast.For | ast.AsyncFor | ast.Try | ast.With)
    }
