"""Which lines can have led to the failing value: a backward slice of one function.

Belongs here: reading definitions, uses and conditions from the tree. Calls are not followed, and
the order of statements is ignored, so a slice is rather too large than too small. Does not belong
here: what a slice means for a line's weight (`localise`).
"""

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from healer.draft.rules.source_file import FunctionNode, SourceFile

_CONDITIONS = (ast.If, ast.While, ast.For, ast.AsyncFor, ast.Try, ast.With)
_LOOP_ENDS = (ast.Break, ast.Return, ast.Continue)


def slice_line(code: SourceFile, line: int) -> frozenset[int]:
    """Lines of the function around `line` on which the values of that line depend, and itself."""
    function = code.function_at(line)
    if function is None:
        return frozenset()
    names = {n.id for n in code.nodes_of_statement(line) if isinstance(n, ast.Name)}
    conditions = _Conditions(code)
    definitions = _find_definitions(function, names, conditions)
    return frozenset({line, *conditions.around(line), *definitions})


def slice_loop(code: SourceFile, line: int) -> frozenset[int]:
    """What decides whether the loops around `line` end: their tests, and what changes those."""
    function = code.function_at(line)
    if function is None:
        return frozenset()
    lines: set[int] = set()
    for node in code.nodes_on_line(line):
        if isinstance(node, ast.While):
            names = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
            inside = set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
            definitions = _find_definitions(function, names, _Conditions(code))
            lines |= {node.lineno, *(definitions & inside)}
            lines |= {n.lineno for n in ast.walk(node) if isinstance(n, _LOOP_ENDS)}
    return frozenset(lines)


def slice_recursion(code: SourceFile, line: int) -> frozenset[int]:
    """Lines where the function around `line` calls itself, and the conditions that end it."""
    function = code.function_at(line)
    if function is None:
        return frozenset()
    lines: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.Call):
            callee = node.func
            name = callee.attr if isinstance(callee, ast.Attribute) else getattr(callee, "id", "")
            if name == function.name:
                lines |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.If):
            lines.add(node.test.lineno)
    return frozenset(lines)


class _Conditions:
    """The tests and loops of a file, which decide whether the lines inside them run."""

    def __init__(self, code: SourceFile) -> None:
        self._nodes = [node for node in code.nodes if isinstance(node, _CONDITIONS)]

    def around(self, line: int) -> set[int]:
        """The first lines of those that hold this line."""
        nodes = self._nodes
        return {n.lineno for n in nodes if n.lineno <= line <= (n.end_lineno or n.lineno)}


class _Binding(NamedTuple):
    line: int
    targets: set[str]
    """Names that it gives a value to, or changes."""
    uses: set[str]
    """Names that it reads; the targets are among them."""


def _find_definitions(
    function: FunctionNode, names: Iterable[str], conditions: _Conditions
) -> set[int]:
    """Lines that give a value to one of the names, and to what those values are made of."""
    bindings = list(_find_bindings(function))
    lines: set[int] = set()
    queue = list(names)
    visited_names: set[str] = set()
    while queue:
        name = queue.pop()
        if name in visited_names:
            continue
        visited_names.add(name)
        for binding in bindings:
            if name in binding.targets:
                lines |= {binding.line, *conditions.around(binding.line)}
                queue += binding.uses
    return lines


def _find_bindings(function: FunctionNode) -> Iterator[_Binding]:
    """Statements that bind or change names."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.For | ast.Expr):
            value = node.iter if isinstance(node, ast.For) else node.value
            targets = [value] if isinstance(node, ast.Expr) else _find_targets(node)
            names = {name for target in targets if target for name in _read_names(target)}
            yield _Binding(node.lineno, names, names | (_read_names(value) if value else set()))


def _read_names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _find_targets(node: ast.stmt) -> list[ast.expr]:
    single = getattr(node, "target", None)
    return [single] if single is not None else list(getattr(node, "targets", []))
