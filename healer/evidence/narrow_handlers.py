"""A fix that catches errors, held against one that only asks whether the value is empty.

Belongs here: texts of a whole file in which a handler of errors that a fix brings is narrower. Does
not belong here: other edits of what a fix brings (`variations`). Pure.

A handler takes whatever is wrong with a value for the one thing that failed: an empty cell, and
each misspelt, cut or foreign one with it. Where tests ask for no more than the empty one, nothing
says that the others may pass for it unseen.
"""

import ast
import builtins
import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence

from healer.draft.rules.source_file import SourceFile
from healer.evidence.neighbour import NARROW, Neighbour

MOST_VALUES = 4
"""Of those that one block reads, so many are asked for, each by itself."""
_SUPPRESS = "suppress"
"""`contextlib.suppress`: a handler that does nothing."""
Block = ast.Try | ast.With


def narrow_handlers(path: str, base: str, fix: str) -> Iterator[Neighbour]:
    """The fix with, in place of each block whose errors it newly catches, the same statements and
    the handler's for an empty value alone: None, nought, an empty or blank text, an empty list."""
    code = SourceFile(path, fix)
    before = Counter(map(_describe, _list_blocks(SourceFile(path, base))))
    for block in _list_blocks(code):
        sign = _describe(block)
        before[sign] -= 1
        if before[sign] < 0:
            for value in _list_values(block.body)[:MOST_VALUES]:
                text = textwrap.indent(_ask_for(value, block), " " * block.col_offset).lstrip()
                start, end = code.span(block)
                content = fix[:start] + text + fix[end:]
                if SourceFile(path, content).tree is not None:
                    yield Neighbour(path, content, f"{NARROW}/{value}", block.lineno)


def _list_blocks(code: SourceFile) -> list[Block]:
    """Those that catch errors, are done then, and do not look at the error."""
    return [node for node in code.nodes if isinstance(node, Block) and _catches(node)]


def _catches(block: Block) -> bool:
    if isinstance(block, ast.With):
        return [_name_of(item.context_expr) for item in block.items] == [_SUPPRESS]
    is_plain = not block.finalbody and all(handler.name is None for handler in block.handlers)
    return is_plain and bool(block.handlers) and not _raises(block.handlers[0])


def _name_of(node: ast.expr) -> str:
    callee = node.func if isinstance(node, ast.Call) else node
    return getattr(callee, "attr", getattr(callee, "id", ""))


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def _describe(block: Block) -> str:
    """What it does where an error comes, without what it does before."""
    parts: Sequence[ast.AST] = block.items if isinstance(block, ast.With) else block.handlers
    return " ".join(map(ast.dump, parts))


def _list_values(body: Sequence[ast.stmt]) -> list[str]:
    """What the statements read by a name or a part of one, but for what they call; parts first:
    `row["price"]` is the value, and `row` what holds it."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    callees = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    targets = {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    reads = [
        node
        for kind in (ast.Subscript, ast.Attribute, ast.Name)
        for node in nodes
        if isinstance(node, kind) and isinstance(node.ctx, ast.Load) and id(node) not in callees
    ]
    names = [{n.id for n in ast.walk(node) if isinstance(n, ast.Name)} for node in reads]
    texts = (
        ast.unparse(node)
        for node, own in zip(reads, names, strict=True)
        if own and not own & targets and not own <= vars(builtins).keys()
    )
    return list(dict.fromkeys(texts))


def _ask_for(value: str, block: Block) -> str:
    is_empty = f"not {value} or not str({value}).strip()"
    if isinstance(block, ast.With):
        handler, rest = "pass", block.body
    else:
        handler, rest = _write(block.handlers[0].body), [*block.body, *block.orelse]
    lines = ("if ", is_empty, ":\n", _indent(handler), "\nelse:\n", _indent(_write(rest)))
    return "".join(lines)


def _write(statements: Sequence[ast.stmt]) -> str:
    return "\n".join(map(ast.unparse, statements))


def _indent(text: str) -> str:
    return textwrap.indent(text, "    ")
