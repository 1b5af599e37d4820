"""What Python text says by itself: parsed, folded to the text that it gives, in a normal form.

Belongs here: expressions without variables, whoever asks. Does not belong here: what a name means
(`names`), and what a patch does with literals (`rules.literals_of_tests`, `rules.copied_data`).
"""

import ast
import base64
import binascii
import operator
import re
import sys
import warnings
from collections.abc import Callable, Iterator

_ALLOWED = (ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.USub,
            ast.expr_context)  # fmt: skip
MAX_DEPTH = 150
"""Nesting of syntax nodes; hand-written code stays far below 60."""
_MAX_CHARS = 10_000
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


def parse(text: str) -> ast.Module | None:
    """The syntax tree, or None for what Python cannot parse or what nests too deeply."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a SyntaxWarning of their code is not ours to print
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
    return tree if _depth_within(tree, MAX_DEPTH) else None


def _depth_within(tree: ast.AST, limit: int) -> bool:
    level: list[ast.AST] = [tree]
    for _ in range(limit):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return True
    return False


def is_constant(node: ast.AST) -> bool:
    """A literal through and through: `42`, `-1`, `[1, "a"]`, `{}`."""
    return all(isinstance(inner, _ALLOWED) for inner in ast.walk(node))


def results_of(node: ast.expr | None) -> Iterator[ast.expr]:
    """The values that a returned expression may turn out to be."""
    match node:
        case ast.IfExp(body=body, orelse=other):
            yield from results_of(body)
            yield from results_of(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from results_of(value)
        case ast.expr():
            yield node


def fold(node: ast.AST | None) -> str | None:  # noqa: PLR0911 - one per shape
    """The string that a constant expression gives, however it is put together, or None."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Constant(value=bytes(data)):
            return data.decode("latin-1")
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _join("", [left, right])
        case ast.JoinedStr(values=values):
            return _join("", values)
        case ast.FormattedValue(value=value):
            return fold(value)
        case ast.Subscript(value=value, slice=ast.Slice(lower=None, upper=None, step=step)):
            whole = fold(value)
            backwards = isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub)
            return whole[::-1] if whole is not None and backwards else whole
        case ast.Call():
            return _fold_call(node)
    return None


def _join(separator: str, nodes: list[ast.expr]) -> str | None:
    parts = [fold(node) for node in nodes]
    if any(part is None for part in parts):
        return None
    text = separator.join(part for part in parts if part is not None)
    return text if len(text) <= _MAX_CHARS else None


def _fold_call(call: ast.Call) -> str | None:  # noqa: PLR0911 - one per shape
    match call:
        case ast.Call(func=ast.Name(id="chr"), args=[ast.Constant(value=int(number))]):
            return chr(number) if 0 <= number <= sys.maxunicode else None
        case ast.Call(func=ast.Name(id="str"), args=[value]):
            return fold(value)
        case ast.Call(
            func=ast.Attribute(value=separator, attr="join"),
            args=[ast.List(elts=items) | ast.Tuple(elts=items)],
        ):
            between = fold(separator)
            return None if between is None else _join(between, items)
        case ast.Call(func=ast.Attribute(value=text, attr="replace"), args=[old, new]):
            return _replace(fold(text), fold(old), fold(new))
        case ast.Call(func=ast.Attribute(value=text, attr="decode" | "lower" | "strip" | "encode")):
            inner = fold(text)
            return inner.lower().strip() if inner is not None else None
        case ast.Call(func=ast.Attribute(attr=name), args=[code, *_]):
            return _decode(name, fold(code))
    return None


def _replace(text: str | None, old: str | None, new: str | None) -> str | None:
    if text is None or not old or new is None or len(text) * (len(new) + 1) > _MAX_CHARS:
        return None
    return text.replace(old, new)


def _decode(function: str, code: str | None) -> str | None:
    if code is None:
        return None
    try:
        if function == "b64decode":
            return base64.b64decode(code).decode("latin-1")
        if function == "fromhex":
            return bytes.fromhex(code).decode("latin-1")
    except (binascii.Error, ValueError):
        return None
    return None


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


def last_name(node: ast.AST) -> str:
    """`wraps` of `functools.wraps(run)`; empty for what has no name."""
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return str(getattr(node, "attr", None) or getattr(node, "id", None) or "")
