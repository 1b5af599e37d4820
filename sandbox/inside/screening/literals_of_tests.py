"""Numbers, texts and lists that tests are written with, and others in their place.

Belongs here: finding them in a test's file, and varying them. Does not belong here: running tests
(`varied_tests`).
"""

from __future__ import annotations

import ast
import contextlib
import itertools
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from .started_programs import vary_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Set

MOST_LITERALS = 40
"""Of one test."""
_SHOWN_CHARS = 40
_SHOWN_BEFORE = 20
"""What differs, of a longer text."""
_GAP = re.compile(r"\s+")
_SHORTEST: tuple[list[ast.expr], ...] = ([ast.Constant("")], [ast.Constant(0)])
"""In place of nothing, lists that hold next to nothing."""
CHECK = "assert"
"""How methods begin that compare, of test cases and of mocks."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_HEADS = ("decorator_list", "annotation", "returns", "targets", "target", "format_spec")
"""Parts of a statement that are no data."""


class Literal(NamedTuple):
    """One place of a test's file, and what may stand there."""

    node: ast.expr
    others: list[ast.expr]
    variable: ast.Assign | None
    """The file's own, which holds it; None within a function."""


def find_literals(tree: ast.Module, lines: Set[int], own: int = 0) -> list[Literal]:
    """Those of functions that begin at these lines, as their code objects tell it, and of variables
    of the file that such functions read; those of the one at line `own` first, and numbers and
    lists before texts, which may be names. What a test expects is none: nothing depends on it."""
    functions = [n for n in ast.walk(tree) if isinstance(n, _FUNCTIONS) and _first(n) in lines]
    functions.sort(key=lambda function: _first(function) != own)
    names = {n.id for f in functions for n in ast.walk(f) if isinstance(n, ast.Name)}
    variables = [
        node
        for node in tree.body
        if isinstance(node, ast.Assign)
        if any(isinstance(target, ast.Name) and target.id in names for target in node.targets)
    ]
    roots: list[tuple[ast.AST, ast.Assign | None]] = [(s, None) for f in functions for s in f.body]
    roots += [(variable.value, variable) for variable in variables]
    expectations = {id(each) for root, _ in roots for each in _find_expectations(root)}
    literals = {
        id(node): Literal(node, list(_vary(node)), variable)
        for root, variable in roots
        for node in _walk(root, expectations)
    }
    inputs = [literal for literal in literals.values() if literal.others]
    inputs = sorted(inputs, key=_is_text)[:MOST_LITERALS]
    return [each._replace(others=_rotate(each.others, n)) for n, each in enumerate(inputs)]


def _rotate(others: list[ast.expr], count: int) -> list[ast.expr]:
    """Where there is time for few of each only, these are not of one kind: here nought stands in
    place of a number, there the next one."""
    count %= len(others)
    return others[count:] + others[:count]


def _is_text(literal: Literal) -> bool:
    return isinstance(literal.node, ast.Constant) and isinstance(literal.node.value, str)


def _first(function: ast.AST) -> int:
    """The line at which its code object says that it begins."""
    decorators = [each.lineno for each in getattr(function, "decorator_list", ())]
    lines: list[int] = [*decorators, getattr(function, "lineno", 0)]
    return min(lines)


def _walk(root: ast.AST, expectations: Set[int]) -> Iterator[ast.expr]:
    """Literals at and below a node, without docstrings and what says where or how."""
    if id(root) in expectations:
        return
    if isinstance(root, ast.Constant) or (
        isinstance(root, ast.List) and isinstance(root.ctx, ast.Load)
    ):
        yield root
    if rows := _list_rows(root):  # how many columns it has is its meaning
        for item in (item for row in rows for item in row.elts):
            yield from _walk(item, expectations)
        return
    for name, value in ast.iter_fields(root):
        is_place = isinstance(root, ast.Subscript) and name == "slice"
        is_text = isinstance(root, ast.Expr) and isinstance(value, ast.Constant)
        if is_place or is_text or name in _HEADS:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, expectations)


def _list_rows(node: ast.AST) -> list[ast.List]:
    """Of a table: lists of one length, and not of one item, in a list; none of anything else."""
    items = node.elts if isinstance(node, ast.List) else []
    rows = [each for each in items if isinstance(each, ast.List)]
    widths = {len(row.elts) for row in rows}
    is_table = len(rows) > 1 and len(rows) == len(items) and len(widths) == 1 and widths != {1}
    return rows if is_table else []


def _find_expectations(root: ast.AST) -> Iterator[ast.expr]:
    """What stands beside the value that is checked, and depends on nothing."""
    for node in ast.walk(root):
        parts: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            parts = [node.left, *node.comparators]
        elif isinstance(node, ast.Call) and is_check(node):
            parts = [*node.args, *(each.value for each in node.keywords)]
        yield from (part for part in parts if _is_fixed(part))


def is_check(node: ast.Call) -> bool:
    """Such as `self.assertEqual(…)` and `mock.assert_called_with(…)`."""
    return isinstance(node.func, ast.Attribute) and node.func.attr.startswith(CHECK)


def _is_fixed(node: ast.expr) -> bool:
    return not any(isinstance(each, (ast.Name, ast.Call)) for each in ast.walk(node))


def vary_value(value: Any) -> Iterator[tuple[str, Any]]:
    """Others in place of a value that can be written as a literal, each with what was changed."""
    try:
        tree = ast.parse(repr(value), mode="eval")
        if ast.literal_eval(tree) != value:
            return
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError):
        return
    for node in list(_walk(tree.body, frozenset())):
        for other in _vary(node):
            change = show_change(node, other)
            with swap(node, other):
                yield change, ast.literal_eval(tree)


@contextlib.contextmanager
def swap(node: ast.expr, other: ast.expr) -> Iterator[None]:
    """Within the block one node of a tree reads as the other does."""
    before = {name: getattr(node, name) for name in other._fields}
    for name in other._fields:
        setattr(node, name, getattr(other, name, None))
    try:
        yield
    finally:
        for name, value in before.items():
            setattr(node, name, value)


def _vary(node: ast.expr) -> Iterator[ast.expr]:
    """Each other one stands for the whole node."""
    if isinstance(node, ast.List):
        lists = ([*node.elts, node.elts[0]], node.elts[:-1]) if node.elts else _SHORTEST
        for items in lists:
            yield ast.copy_location(ast.List(items, ast.Load()), node)
    elif isinstance(node, ast.Constant):
        for kind, way in _WAYS:
            if type(node.value) is kind:
                yield from (ast.copy_location(ast.Constant(new), node) for new in way(node.value))


def _vary_int(value: int) -> Iterator[int]:
    yield value + 1
    if value:
        yield 0
    yield 2 * value + 3


def _vary_float(value: float) -> Iterator[float]:
    yield value + 0.5
    if value:
        yield 0.0
    yield 2 * value + 3.25


def _vary_text(value: str) -> Iterator[str]:
    """With other numbers, or wider gaps between its words; without its last line or letter, or with
    it twice; in the other case."""
    numbers = vary_numbers(value)
    yield from itertools.islice(numbers, 2)
    if value.strip() and (wide := _GAP.sub(r"\g<0> ", value)) != value:
        yield wide
    yield from itertools.islice(numbers, 2)
    lines = value.splitlines(keepends=True)
    if len(lines) > 1:
        yield from ("".join(lines[:-1]), value + lines[-1])
    elif value and not value.isdigit():
        yield from (value[:-1], value + value[-1], value.swapcase())


def _vary_bytes(value: bytes) -> Iterator[bytes]:
    try:
        yield from (text.encode() for text in _vary_text(value.decode()))
    except UnicodeDecodeError:
        yield value[:-1]


_WAYS: list[tuple[type, Callable[..., Iterator[Any]]]] = [
    (int, _vary_int),
    (float, _vary_float),
    (str, _vary_text),
    (bytes, _vary_bytes),
]


def show_change(node: ast.expr, other: ast.expr) -> str:
    """For a person: what stands in place of what, of long texts the part that differs."""
    one, two = (n.value if isinstance(n, ast.Constant) else None for n in (other, node))
    if isinstance(one, (str, bytes)) and type(one) is type(two):
        pairs = enumerate(zip(one, two))
        start = next((n for n, (a, b) in pairs if a != b), min(len(one), len(two)))
        first = max(0, start - _SHOWN_BEFORE) if len(max(one, two, key=len)) > _SHOWN_CHARS else 0
        part = slice(first, first + _SHOWN_CHARS)
        return f"{one[part]!r} for {two[part]!r}"
    return f"{_show(other)} for {_show(node)}"


def _show(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return repr(node.value)[:_SHOWN_CHARS]
    return f"a list of {len(node.elts)}" if isinstance(node, ast.List) else "another value"
