"""Finds a function, method or class by its qualified name, and fits its new source.

Belongs here: what belongs to a symbol (decorators do, comments above it do not) and which new
source is acceptable. Does not belong here: quoted text (`locate`).
"""

import ast
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.locate import detect_unit, indentation_of, reindent
from healer.draft.edits.textfile import Replacement
from healer.support.suggestion import nearest

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SHOWN_NAMES = 20


class Symbol(NamedTuple):
    """A definition and its qualified name, without `<locals>`: `outer.inner`, `Report.total`."""

    name: str
    node: Definition


def parse_python(text: str) -> ast.Module | None:
    """The syntax tree, or None where this Python cannot parse it. Warnings are left unsaid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def list_definitions(tree: ast.AST, prefix: str = "") -> Iterator[Symbol]:
    """Every function and class in the tree, also nested ones and ones under `if` and `try`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            name = f"{prefix}{node.name}"
            yield Symbol(name, node)
            yield from list_definitions(node, f"{name}.")
        elif not isinstance(node, ast.expr):
            yield from list_definitions(node, prefix)


def first_line(node: Definition) -> int:
    """1-based; decorators belong to what they decorate."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def replace_symbol(text: str, symbol: str, source: str) -> Replacement:
    """Where `symbol` stands in `text` (without its last line's end), and `source` fitted to that
    place; new helpers may stand beside its definition. Raises EditRefused where it stands nowhere,
    twice, or `source` is not its definition."""
    old = _find(text, symbol)
    new, new_lines = _parse_definition(source, old)
    _refuse_second(text, symbol, source, old)
    own = indentation_of(new_lines[0])
    lines = text.split("\n")
    start, end = first_line(old) - 1, old.end_lineno or old.lineno
    if old.decorator_list and not new.decorator_list:
        decorators = textwrap.dedent("\n".join(lines[start : old.lineno - 1]))
        new_lines[new.lineno - 1 : new.lineno - 1] = textwrap.indent(decorators, own).split("\n")
    new_lines = _drop_repeated_comments(new_lines, lines[:start])
    body = reindent(
        "\n".join(new_lines),
        source=own,
        target=indentation_of(lines[start]),
        unit=detect_unit(text),
    )
    offset = sum(len(line) + 1 for line in lines[:start])
    length = sum(len(line) + 1 for line in lines[start:end]) - 1
    return Replacement(offset, offset + length, body)


def _find(text: str, symbol: str) -> Definition:
    tree = parse_python(text)
    if tree is None:
        raise EditRefused("the file does not parse, so it has no symbols; use replace_text")
    name = re.sub(r"\.<locals>|\(\)|\s", "", symbol)
    everything = list(list_definitions(tree))
    nodes = [each.node for each in everything if each.name == name]
    if len(nodes) == 1:
        return nodes[0]
    if nodes:
        lines = ", ".join(str(node.lineno) for node in nodes)
        raise EditRefused(
            f"{symbol!r} is defined {len(nodes)} times (lines {lines}); use replace_text and "
            f"quote the one that is meant"
        )
    names = [each.name for each in everything]
    near = nearest(name, names)
    hint = f"did you mean {near!r}? " if near else ""
    listing = ", ".join(names[:_SHOWN_NAMES]) or "none"
    raise EditRefused(
        f"there is no function, method or class {symbol!r}; {hint}The file defines: {listing}"
    )


def _parse_definition(source: str, old: Definition) -> tuple[Definition, list[str]]:
    """The new definition and its lines as they are written, without empty ones around it."""
    text = source.strip("\n").rstrip()
    tree = parse_python(textwrap.dedent(text))
    if tree is None:
        raise EditRefused(
            f"the new source of {old.name!r} does not parse; give the whole definition, "
            f"starting with its def or class line"
        )
    namesakes = [each for each in tree.body if getattr(each, "name", "") == old.name]
    node = namesakes[0] if len(namesakes) == 1 else None
    same_kind = isinstance(node, ast.ClassDef) == isinstance(old, ast.ClassDef)
    has_more = not all(isinstance(each, Definition) for each in tree.body)
    if not isinstance(node, Definition) or not same_kind or has_more:
        kind = "class" if isinstance(old, ast.ClassDef) else "function"
        raise EditRefused(
            f"the new source must be the one {kind} {old.name!r}, beside it only new functions; "
            f"put imports and other code into edits of their own"
        )
    return node, text.split("\n")


def _refuse_second(text: str, symbol: str, source: str, old: Definition) -> None:
    """A function beside the replaced one must be new: the file would define it twice."""
    tree, bodies = parse_python(text), parse_python(textwrap.dedent(source.strip("\n")))
    scope = symbol.rpartition(".")[0]
    names = {each.name for each in list_definitions(tree)} if tree else set()
    for node in bodies.body if bodies else ():
        name = getattr(node, "name", "")
        if name != old.name and (f"{scope}.{name}" if scope else name) in names:
            raise EditRefused(
                f"the new source of {old.name!r} brings {name!r}, too, which the file has already; "
                f"put it into an edit of its own"
            )


def _drop_repeated_comments(new_lines: list[str], above: list[str]) -> list[str]:
    """Comments above a symbol are no part of it: a new source that brings them again would double
    them."""
    bare_lines = (line.lstrip() for line in new_lines)
    count = next((n for n, line in enumerate(bare_lines) if not line.startswith("#")), 0)
    comments = [line.strip() for line in new_lines[:count]]
    is_repeated = comments == [line.strip() for line in above[len(above) - count :]]
    return new_lines[count:] if count and is_repeated else new_lines
