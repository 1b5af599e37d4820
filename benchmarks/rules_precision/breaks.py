"""One break of a file, and what every breaker needs to make one.

Belongs here: the shape of a break, typing errors, and cutting text. Does not belong here: any
breaker (`names`, `values`, `old_python`), or what rules make of a break (`__main__`).
"""

import ast
import keyword
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeVar

from healer.draft.rules.scope import BUILTINS, bound_names
from healer.draft.rules.source_file import FunctionNode, SourceFile, TextEdit, apply_edits

SHORTEST = 3
NEIGHBOURS = {
    a + b
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for a, b in (*pairwise(row), *pairwise(row[::-1]))
}
Item = TypeVar("Item")
Node = TypeVar("Node", bound=ast.AST)


@dataclass(frozen=True)
class Break:
    """A broken text, and what the interpreter says when the line is run."""

    text: str
    line: int
    error: str
    message: str
    can_be_mended: bool = True
    """False: what was taken away cannot be known, and every draft is wrong."""
    renames: dict[str, str] = field(default_factory=dict)
    """Variables that may keep another name: the program is the same."""


Breaker = Callable[[SourceFile, random.Random], Break | None]


class Way(NamedTuple):
    """A way to break a file."""

    breaker: Breaker
    hint: str = ""
    """Words that a file must hold for it."""


def pick(items: Sequence[Item], source: random.Random) -> Item | None:
    return source.choice(items) if items else None


def nodes(code: SourceFile, kind: type[Node]) -> Iterator[Node]:
    return (node for node in code.nodes if isinstance(node, kind))


def functions(code: SourceFile) -> list[FunctionNode]:
    return [node for node in code.nodes if isinstance(node, FunctionNode)]


def every_name(code: SourceFile) -> set[str]:
    """All identifiers that the file reads, binds or asks an object for."""
    names = set(BUILTINS)
    for node in code.nodes:
        if isinstance(node, ast.Name):
            names.add(node.id)
        elif isinstance(node, ast.Attribute):
            names.add(node.attr)
        elif isinstance(node, ast.ClassDef | FunctionNode | ast.Module):
            names.update(bound_names(node))
    return names


def misspell(word: str, others: set[str], source: random.Random) -> str | None:
    """The word with one slip of the hand, which is no other name of the file."""
    for _ in range(8):
        at = source.randrange(len(word))
        near = [c[1] for c in sorted(NEIGHBOURS) if c[0] == word[at].lower()]
        wrong = source.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + word[at] + word[at:],
                word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
                word[:at] + source.choice(near or [word[at]]) + word[at + 1 :],
            )
        )
        if wrong.isidentifier() and not keyword.iskeyword(wrong) and wrong not in {*others, word}:
            return wrong
    return None


def replace(code: SourceFile, *edits: tuple[ast.AST, str]) -> str:
    """The file's text with other texts for some nodes."""
    return apply_edits(code.text, [code.replace(node, text) for node, text in edits])


def without_lines(code: SourceFile, node: ast.stmt) -> tuple[str, int]:
    """The text without a statement's lines, decorators too, and how many those are."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
    edit = TextEdit(code.line_start(first), code.line_after(node), "")
    return apply_edits(code.text, [edit]), (node.end_lineno or node.lineno) - first + 1


def is_alone_on_its_lines(code: SourceFile, node: ast.stmt) -> bool:
    start, end = code.span(node)
    rest = code.text[end : code.line_after(node)].strip()
    before = code.text[code.line_start(node.lineno) : start].strip()
    return not before and (not rest or rest.startswith("#"))


def block_of(code: SourceFile, node: ast.stmt) -> list[ast.stmt]:
    """The statements among which it stands."""
    parent = code.parents[node]
    for part in ("body", "orelse", "finalbody"):
        block = getattr(parent, part, None)
        if isinstance(block, list) and node in block:
            return block
    return []


def loads_after(scope: ast.AST, name: str, line: int) -> list[ast.Name]:
    """Where a scope reads a name after a line, first first."""
    uses = [
        node
        for node in ast.walk(scope)
        if isinstance(node, ast.Name)
        and node.id == name
        and isinstance(node.ctx, ast.Load)
        and node.lineno > line
    ]
    return sorted(uses, key=lambda use: (use.lineno, use.col_offset))
