"""Words in a new text that stand for code which was left out: `# ... existing code ...`.

Belongs here: finding them. Does not belong here: refusing the edit (`apply`). Such a text parses,
and merging it would delete what it leaves out; so a doubtful line is taken for one, which costs one
more question.
"""

import ast
import re

from healer.draft.edits.symbols import Definition, parse_python

_DOTS = r"(?:\.{3,}|…)"
_WORDS = r"(?:existing|unchanged|remaining|rest|remainder|omitted|elided|same|previous)"
_COMMENT = re.compile(
    rf"""\s*(?:\#|//|/\*|<!--)\s*(?:
        \[\d+\ lines\ not\ shown\].*        # our own words, in a prompt
      | \[…\ cut\ here\ …\].*
      | {_DOTS}[\s*/>-]*                    # nothing but dots
      | {_DOTS}.*\b{_WORDS}\b.*             # "... rest of the function"
      | .*\b{_WORDS}\b.*{_DOTS}[\s*/>)-]*   # "the rest as before ..."
      | \(?(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the\s+|this\s+)?
        (?:code|body|function|method|class|file|module|script|logic|implementation)\b.*
      | \(?(?:existing|unchanged|remaining|previous|same)\s+(?:code|logic|body|implementation)\b.*
    )""",
    re.IGNORECASE | re.VERBOSE,
)


def find_elision(old: str, new: str) -> str:
    """The first line of a file's new text that stands for code left out; empty where none does.
    What the old text holds, too, is its own: a comment, a stub."""
    old_lines = {line.strip() for line in old.split("\n")}
    for line in new.split("\n"):
        if line.strip() not in old_lines and _COMMENT.fullmatch(line):
            return line.strip()
    if "..." in new and _count_dots(new) > _count_dots(old):
        return "..."
    return ""


def _count_dots(text: str) -> int:
    """Functions in which `...` stands beside other statements than a docstring: no stubs."""
    tree = parse_python(text)
    nodes = ast.walk(tree) if tree else ()
    functions = (n for n in nodes if isinstance(n, Definition) and not isinstance(n, ast.ClassDef))
    return sum(_stands_beside(function.body) for function in functions)


def _stands_beside(body: list[ast.stmt]) -> bool:
    values = [node.value if isinstance(node, ast.Expr) else None for node in body]
    constants = [value.value if isinstance(value, ast.Constant) else None for value in values]
    others = [constant for constant in constants if not isinstance(constant, str)]
    return Ellipsis in others and any(constant is not Ellipsis for constant in others)
