"""Which code of the base a repair is about: what the failure names, and what the patch changes.

Belongs here: from a failure and two trees to places in the base. Does not belong here: which tests
execute them (`sandbox.report.FailingTests`), and what follows from it (`healer.judge`). Pure.
"""

import ast
from collections.abc import Iterator, Sequence

from healer.evidence.changed_lines import find_changed_lines, find_statement_lines
from healer.facts.draft import Source
from healer.failure import Failure
from healer.judge import Places
from healer.support.tree_text import read_text

MODULE = 0
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_target_code(
    base: Source, tree: Source, paths: Sequence[str], failure: Failure | None
) -> Places:
    """Both together: tests that execute any of it must pass."""
    places = {path: _find_changes(base, tree, path) for path in paths}
    for path, lines in find_failing_code(base, failure).items():
        places[path] = tuple(sorted({*places.get(path, ()), *lines}))
    return places


def find_failing_code(base: Source, failure: Failure | None) -> Places:
    """The function that the failure arose in; empty where it names none of the tree."""
    culprit = failure.culprit if failure else None
    functions = _read_functions(base, culprit.file) if culprit else None
    if culprit is None or functions is None:
        return {}
    name = _innermost(functions, culprit.line)
    return {culprit.file: (_first_line(functions[name]) if name else MODULE,)}


def _find_changes(base: Source, tree: Source, path: str) -> tuple[int, ...]:
    """Functions of the base that hold a line that is changed or taken out, or into which one is
    put. What lies in none of them belongs to the module."""
    old, new = _read_functions(base, path), _read_functions(tree, path)
    if old is None or new is None:
        return (MODULE,)
    texts = read_text(base, path), read_text(tree, path)
    before = _running_lines(texts[0], old, find_changed_lines(texts[1], texts[0]))
    after = _running_lines(texts[1], new, find_changed_lines(texts[0], texts[1]))
    names = {_innermost(old, line) for line in before}
    names |= {_known_part(_innermost(new, line), old) for line in after}
    return tuple(sorted({_first_line(old[name]) if name else MODULE for name in names}))


def _running_lines(text: str, functions: dict[str, _Function], lines: set[int]) -> set[int]:
    """Without comments and docstrings."""
    decorators = {
        line
        for function in functions.values()
        for line in range(_first_line(function), function.lineno)
    }
    return {*find_statement_lines(text, lines), *(lines & decorators)}


def _known_part(name: str, functions: dict[str, _Function]) -> str:
    """The innermost of the functions around a new one that the base has; empty: the module."""
    while name and name not in functions:
        name = name.rpartition(".")[0]
    return name


def _read_functions(source: Source, path: str) -> dict[str, _Function] | None:
    """By qualified name; None for what is no Python that parses."""
    if not path.endswith(".py") or source.read(path) is None:
        return None
    try:
        return dict(_functions(ast.parse(read_text(source, path)), ""))
    except (SyntaxError, ValueError, RecursionError):
        return None


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, _Function]]:
    for child in ast.iter_child_nodes(node):
        name = prefix
        if isinstance(child, (*_FUNCTIONS, ast.ClassDef)):
            name = f"{prefix}{child.name}."
            if isinstance(child, _FUNCTIONS):
                yield f"{prefix}{child.name}", child
        yield from _functions(child, name)


def _innermost(functions: dict[str, _Function], line: int) -> str:
    """The name of the innermost function that holds a line; empty: none."""
    around = [n for n, f in functions.items() if _first_line(f) <= line <= (f.end_lineno or 0)]
    return max(around, key=lambda name: functions[name].lineno, default="")


def _first_line(function: _Function) -> int:
    return min([function.lineno, *(each.lineno for each in function.decorator_list)])
