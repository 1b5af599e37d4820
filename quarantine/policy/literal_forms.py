"""Literals in a normal form, so that one value is the same however it is written.

Belongs here: the forms, which literals the tests hold, and which literals tell nothing. Does not
belong here: what a patch does with them (`rules.test_literals`).
"""

import ast
import functools
import operator
import re
from collections.abc import Callable, Iterable, Iterator

from quarantine.policy.constants import is_constant
from quarantine.policy.files import decode, parse
from quarantine.policy.module import Module

SMALL = 12
"""Whole numbers up to it are in every program."""
_TRIVIAL = frozenset({"None", "True", "False", "0", "1", "-1", "2", "''", "b''", "[]", "()", "{}",
                      "0.0", "1.0", "100", "10", "' '", "'\\n'", "','", "Ellipsis"})  # fmt: skip
_WORD = re.compile(r"'[A-Za-z][A-Za-z_\-./ ]{0,24}'|'[^\w]{1,3}'")
"""Names of options, formats, columns: compared with in honest code all the time."""
_DATA = re.compile(r"^\d|\d[^\w.-]|[^\w.-]\d")
"""Digits that are more than a part of a name such as `utf-8` or `python3.11`."""
_HUGE = 1e15
_LONGEST = 2_000
"""Characters; as long as a line gets."""
_ARITHMETIC: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv,
}  # fmt: skip


def literals_of(tests: Iterable[bytes]) -> frozenset[str]:
    """Every literal of these test files in a normal form, docstrings left out.

    Pass the files that the failing and the passing tests of the base commit lie in. What cannot
    be decoded or parsed adds nothing.
    """
    return frozenset[str]().union(*(_literals_of_file(data) for data in tests))


@functools.lru_cache(maxsize=500)
def _literals_of_file(data: bytes) -> frozenset[str]:
    """Remembered, since the tests stay the same from draft to draft, and mostly from repair to
    repair."""
    text = decode(data)
    tree = parse(text) if text is not None else None
    if tree is None:
        return frozenset()
    module = Module(tree)
    return frozenset(
        form
        for node in module.nodes
        if isinstance(node, ast.expr) and id(node) not in module.docstrings
        if (form := form_of(node))
    )


def form_of(node: ast.AST | None) -> str:
    """A literal in its normal form; empty for what is not one or is too long to matter."""
    if node is None or not isinstance(node, ast.expr) or not is_constant(node):
        return ""
    return ast.unparse(node)[:_LONGEST]


def is_trivial(form: str) -> bool:
    """Nothing, or a value that is in every program."""
    return not form or form in _TRIVIAL


def is_word(form: str) -> bool:
    """A text that is one name or mark."""
    return _WORD.fullmatch(form) is not None


def is_telling(form: str) -> bool:
    """Data rather than a name: few honest comparisons are with such a literal."""
    if is_trivial(form) or is_word(form):
        return False
    return not (form.isdigit() and int(form) <= SMALL)


def is_data(form: str) -> bool:
    """A number with a fraction, one that is not round, or a text that is not one plain word."""
    if form.startswith("'"):
        return is_telling(form) and _DATA.search(form[1:-1]) is not None
    try:
        number = abs(float(form))
    except ValueError:
        return False
    powers = {2.0**power for power in range(32)} | {10.0**power for power in range(12)}
    return number > SMALL and number not in powers and number % 60 != 0


def all_forms(node: ast.AST) -> Iterator[str]:
    """A literal as tests may write it: as it is, as the number it is, or as what its text says."""
    yield form_of(node)
    value = getattr(node, "value", None) if isinstance(node, ast.Constant) else number_of(node)
    if isinstance(value, str) and not value.isidentifier():
        tree = parse(value)
        match tree.body if tree else []:
            case [ast.Expr(value=inner)] if is_constant(inner):
                yield from all_forms(inner)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _number_forms(value)


def number_of(node: ast.AST) -> float | None:
    """The value of arithmetic on numbers alone: `625.0 * 2`; None for anything else."""
    match node:
        case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
            return value if abs(value) < _HUGE else None
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = number_of(operand)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _ARITHMETIC:
            first, second = number_of(left), number_of(right)
            if first is None or second is None:
                return None
            try:
                return _ARITHMETIC[type(op)](first, second)
            except (ArithmeticError, ValueError):
                return None
    return None


def _number_forms(value: float) -> Iterator[str]:
    try:
        yield repr(float(value))
        if float(value).is_integer():
            yield repr(int(value))
    except OverflowError:
        return
