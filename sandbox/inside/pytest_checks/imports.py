"""Which of the files that were loaded a test file imports, itself or through others.

Belongs here: reading import statements. In doubt a file counts as imported: that can hold a fix
back, and lets none through. Does not belong here: what was loaded (`command_run`).
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

_DYNAMIC = frozenset(
    ("import_module", "__import__", "run_path", "run_module", "exec", "spec_from_file_location")
)
"""Who uses one of these may have loaded anything."""


def find_files_imported(
    path: str, others: Collection[str], read: Callable[[str], bytes | None]
) -> set[str]:
    """Of the other files, those that lie on a way of imports from the file at `path`, and that file
    itself; all of them where that cannot be told."""
    files: set[str] = set()
    waiting = [path]
    while waiting:
        file = waiting.pop()
        if file in files:
            continue
        files.add(file)
        names = list_names(read(file))
        if names is None:
            return set(others)
        waiting += [each for each in others if each not in files and is_named(each, names)]
    return files


def list_names(source: bytes | None) -> set[str] | None:
    """Dotted names of modules; None where they cannot be told."""
    try:
        nodes = list(ast.walk(ast.parse(source or b"")))
    except (SyntaxError, ValueError, RecursionError):
        return None
    if source is None or any(_is_dynamic(node) for node in nodes):
        return None
    return {name for node in nodes for name in _names_of(node) if name}


def _is_dynamic(node: ast.AST) -> bool:
    return getattr(node, "id", getattr(node, "attr", "")) in _DYNAMIC


def _names_of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield node.module or ""
        for alias in node.names:
            yield f"{node.module}.{alias.name}" if node.module else alias.name


def is_named(path: str, names: Collection[str]) -> bool:
    """By one of the names, wherever the path begins that modules are looked for on, or as a package
    on the way to it."""
    module = re.sub(r"(?:/__init__)?\.py$", "", path).replace("/", ".")
    return any(
        f".{module}".endswith(f".{name}") or f".{name}.".startswith(f".{module}.") for name in names
    )
