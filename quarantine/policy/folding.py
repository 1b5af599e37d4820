"""Text that a constant expression gives, however it is put together.

Belongs here: folding `"_ex" + "it"` and its like, so that no name hides behind it. Does not belong
here: what the text means (`names`).
"""

import ast
import base64
import binascii
import sys

_MAX_CHARS = 10_000


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
