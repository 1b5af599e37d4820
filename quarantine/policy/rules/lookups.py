"""The rule about names that cannot be checked, since they are only put together at run time.

Belongs here: imports and lookups that hide what they reach. Does not belong here: names that are
put together of constants: those are resolved (`folding`, `names`).
"""

import ast
from collections.abc import Iterator

from quarantine.policy.files import FileChange, Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, cwe, rule, short_source

_LOOKUPS = frozenset(
    {"builtins.getattr", "builtins.setattr", "builtins.delattr", "builtins.hasattr",
     "builtins.__import__", "importlib.import_module", "operator.attrgetter",
     "operator.methodcaller"}
)  # fmt: skip


@rule(
    "hidden-name",
    "person",
    "A name is put together at run time, so it cannot be checked ({what}).",
    refuses="""
          import os
        + getattr(os, name)(0)
        """,
    allows="""
        + value = getattr(row, "value", None)
        """,
    link=cwe(470),
)
def hidden_names(patch: Patch) -> Iterator[Hit]:
    """A star import, an import of the built-ins or of the running program, or a lookup by a
    computed name."""
    for file in patch.python:
        for name, line in file.new_module.names.stars if file.new_module else ():
            if name not in _find_stars(file) and not name.startswith("."):
                yield Hit(file.path, line, f"from {name} import *")
    for file, node in find_new(patch.python, _find_inner_imports, ast.dump):
        yield Hit(file.path, line_of(node), short_source(node))
    for file, node in find_new(patch.product, _find_computed_lookups, ast.dump):
        yield Hit(file.path, line_of(node), short_source(node))


def _find_stars(file: FileChange) -> set[str]:
    return {name for name, _ in file.old_module.names.stars} if file.old_module else set()


def _find_inner_imports(module: Module) -> Iterator[ast.AST]:
    """Imports of the built-ins or of the running program: honest code has both at hand."""
    for use in module.uses:
        if use.kind == "import" and use.name.split(".")[0] in {"builtins", "__main__"}:
            yield use.node


def _find_computed_lookups(module: Module) -> Iterator[ast.AST]:
    """Lookups whose name is put together, or looked up by a variable in a module."""
    for node in module.of(ast.Call):
        if not isinstance(node, ast.Call) or not _LOOKUPS & set(module.names.resolve(node.func)):
            continue
        is_in_object = len(node.args) > 1
        if not node.args:
            continue
        name = node.args[1 if is_in_object else 0]
        if isinstance(name, ast.Constant):
            continue
        varies = any(isinstance(part, ast.Name) and part.id != "chr" for part in ast.walk(name))
        owners = [n for n in module.names.resolve(node.args[0]) if not n.startswith("?")]
        if not varies or (is_in_object and owners):
            yield node


RULES = (hidden_names,)
