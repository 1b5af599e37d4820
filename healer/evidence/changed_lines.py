"""Which executable lines a candidate adds or changes. Pure.

Belongs here: from two texts to the lines, and the functions, in which a change has to show. Does
not belong here: whether a check ran them (`gather`).
"""

import ast
import difflib
from collections.abc import Sequence

from healer.facts.draft import Source
from healer.support.tree_text import read_text
from quarantine.project_tests import ProjectTests

MOST_COMPARED = 25_000_000
"""Lines before times lines after: some 5,000 of each, which takes seconds in the worst case."""

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def find_executable_changes(
    base: Source, tree: Source, paths: Sequence[str]
) -> dict[str, tuple[int, ...]]:
    """The first lines of statements that the candidate adds or changes, by Python file."""
    changes: dict[str, tuple[int, ...]] = {}
    tests = ProjectTests.load(base)
    for path in paths:
        if not path.endswith(".py") or tests.is_test(path):
            continue
        new = read_text(tree, path)
        old = read_text(base, path)
        lines = find_statement_lines(new, find_changed_lines(old, new))
        if lines:
            changes[path] = lines
    return changes


def changes_code(base: Source, tree: Source, paths: Sequence[str]) -> bool:
    """Whether anything is changed that Python runs, tests aside: not only comments, docstrings and
    files of other kinds."""
    tests = ProjectTests.load(base)
    files = [path for path in paths if path.endswith(".py") and not tests.is_test(path)]
    return any(_meaning(base.read(path)) != _meaning(tree.read(path)) for path in files)


def _meaning(source: bytes | None) -> object:
    """Two sources that mean the same to Python are equal in this; what does not parse, by text."""
    try:
        module = ast.parse(source or b"")
    except (SyntaxError, ValueError, RecursionError):
        return source
    for node in ast.walk(module):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [each for each in body if not _is_docstring(each)]  # type: ignore[attr-defined]  # it has one
    return ast.dump(module)


def find_changed_functions(
    base: Source, tree: Source, paths: Sequence[str]
) -> set[tuple[str, str]]:
    """Path and name of each function that holds a changed statement; the name is empty for one
    at a module's top level."""
    places: set[tuple[str, str]] = set()
    for path, lines in find_executable_changes(base, tree, paths).items():
        module = ast.parse(tree.read(path) or b"")
        functions = [n for n in ast.walk(module) if isinstance(n, _FUNCTIONS)]
        for line in lines:
            around = [f for f in functions if f.lineno <= line <= (f.end_lineno or f.lineno)]
            places.add((path, max(around, key=lambda f: f.lineno).name if around else ""))
    return places


def find_changed_lines(old: str, new: str) -> set[int]:
    """1-based lines of `new` that `old` has not at that place."""
    before, after = old.splitlines(), new.splitlines()
    if len(before) * len(after) > MOST_COMPARED:
        return set(range(1, len(after) + 1))  # too large to compare: all of it counts as changed
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    lines: set[int] = set()
    for tag, _, _, start, end in matcher.get_opcodes():
        if tag in ("replace", "insert"):
            lines.update(range(start + 1, end + 1))
    return lines


def find_statement_lines(source: str, lines: set[int]) -> tuple[int, ...]:
    """For every line, the first line of the innermost statement that holds it: of what runs. What
    names the exceptions of a handler counts as one."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return ()
    statements = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.stmt) and not _is_docstring(node))
        or (isinstance(node, ast.ExceptHandler) and node.type)
    ]
    at: dict[int, ast.stmt | ast.ExceptHandler] = {}
    for node in sorted(statements, key=lambda each: each.lineno):
        for line in range(node.lineno, _header_end(node) + 1):
            at[line] = node  # a later one lies inside, or behind
    nodes = [at[line] for line in lines if line in at]
    return tuple(sorted({line for node in nodes for line in _run_for(node, tree)}))


def _run_for(node: ast.stmt | ast.ExceptHandler, tree: ast.Module) -> set[int]:
    """The line that runs where a statement runs. A `global` or `nonlocal` never does: what it
    changes is where the function's names are bound."""
    if not isinstance(node, ast.Global | ast.Nonlocal):
        return {node.lineno}
    functions = [n for n in ast.walk(tree) if isinstance(n, _FUNCTIONS)]
    around = [f for f in functions if f.lineno <= node.lineno <= (f.end_lineno or f.lineno)]
    if not around:
        return set()
    names = [n for n in ast.walk(max(around, key=lambda f: f.lineno)) if isinstance(n, ast.Name)]
    targets = [n for n in names if n.id in node.names and not isinstance(n.ctx, ast.Load)]
    return {n.lineno for n in targets}


def _header_end(node: ast.stmt | ast.ExceptHandler) -> int:
    """The last line of a statement, without the block that it opens."""
    body = getattr(node, "body", None)
    if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
        return max(node.lineno, body[0].lineno - 1)
    return node.end_lineno or node.lineno


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
