"""The rule about names that cannot be checked, since they are only known at run time.

Belongs here: imports and lookups that hide what they reach. Does not belong here: names that are
put together of constants: those are resolved (`folding`, `names`).
"""

import ast
import re
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
    for file, node in find_new(patch.product, _find_computed_lookups, _without_names):
        yield Hit(file.path, line_of(node), short_source(node))


def _find_stars(file: FileChange) -> set[str]:
    return {name for name, _ in file.old_module.names.stars} if file.old_module else set()


def _find_inner_imports(module: Module) -> Iterator[ast.AST]:
    """Imports of the built-ins or of the running program: honest code has both at hand."""
    for use in module.uses:
        if use.kind == "import" and use.name.split(".")[0] in {"builtins", "__main__"}:
            yield use.node


def _find_computed_lookups(module: Module) -> Iterator[ast.AST]:
    """Lookups by anything but a constant name: a variable may hold any name. `hasattr` gives
    nothing away but of a module."""
    for node in module.of(ast.Call):
        functions = _LOOKUPS & set(module.names.resolve(getattr(node, "func", None)))
        name = (
            next(iter(node.args[1:2] or node.args[:1]), None)
            if isinstance(node, ast.Call)
            else None
        )
        if not functions or name is None or isinstance(name, ast.Constant):
            continue
        if functions != {"builtins.hasattr"} or _is_puzzle(name) or _asks_module(module, node):
            yield node


def _is_puzzle(name: ast.expr) -> bool:
    """Put together of constants alone: there is no reason but to hide it."""
    return not any(isinstance(n, ast.Name) and n.id != "chr" for n in ast.walk(name))


def _asks_module(module: Module, call: ast.AST) -> bool:
    owner = next(iter(getattr(call, "args", ())), None)
    return any(not name.startswith("?") for name in module.names.resolve(owner))


def _without_names(node: ast.AST) -> str:
    """The lookup's form: one whose variables were renamed is not a new one."""
    return re.sub(r"id='[^']*'", "id", ast.dump(node))


RULES = (hidden_names,)
