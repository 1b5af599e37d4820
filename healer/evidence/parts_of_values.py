"""Other parts of a value that somebody might have taken: cut off elsewhere, or not from every one.

Belongs here: texts in place of one expression that takes a part of a value. Does not belong here:
which expressions are tried (`neighbours`). Pure.

A test with one text does not say why a part of it is cut off: since so many characters stand there,
or since a mark, a unit or a sign does. Nor does it say what is left where no such sign is found.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

_FINDERS = ("find", "rfind")
_WHOLE_AFFIX = {"lstrip": "removeprefix", "rstrip": "removesuffix"}
"""Methods that take off any of some letters, and those that take them off as one word."""
_KINDS = ("not {}.isalnum()", "{}.isalpha()", "{}.isdigit()")
"""What was cut off may have been a sign, a word or a number."""

_SIGN = r"r'\W'"
_WHOLES = {"seconds": "total_seconds()"}
"""Attributes that hold a part, and what gives all of it."""


_MIRRORS = {
    one: other
    for pair in (
        ("split", "rsplit"), ("partition", "rpartition"), ("find", "rfind"), ("index", "rindex"),
        ("lstrip", "rstrip"), ("removeprefix", "removesuffix"), ("popleft", "pop"),
        ("ljust", "rjust"),
    )
    for one, other in (pair, pair[::-1])
}  # fmt: skip
"""Methods that begin at the one end, and those that begin at the other."""


def other_end(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a method's call of which the fix brought something: the same from behind. A
    `split` at every place is the same from both ends."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return
    name = node.func.attr
    is_whole = name in ("split", "rsplit") and len(node.args) + len(node.keywords) < 2  # noqa: PLR2004 - a sign and a count
    if name in _MIRRORS and not is_whole:
        start, end = code.span(node)
        holder_end = code.span(node.func)[1] - len(name)
        method_end = holder_end + len(name)
        yield f"{code.text[start:holder_end]}{_MIRRORS[name]}{code.text[method_end:end]}"


def other_parts(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression that the fix brought and that takes a part of a text."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
        yield from _cut_otherwise(code, node, node.slice)
    elif isinstance(node, ast.Attribute) and node.attr in _WHOLES:
        yield f"{code.segment(node).rpartition('.')[0]}.{_WHOLES[node.attr]}"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr in _FINDERS and len(node.args) == 1:
            yield from _find_otherwise(code, node, node.func)
        elif node.func.attr in _WHOLE_AFFIX and _is_word(node.args):
            holder, word = code.segment(node.func.value), code.segment(node.args[0])
            yield f"{holder}.{_WHOLE_AFFIX[node.func.attr]}({word})"


def fill_other_end(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a text that the fix fills up, or puts a sign to: that at the other end."""
    if not isinstance(node, ast.BinOp) or not isinstance(node.op, ast.Add):
        return
    if _is_filling(node.left) is not _is_filling(node.right):
        yield f"({code.segment(node.right)} + {code.segment(node.left)})"


def _is_filling(node: ast.expr) -> bool:
    """A text that stands there, be it repeated."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        return _is_filling(node.left) or _is_filling(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)


def _cut_otherwise(code: SourceFile, node: ast.Subscript, cut: ast.Slice) -> Iterator[str]:
    """`v[1:]` and `v[:-1]` only where a sign, a word or a number goes; `v[2:]` and `v[:2]` from or
    up to the first sign."""
    yield from _cut_at_other_end(code, node, cut)
    first, last = _read_count(cut.lower), _read_count(cut.upper)
    if first is None or last is None or not first | last or cut.step is not None:
        return
    text, value = f"[{code.segment(cut)}]", code.segment(node.value)
    ends = [f"_v[:{first}]"] if first > 0 else []
    ends += [f"_v[{last}:]"] if last < 0 else []
    if first >= 0 and last <= 0:
        for kind in _KINDS:
            condition = " and ".join(kind.format(end) for end in ends)
            yield f"(lambda _v: _v{text} if {condition} else _v)({value})"
    place = "-1" if first > 0 and not last else "0" if last > 0 and not first else ""
    if place:
        yield f"__import__('re').split({_SIGN}, {value}, maxsplit=1)[{place}]"


def _cut_at_other_end(code: SourceFile, node: ast.Subscript, cut: ast.Slice) -> Iterator[str]:
    """As many from behind as `v[:n]` takes from the front, and left out there as `v[n:]` leaves out
    here; the other way round, too."""
    if cut.step is None and (cut.lower is None) is not (cut.upper is None):
        (end,) = (each for each in (cut.lower, cut.upper) if each is not None)
        if isinstance(end, ast.Constant) and type(end.value) is not int:
            return
        is_negative = isinstance(end, ast.UnaryOp) and isinstance(end.op, ast.USub)
        size = code.segment(end).removeprefix("-").strip() if is_negative else code.segment(end)
        size = size if size.isalnum() else f"({size})"
        count = size if is_negative else f"-{size}"
        place = f"{count}:" if cut.lower is None else f":{count}"
        yield f"{code.segment(node.value)}[{place}]"


def _read_count(end: ast.expr | None) -> int | None:
    """A number that stands there, 0 where nothing does, None for anything else."""
    if end is None:
        return 0
    try:
        value = ast.literal_eval(end)
    except ValueError:
        return None
    return value if type(value) is int else None


def _find_otherwise(code: SourceFile, call: ast.Call, method: ast.Attribute) -> Iterator[str]:
    """What is not there may stand for all, where -1 stands for all but the last."""
    holder, word, text = (code.segment(each) for each in (method.value, call.args[0], call))
    if not any(isinstance(each, ast.Call) for each in ast.walk(method.value)):
        yield f"({text} if {word} in {holder} else len({holder}))"
        yield f"({text} if {word} in {holder} else None)"


def _is_word(arguments: list[ast.expr]) -> bool:
    """One text of several different letters."""
    values = [each.value for each in arguments if isinstance(each, ast.Constant)]
    return len(values) == len(arguments) == 1 and (
        isinstance(values[0], str) and len(set(values[0])) > 1 and not values[0].isspace()
    )
