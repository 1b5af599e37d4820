"""What a function's docstring promises of a statement that a rule would mend: then the failure
alone does not force the mend.

Belongs here: which words of a docstring speak of which kind of expression. Does not belong here:
examples in docstrings, which are run (`healer.evidence.examples`), or what is forced (`drafter`).
Pure.

A rule gives back what the code did on an older Python. Where the docstring says that the end is
counted in, or what a thing counts as, the code may never have done what it promises.
"""

import ast
import difflib
import re
from collections.abc import Callable

from healer.draft.rules.source_file import SourceFile

_ENDS = re.compile(
    r"\b(?:inclusive(?:ly)?|including|included|up to and|both ends)\b", re.IGNORECASE
)
_KINDS = re.compile(r"\b(?:counts? as|is taken for|stands? for)\b", re.IGNORECASE)
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_RANGES = frozenset(("range", "xrange"))
_KIND_TESTS = frozenset(("isinstance", "issubclass", "callable", "type"))


def has_promise(base: str, fix: str) -> bool:
    """Whether the docstring of a function that the fix changes says where a range or an order ends,
    or what something counts as, and a changed statement holds such an expression."""
    code = SourceFile("", base)
    for line in _find_changed_lines(base, fix):
        function = code.function_at(line)
        docstring = ast.get_docstring(function) if function else None
        nodes = list(code.nodes_of_statement(line))
        for words, is_meant in _PROMISES:
            if docstring and words.search(docstring) and any(map(is_meant, nodes)):
                return True
    return False


def _has_end(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return any(isinstance(each, _ORDERS) for each in node.ops)
    return isinstance(node, ast.Slice) or _name_of_call(node) in _RANGES


def _asks_for_kind(node: ast.AST) -> bool:
    return _name_of_call(node) in _KIND_TESTS


def _name_of_call(node: ast.AST) -> str:
    return getattr(node.func, "id", "") if isinstance(node, ast.Call) else ""


_PROMISES: tuple[tuple[re.Pattern[str], Callable[[ast.AST], bool]], ...] = (
    (_ENDS, _has_end),
    (_KINDS, _asks_for_kind),
)


def _find_changed_lines(base: str, fix: str) -> list[int]:
    """1-based lines of the base that are others in the fix."""
    lines = [text.split("\n") for text in (base, fix)]
    matcher = difflib.SequenceMatcher(None, lines[0], lines[1], autojunk=False)
    return [
        line + 1
        for tag, first, last, _, _ in matcher.get_opcodes()
        if tag != "equal"
        for line in range(first, last)
    ]
