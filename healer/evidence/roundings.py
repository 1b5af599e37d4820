"""The other way to round a half, where a docstring says what becomes of one.

Belongs here: texts in place of one rounding that the fix brought. Does not belong here: which
expressions are tried (`variations`). Pure.

`round` and `quantize` take a half to the even neighbour, and tests without a half do not see it.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.source_file import SourceFile

_HALF = re.compile(r"\bhal(?:f|ves)\b", re.IGNORECASE)
_UP, _EVEN = "ROUND_HALF_UP", "ROUND_HALF_EVEN"
_ROUND_UP = (
    f"(lambda _v, _n=0: type(_v)(__import__('decimal').Decimal(str(_v)).scaleb(_n)"
    f".to_integral_value('{_UP}').scaleb(-_n)))"
)


def round_otherwise(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of a rounding, in a function whose docstring speaks of halves: up where it is to the
    even neighbour, and the other way round."""
    function = code.function_at(node.lineno)
    docstring = ast.get_docstring(function) if function else None
    if not docstring or not _HALF.search(docstring) or not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id == "round" and not node.keywords:
        arguments = ", ".join(code.segment(each) for each in node.args)
        text = f"{_ROUND_UP}({arguments})"
        yield text if len(node.args) > 1 else f"int({text})"
    elif isinstance(node.func, ast.Attribute) and node.func.attr == "quantize" and node.args:
        way = _find_way(node)
        other = _EVEN if way == _UP else _UP
        yield f"{code.segment(node.func)}({code.segment(node.args[0])}, '{other}')"


def _find_way(call: ast.Call) -> str:
    """How it rounds: the name of the constant, or its text; to the even neighbour by itself."""
    options = [each.value for each in call.keywords if each.arg == "rounding"]
    for each in (*call.args[1:2], *options):
        if isinstance(each, ast.Constant):
            return str(each.value)
        return getattr(each, "attr", getattr(each, "id", ""))
    return _EVEN
