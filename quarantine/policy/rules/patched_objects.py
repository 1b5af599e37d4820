"""Rules about classes, modules and objects that are changed while the program runs.

Belongs here: special methods that change how Python treats a class, and stores into what is not the
program's own. Does not belong here: comparisons (`equality`), and lists of names
(`running_program`).
"""

import ast
import sys
from collections.abc import Iterator

from quarantine.policy import allowed
from quarantine.policy.expressions import last_name
from quarantine.policy.files import Patch
from quarantine.policy.module import Module
from quarantine.policy.new_items import find_new, line_of
from quarantine.policy.rule import Hit, cwe, node_rule, rule, short_source

_HOOKS = frozenset(
    {"__getattribute__", "__getattr__", "__instancecheck__", "__subclasscheck__",
     "__subclasshook__",
     "__init_subclass__", "__set_name__", "__del__", "__class_getitem__", "__prepare__",
     "__mro_entries__", "__delattr__", "__import__"}
)  # fmt: skip
_IDENTITY = frozenset(
    {"__class__", "__bases__", "__code__", "__dict__", "__defaults__", "__kwdefaults__",
     "__wrapped__", "__mro__"}
)  # fmt: skip
_TYPE_ARGUMENTS = 3
"""`type(name, bases, namespace)` makes a class."""
_OWN_STATE = ("sys.std", "sys.tracebacklimit", "os.environ", "sys.argv")
"""Parts of the standard library that programs set, and that other rules look at."""


def _name_of(node: ast.AST) -> str:
    return str(getattr(node, "name", ""))


@node_rule(
    "class-hook",
    "person",
    "The special method {what} changes how Python treats the class.",
    refuses="""
          class Row:
        +     def __getattr__(self, name):
        +         return name
        """,
    allows="""
          class Row:
        +     def get(self, name):
        +         return self.fields[name]
        """,
    link="https://docs.python.org/3/reference/datamodel.html#customizing-attribute-access",
    key=_name_of,
    what=_name_of,
)
def class_hooks(module: Module) -> Iterator[ast.AST]:
    """A method that Python calls where the reader sees no call."""
    yield from module.methods(_HOOKS)


@node_rule(
    "class-swap",
    "reject",
    "An object's class, code or defaults are replaced at run time.",
    refuses="+ row.__class__ = Total",
    allows="+ name = row.__class__.__name__",
    link=cwe(913),
)
def class_swaps(module: Module) -> Iterator[ast.AST]:
    """An object that becomes another one, or a class that is put together by a call."""
    for node in module.of(ast.Attribute):
        is_store = isinstance(getattr(node, "ctx", None), ast.Store | ast.Del)
        if is_store and isinstance(node, ast.Attribute) and node.attr in _IDENTITY:
            yield node
    for node in module.of(ast.FunctionDef):
        if isinstance(node, ast.FunctionDef) and node.name == "__class__":
            yield node
    for node in module.of(ast.Call):
        makes_class = isinstance(node, ast.Call) and len(node.args) == _TYPE_ARGUMENTS
        if makes_class and "builtins.type" in module.names.resolve(getattr(node, "func", None)):
            yield node


@rule(
    "monkeypatch",
    "reject",
    "It replaces a part of the standard library for the whole process ({what}).",
    refuses="""
          import json
        + json.dumps = str
        """,
    allows="""
          import json
        + to_text = json.dumps
        """,
    link="https://arxiv.org/abs/2511.18397",
)
def replaced_standard(patch: Patch) -> Iterator[Hit]:
    """A store into a module or class of the standard library, in tests that come along, too."""
    for file, node in find_new(patch.python, _find_standard_stores, ast.dump):
        yield Hit(file.path, line_of(node), short_source(node))


@node_rule(
    "monkeypatch",
    "person",
    "It changes another module or class from outside ({what}).",
    refuses="""
          import rates
        + rates.TABLE = {}
        """,
    allows="""
          import rates
        + table = dict(rates.TABLE)
        """,
    link=cwe(473),
)
def replaced_others(module: Module) -> Iterator[ast.AST]:
    """A store into another module or an imported class."""
    for node, name in _find_foreign_stores(module):
        if not _is_standard(name):
            yield node


def _find_standard_stores(module: Module) -> Iterator[ast.AST]:
    for node, name in _find_foreign_stores(module):
        if _is_standard(name):
            yield node


def _is_standard(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in sys.stdlib_module_names and not name.startswith(
        _OWN_STATE
    )


def _find_foreign_stores(module: Module) -> Iterator[tuple[ast.AST, str]]:
    """Stores to attributes of modules and imported classes: (node, dotted name)."""
    for use in module.uses:
        if use.kind == "store" and not use.name.startswith(("?", ".")):
            yield use.node, use.name
        if ".__dict__" in use.name and not use.name.startswith(("?", ".")):
            yield use.node, use.name
    for node in module.of(ast.Call):
        if isinstance(node, ast.Call) and node.args:
            functions = set(module.names.resolve(node.func))
            if functions & {"builtins.setattr", "builtins.delattr", "builtins.vars"}:
                yield from ((node, name) for name in module.names.resolve(node.args[0]))


@rule(
    "new-decorator",
    "person",
    "{what} decides what the function or class becomes.",
    refuses="""
          import rates
        + @rates.replace
          def price(name):
              return load(name)
        """,
    allows="""
          import functools
        + @functools.lru_cache(maxsize=None)
          def price(name):
              return load(name)
        """,
    link="https://docs.python.org/3/glossary.html#term-decorator",
)
def new_decorators(patch: Patch) -> Iterator[Hit]:
    """A decorator that the changed files did not use and that is no table's, a metaclass, or a
    class of classes."""
    old_names = allowed.DECORATORS | {
        name for file in patch.files if file.old_module for name, _ in _find_makers(file.old_module)
    }
    for file in patch.python:
        for name, node in _find_makers(file.new_module) if file.new_module else ():
            is_fresh = not file.base_unreadable or file.is_touched(line_of(node), line_of(node))
            if name not in old_names and is_fresh and not file.is_new_test:
                yield Hit(file.path, line_of(node), name)


def _find_makers(module: Module) -> Iterator[tuple[str, ast.AST]]:
    """Last names of decorators and metaclasses, with where they stand."""
    for node in module.of(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef):
        for decorator in getattr(node, "decorator_list", ()):
            yield last_name(decorator), decorator
        for keyword in getattr(node, "keywords", ()):
            if keyword.arg == "metaclass" and last_name(keyword.value) != "ABCMeta":
                yield last_name(keyword.value), keyword.value
        for base in getattr(node, "bases", ()):
            if "builtins.type" in module.names.resolve(base):
                yield "type", base


RULES = (class_hooks, class_swaps, replaced_standard, replaced_others, new_decorators)
