"""A file that tells the values of an expression each time that one of its lines is reached.

Belongs here: putting the telling statements before a line, and finding in the output what they
told. Does not belong here: running it (`trial`). Pure.
"""

import ast
import re

MOST_VALUES = 12
_LONGEST_VALUE = 300
_MARK = "healer-value: "
_STATEMENTS = """\
import sys as _healer_sys
if len(_healer_seen := _healer_sys.__dict__.setdefault("_healer_seen", [])) < {most}:
    try:
        _healer_value = repr({expression})
    except Exception as _healer_error:
        _healer_value = "raises " + repr(_healer_error)
    _healer_seen.append(1)
    print({mark!r} + ascii(_healer_value[:{longest}]), file=_healer_sys.__stderr__, flush=True)
"""
"""Through `sys`, so that functions and methods of any kind, and several files, count together."""


def watch_line(text: str, line: int, expression: str) -> str | None:
    """The text of a Python file that tells the values of `expression` before `line` runs; None
    where no statement begins there or around it, or the expression is none."""
    try:
        tree = ast.parse(text)
        ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    start = _find_statement(tree, text.split("\n"), line)
    if start is None:
        return None
    lines = text.split("\n")
    indent = lines[start - 1][: len(lines[start - 1]) - len(lines[start - 1].lstrip())]
    statements = _STATEMENTS.format(
        most=MOST_VALUES, expression=f"({expression}\n)", mark=_MARK, longest=_LONGEST_VALUE
    )
    watching = [indent + each for each in statements.rstrip("\n").split("\n")]
    result = "\n".join([*lines[: start - 1], *watching, *lines[start - 1 :]])
    try:
        compile(result, "watched", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None  # before `from __future__`, or inside of a text of several lines
    return result


def _find_statement(tree: ast.Module, lines: list[str], line: int) -> int | None:
    """The first line of the innermost statement at `line` that begins its own line."""
    starts = [
        _first_line(node)
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and _first_line(node) <= line <= (node.end_lineno or 0)
        and not lines[node.lineno - 1][: node.col_offset].strip()
    ]  # fmt: skip
    return max(starts, default=None)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def find_values(output: str) -> tuple[str, ...]:
    """What was told, in order."""
    texts = re.findall(rf"{_MARK}('.*'|\".*\")", output)
    return tuple(str(ast.literal_eval(text)) for text in texts)[:MOST_VALUES]
