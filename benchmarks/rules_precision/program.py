"""Whether two texts are one program.

Belongs here: comparing syntax trees, imports in any order and from any of the places that give the
same thing. Does not belong here: breaking and drafting (`__main__`).
"""

import ast
import collections.abc
import typing

from healer.draft.rules.source_file import SourceFile


def is_same_program(text: str, original: str, renames: dict[str, str]) -> bool:
    """The text does what the original does; `renames` are variables that may keep another name."""
    draft = SourceFile("", text).tree
    return bool(text) and draft is not None and _program(text, renames) == _program(original, {})


def _program(text: str, renames: dict[str, str]) -> tuple[str, frozenset[str]]:
    """What a text does: its tree without the imports at its top, and those by name."""
    tree = _OneImportEach().visit(ast.parse(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = renames.get(node.id, node.id)
    imports: set[str] = set()
    body: list[ast.stmt] = []
    for node in tree.body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                home, _, name = alias.name.rpartition(".")
                is_member = bool(home and alias.asname)  # as `from a import b as c` says it too
                word = f"from {home} import {name}" if is_member else f"import {alias.name}"
                word = word.removesuffix(".path") if word == "import os.path" else word  # the same
                imports.add(f"{word} as {alias.asname}")
        elif isinstance(node, ast.ImportFrom):
            home = "." * node.level + (node.module or "")
            for alias in node.names:
                imports.add(f"from {_home(home, alias.name)} import {alias.name} as {alias.asname}")
        else:
            body.append(node)
    return ast.dump(ast.Module(body, [])), frozenset(imports)


class _OneImportEach(ast.NodeTransformer):
    """Makes of an import of several names as many imports."""

    def visit_Import(self, node: ast.Import) -> list[ast.Import]:
        return [ast.Import([alias]) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> list[ast.ImportFrom]:
        return [ast.ImportFrom(node.module, [alias], node.level) for alias in node.names]


def _home(module: str, name: str) -> str:
    """One of the modules that give the same thing under the same name."""
    if module == "typing" and name in collections.abc.__all__:
        return "collections.abc"
    return "typing" if module == "typing_extensions" and hasattr(typing, name) else module
