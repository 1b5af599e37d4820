"""A regular expression as somebody else might have written it as well: what it takes that the
tests never gave it.

Belongs here: small edits of the text of one pattern. Does not belong here: which of them change
what a fix brought (`neighbours`), or running them. Pure.

The edits are those of the operators of Arcaini, Gargantini and Riccobene ("MutRex: a mutation-based
generator of fault detecting strings for regular expressions", 2017) that people mean: a letter in
place of the letters that stand elsewhere in the pattern, one character in place of several, the
longest in place of the shortest text, and a border that is asked for or not.
"""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TypeGuard

from healer.draft.rules.source_file import SourceFile

_FUNCTIONS = frozenset({
    "compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn",
})  # fmt: skip
_MODULES = frozenset({"re", "regex"})
_TOKEN = re.compile(
    r"""(?P<border>\\[bBAZz]|\^|\$)
    |(?P<class>\\[dwsDWS]|\[\^?\]?(?:\\.|[^\]\\])*\])
    |(?P<letter>[A-Za-z0-9_])
    |(?P<any>\.)
    |(?P<quantifier>[*+?]|\{\d*,?\d*\})
    |(?P<group>\(\?(?:P<\w+>|P=\w+\)|[aiLmsux-]+[:)]|[:=!]|<[=!]|\#[^)]*\))|\()
    |(?P<other>\\?.)""",
    re.VERBOSE | re.DOTALL,
)
_SEVERAL = frozenset({"\\d", "\\w", "\\S"})
"""What seldom stands for just one character."""


def vary_pattern(code: SourceFile, node: ast.expr) -> Iterator[str]:
    """In place of an expression that is the text of a pattern; nothing for any other."""
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    if _is_pattern(code, node) and _can_be_compiled(node.value):
        for pattern in dict.fromkeys(_edit(node.value)):
            if pattern != node.value and _can_be_compiled(pattern):
                yield _write(pattern)


def _is_pattern(code: SourceFile, node: ast.Constant) -> bool:
    """It is what a function of `re` is given first, at once or by a name that it gets here."""
    above = code.parents.get(node)
    if isinstance(above, ast.Assign) and above.value is node:
        names = {each.id for each in above.targets if isinstance(each, ast.Name)}
        firsts = (each.args[0] for each in code.nodes if _asks_pattern(each))
        return any(isinstance(each, ast.Name) and each.id in names for each in firsts)
    return _asks_pattern(above) and above.args[0] is node


def _asks_pattern(node: ast.AST | None) -> TypeGuard[ast.Call]:
    if not isinstance(node, ast.Call) or not node.args:
        return False
    function = node.func
    if not isinstance(function, ast.Attribute) or not isinstance(function.value, ast.Name):
        return False
    return function.attr in _FUNCTIONS and function.value.id in _MODULES


def _edit(pattern: str) -> Iterator[str]:
    tokens = [(match.lastgroup, match[0], match.span()) for match in _TOKEN.finditer(pattern)]
    # Nobody means "any sign but these" where a letter stands.
    classes = [t for kind, t, _ in tokens if kind == "class" and re.match(r"\[[^^]", t)]
    for (kind, text, (start, end)), (_, after, _) in pairwise([*tokens, (None, "", (0, 0))]):
        before, rest = pattern[:start], pattern[end:]
        if kind == "border":
            yield before + rest
        elif kind == "letter":
            yield from (before + each + rest for each in classes if re.fullmatch(each, text))
        elif text in _SEVERAL and after not in ("*", "+", "?") and not after.startswith("{"):
            yield f"{before}{text}+{rest}"
        elif text in ("*", "+") and before.endswith(".") and not before.endswith("\\."):
            yield before + text + (rest[1:] if after == "?" else f"?{rest}")


def _can_be_compiled(pattern: str) -> bool:
    try:
        re.compile(pattern)
    except re.error:
        return False
    return True


def _write(pattern: str) -> str:
    """As a raw text where it can be one."""
    if re.search(r"""["\n]|\\$""", pattern):
        return repr(pattern)
    return f'r"{pattern}"'
