"""One program next to a fix, and how one is made of an edit.

Belongs here: what a neighbour is, and the words that its shape may begin with. Does not belong
here: which ones there are (`neighbours`, `variations`). Pure.
"""

import ast
from dataclasses import dataclass

from healer.draft.rules.source_file import SourceFile

PART, READING, RULE, MOVED_INDEX = "part", "reading", "rule", "moved-index"
"""The first words of the shapes of what mends the failure otherwise."""
MUTANT = "mutant"
"""That of a value, sign or condition of the fix that is another one."""
NARROW = "narrow"
"""That of a handler of the fix that catches less."""


@dataclass(frozen=True)
class Neighbour:
    """One file as it might have been mended as well."""

    path: str
    content: str
    shape: str
    """`part`, or the shape of the edit, such as `compare/< to <=`."""
    line: int
    """In its own content, where it differs from what it was made of."""


def replace_node(code: SourceFile, node: ast.expr | ast.stmt, text: str, shape: str) -> Neighbour:
    """The file with other text in place of one expression or statement."""
    start, end = code.span(node)
    content = code.text[:start] + text + code.text[end:]
    return Neighbour(code.path, content, f"{shape}/{text}", node.lineno)
