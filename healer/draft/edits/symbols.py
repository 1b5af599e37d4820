"""Finds a function, method or class by its qualified name, and fits its new source.

Belongs here: what belongs to a symbol (decorators do, comments above it do not) and which new
source is acceptable. Does not belong here: quoted text (`locate`).
"""

import ast
import difflib
import re
import textwrap
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.indent import fitted, indentation, unit_of

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_SHOWN_NAMES = 20


class Named(NamedTuple):
    """A definition and its qualified name, without `<locals>`: `outer.inner`, `Report.total`."""

    name: str
    node: Definition


class Region(NamedTuple):
    """Characters `start` to `end` (no final newline) hold a symbol; `text` takes their place."""

    start: int
    end: int
    text: str


def parse(text: str) -> ast.Module | None:
    """The syntax tree, or None where this Python cannot parse it. Warnings are left unsaid."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def definitions(tree: ast.AST, prefix: str = "") -> Iterator[Named]:
    """Every function and class in the tree, also nested ones and ones under `if` and `try`."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Definition):
            name = f"{prefix}{node.name}"
            yield Named(name, node)
            yield from definitions(node, f"{name}.")
        elif not isinstance(node, ast.expr):
            yield from definitions(node, prefix)


def first_line(node: Definition) -> int:
    """1-based; decorators belong to what they decorate."""
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])


def replaced_symbol(text: str, symbol: str, source: str) -> Region:
    """Where `symbol` stands in `text`, and `source` fitted to that place, or EditRefused."""
    old = _found(text, symbol)
    new, new_lines = _parsed(source, old)
    own = indentation(new_lines[0])
    lines = text.split("\n")
    start, end = first_line(old) - 1, old.end_lineno or old.lineno
    if old.decorator_list and not new.decorator_list:
        decorators = textwrap.dedent("\n".join(lines[start : old.lineno - 1]))
        new_lines[new.lineno - 1 : new.lineno - 1] = textwrap.indent(decorators, own).split("\n")
    new_lines = _without_repeated_comments(new_lines, lines[:start])
    body = fitted(
        "\n".join(new_lines), source=own, target=indentation(lines[start]), unit=unit_of(text)
    )
    offset = sum(len(line) + 1 for line in lines[:start])
    length = sum(len(line) + 1 for line in lines[start:end]) - 1
    return Region(offset, offset + length, body)


def _found(text: str, symbol: str) -> Definition:
    tree = parse(text)
    if tree is None:
        raise EditRefused("the file does not parse, so it has no symbols; use replace_text")
    wanted = re.sub(r"\.<locals>|\(\)|\s", "", symbol)
    everything = list(definitions(tree))
    found = [named.node for named in everything if named.name == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        shown = ", ".join(str(node.lineno) for node in found)
        raise EditRefused(
            f"{symbol!r} is defined {len(found)} times (lines {shown}); use replace_text and "
            f"quote the one that is meant"
        )
    names = [named.name for named in everything]
    near = difflib.get_close_matches(wanted, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    known = ", ".join(names[:_SHOWN_NAMES]) or "none"
    raise EditRefused(
        f"there is no function, method or class {symbol!r}; {hint}The file defines: {known}"
    )


def _parsed(source: str, old: Definition) -> tuple[Definition, list[str]]:
    """The new definition and its lines as given, without empty ones around it."""
    given = source.strip("\n").rstrip()
    tree = parse(textwrap.dedent(given))
    if tree is None:
        raise EditRefused(
            f"the new source of {old.name!r} does not parse; give the whole definition, "
            f"starting with its def or class line"
        )
    node = tree.body[0] if len(tree.body) == 1 else None
    same_kind = isinstance(node, ast.ClassDef) == isinstance(old, ast.ClassDef)
    if not isinstance(node, Definition) or node.name != old.name or not same_kind:
        kind = "class" if isinstance(old, ast.ClassDef) else "function"
        raise EditRefused(
            f"the new source must be the one {kind} {old.name!r} and nothing else; put imports "
            f"and other code into edits of their own"
        )
    return node, given.split("\n")


def _without_repeated_comments(new_lines: list[str], above: list[str]) -> list[str]:
    """Comments above a symbol stay where they are; the new source need not bring them again."""
    stripped = (line.lstrip() for line in new_lines)
    count = next((n for n, line in enumerate(stripped) if not line.startswith("#")), 0)
    comments = [line.strip() for line in new_lines[:count]]
    repeated = comments == [line.strip() for line in above[len(above) - count :]]
    return new_lines[count:] if count and repeated else new_lines
