"""Rules of default-deny: names that drafted code newly uses and no table allows.

Belongs here: names of the standard library and built-ins, inner attributes, modules as values. Does
not belong here: the tables of what is allowed (`allowed`), looking at the surroundings
(`surroundings`), lookups by a computed name (`lookups`).
"""

import ast
import builtins
import re
from collections.abc import Iterator

from quarantine.policy import allowed
from quarantine.policy.files import Patch
from quarantine.policy.module import Module, Use
from quarantine.policy.new_items import find_new, fresh_uses, line_of, old_uses, plain_name
from quarantine.policy.rule import Hit, cwe, is_passive, rule
from quarantine.policy.rules.surroundings import kind_of

_DUNDER = re.compile(r"__\w+__")


@rule(
    "unlisted-name",
    "person",
    "It newly uses {what}, which stands in no table of what a repair may use.",
    refuses="""
        + import select
        + poll = select.poll()
        """,
    allows="""
        + import statistics
        + mean = statistics.fmean(rows)
        """,
    link=cwe(829),
)
def unlisted_names(patch: Patch) -> Iterator[Hit]:
    """A built-in or a name of the standard library that the changed files did not use, and that is
    not known to work on its arguments alone."""
    old = list(old_uses(patch))
    names = {use.name for use in old}
    tops = {use.name.partition(".")[0] for use in old if use.kind == "import"}
    for file, use in fresh_uses(patch):
        if use.name not in names and not kind_of(use) and not _is_listed(use, tops):
            yield Hit(file.path, line_of(use), plain_name(use.name))


@rule(
    "inner-attribute",
    "person",
    "It reaches into the inner parts of an object ({what}).",
    refuses="+ tools = print.__self__",
    allows="""
          class Row:
        +     def __eq__(self, other):
        +         return isinstance(other, self.__class__) and self.name == other.name
        """,
    link=cwe(470),
)
def inner_attributes(patch: Patch) -> Iterator[Hit]:
    """An attribute with two underscores that is no special method and no name."""
    for file, use in find_new(patch.python, _find_inner, lambda use: _inner_parts(use.name)):
        yield Hit(file.path, line_of(use), plain_name(use.name))


@rule(
    "module-as-value",
    "person",
    "It hands on a module ({what}), so what is used of it cannot be checked.",
    refuses="""
          import os
        + tools = [os]
        """,
    allows="""
          import os
        + tools = [os.sep, os.linesep]
        """,
    link=cwe(470),
)
def modules_as_values(patch: Patch) -> Iterator[Hit]:
    """An imported module that is stored, given or returned; not one that is asked for at all."""
    for file, use in find_new(patch.product, _find_module_loads, lambda use: use.name):
        yield Hit(file.path, line_of(use), use.name)


def _is_listed(use: Use, tops: set[str]) -> bool:
    """Whether a table allows the name, or its module was there and is none to look around with."""
    top, _, rest = use.name.partition(".")
    if top == "builtins":
        first = rest.partition(".")[0]
        is_known = first in allowed.BUILTINS or not hasattr(builtins, first)
        is_named = is_known or _DUNDER.fullmatch(first) is not None
        return is_named and not allowed.is_excepted(use.name)
    if not allowed.is_standard(use.name) or allowed.is_pure(use.name):
        return True
    if is_passive(use) and (use.kind != "import" or top in tops):
        return True
    if use.kind != "call" and allowed.has_pure_parts(use.name):
        return True  # a module by its name; handing it on is `module-as-value`
    return top in tops and top not in allowed.STRICT and not allowed.is_pure(top)


def _find_inner(module: Module) -> Iterator[Use]:
    for use in module.uses:
        if _inner_parts(use.name) and not _is_own_class(module, use):
            yield use


def _inner_parts(name: str) -> tuple[str, ...]:
    """The inner attributes that a dotted name goes through."""
    parts = name.split(".")
    return tuple(
        part
        for part in parts[1 if parts[0] != "builtins" else 2 :]
        if _DUNDER.fullmatch(part) and part not in allowed.DUNDERS
    )


def _is_own_class(module: Module, use: Use) -> bool:
    """An object's class that is named, called, or compared with another: `self.__class__`."""
    if _inner_parts(use.name) != ("__class__",):
        return False
    if use.name.endswith((".__class__.__name__", ".__class__.__qualname__")):
        return True
    if not use.name.endswith(".__class__"):
        return False
    match module.parent(use.node):
        case ast.Compare() | ast.Call(func=ast.Name(id="isinstance" | "issubclass")):
            return True
    return use.kind == "call"


def _find_module_loads(module: Module) -> Iterator[Use]:
    imports = {alias.name for node in module.of(ast.Import) for alias in getattr(node, "names", ())}
    for use in module.uses:
        if use.kind == "load" and use.name in imports and not _asks_presence(module, use.node):
            yield use


def _asks_presence(module: Module, node: ast.AST) -> bool:
    """`ssl is None`, `if ssl:`: whether an import worked."""
    match module.parent(node):
        case ast.Compare(ops=[ast.Is() | ast.IsNot()]) | ast.If() | ast.BoolOp() | ast.IfExp():
            return True
        case ast.Call(func=ast.Name(id="getattr" | "hasattr" | "setattr" | "delattr")):
            return True  # the name that is looked up is resolved, or is `hidden-name`
        case ast.UnaryOp(op=ast.Not()):
            return True
    return False


RULES = (unlisted_names, inner_attributes, modules_as_values)
