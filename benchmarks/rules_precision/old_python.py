"""Breakers that write names and forms of older Pythons into code of today.

Belongs here: undoing what CPython's own migration did: its tables (`lib2to3`, `collections.abc`)
are the source, never the rules' own. Does not belong here: forms that do not parse (`syntax`).
"""

import ast
import collections.abc
import random
import re

from benchmarks.rules_precision.breaks import (
    Break,
    Way,
    is_alone_on_its_lines,
    nodes,
    pick,
    replace,
)
from healer.draft.rules.scope import imported_names, module_names
from healer.draft.rules.source_file import SourceFile, apply_edits

try:
    from lib2to3.fixes import fix_asserts, fix_imports, fix_urllib
except ImportError:  # gone with Python 3.13
    raise SystemExit("lib2to3 is not here: run this with Python 3.11 or 3.12") from None

BUILTINS = {
    "unicode": "str",
    "xrange": "range",
    "raw_input": "input",
    "basestring": "str",
    "long": "int",
    "unichr": "chr",
}
"""By `fix_unicode`, `fix_xrange`, `fix_raw_input`, `fix_basestring` and `fix_long`."""
ITERTOOLS = {"izip": "zip", "imap": "map", "ifilter": "filter"}
METHODS = {"iteritems": "items", "iterkeys": "keys", "itervalues": "values"}
"""By `fix_itertools` and `fix_dict`."""


def old_builtin(code: SourceFile, source: random.Random) -> Break | None:
    """Every use of a built-in is by the name that it had in Python 2."""
    old, new = source.choice(sorted(BUILTINS.items()))
    uses = [n for n in nodes(code, ast.Name) if n.id == new and isinstance(n.ctx, ast.Load)]
    if not uses or {old, new} & module_names(code):
        return None
    text = replace(code, *((use, old) for use in uses))
    return Break(text, uses[0].lineno, "NameError", f"name '{old}' is not defined")


def old_method(code: SourceFile, source: random.Random) -> Break | None:
    """A dictionary is walked as in Python 2."""
    places = [
        (node, old)
        for node in nodes(code, ast.Call)
        for old, new in METHODS.items()
        if isinstance(node.func, ast.Attribute) and node.func.attr == new and not node.args
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, old = choice
    text = replace(code, (node, f"{code.segment(node.func).rpartition('.')[0]}.{old}()"))
    message = f"'dict' object has no attribute '{old}'"
    return Break(text, node.end_lineno or node.lineno, "AttributeError", message)


def old_assertion(code: SourceFile, source: random.Random) -> Break | None:
    """A unit test asserts by a name that is gone from Python 3.12 on."""
    successors = {new: old for old, new in fix_asserts.NAMES.items()}
    places = [
        node
        for node in nodes(code, ast.Attribute)
        if node.attr in successors and getattr(node.value, "id", "") == "self"
    ]
    node = pick(places, source)
    cls = code.class_around(node) if node else None
    if node is None or cls is None:
        return None
    old = successors[node.attr]
    message = f"'{cls.name}' object has no attribute '{old}'"
    return Break(replace(code, (node, f"self.{old}")), node.lineno, "AttributeError", message)


def old_module(code: SourceFile, source: random.Random) -> Break | None:
    """A module is imported by the name that it had in Python 2."""
    olds: dict[str, list[str]] = {}
    for old, new in fix_imports.MAPPING.items():
        olds.setdefault(new, []).append(old)
    places = [
        (node, name)
        for node in (code.tree.body if code.tree else ())
        if isinstance(node, ast.Import | ast.ImportFrom) and is_alone_on_its_lines(code, node)
        for name in [getattr(node, "module", "") or node.names[0].name]
        if name in olds and len(node.names) == 1 and not getattr(node, "level", 0)
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, new = choice
    old = source.choice(olds[new])
    edits: list[tuple[ast.AST, str]] = [(node, code.segment(node).replace(new, old, 1))]
    if isinstance(node, ast.Import) and not node.names[0].asname:
        uses = [n for n in code.nodes if _is_module(code, n, new)]
        edits += [(use, old) for use in uses]
    text = replace(code, *edits)
    return Break(text, node.lineno, "ModuleNotFoundError", f"No module named '{old}'")


def _is_module(code: SourceFile, node: ast.AST, name: str) -> bool:
    if not isinstance(node, ast.Name | ast.Attribute) or not isinstance(node.ctx, ast.Load):
        return False
    return re.fullmatch(r"[\w.]+", name) is not None and code.segment(node) == name


def abstract_class(code: SourceFile, source: random.Random) -> Break | None:
    """An abstract class is imported from `collections`, as until Python 3.9."""
    classes = set(collections.abc.__all__) - {"Buffer"}
    places = [
        node
        for node in nodes(code, ast.ImportFrom)
        if node.module == "collections.abc" and {a.name for a in node.names} <= classes
    ]
    node = pick(places, source)
    if node is None:
        return None
    text = replace(code, (node, code.segment(node).replace("collections.abc", "collections", 1)))
    name = node.names[0].name
    message = f"cannot import name '{name}' from 'collections' (/lib/collections/__init__.py)"
    return Break(text, node.lineno, "ImportError", message)


def old_urllib(code: SourceFile, source: random.Random) -> Break | None:
    """A function of urllib is imported from where it was in Python 2."""
    homes = {
        (new, name): old
        for old, parts in fix_urllib.MAPPING.items()
        for new, names in parts
        for name in names
        if old == "urllib"
    }
    places = [
        node
        for node in nodes(code, ast.ImportFrom)
        if node.module and all((node.module, alias.name) in homes for alias in node.names)
    ]
    node = pick(places, source)
    if node is None:
        return None
    text = replace(code, (node, code.segment(node).replace(node.module or "", "urllib", 1)))
    name = node.names[0].name
    message = f"cannot import name '{name}' from 'urllib' (/lib/urllib/__init__.py)"
    return Break(text, node.lineno, "ImportError", message)


def old_itertools(code: SourceFile, source: random.Random) -> Break | None:
    """Lazy built-ins are called by their names in the itertools of Python 2."""
    old, new = source.choice(sorted(ITERTOOLS.items()))
    uses = [n for n in nodes(code, ast.Name) if n.id == new and isinstance(n.ctx, ast.Load)]
    if not uses or code.tree is None or "itertools" in imported_names(code):
        return None
    renames = [code.replace(use, f"itertools.{old}") for use in uses]
    text = apply_edits(code.text, [*renames, code.add_import("import itertools")])
    message = f"module 'itertools' has no attribute '{old}'"
    return Break(text, uses[0].lineno + 1, "AttributeError", message)


def print_to_stream(code: SourceFile, source: random.Random) -> Break | None:
    """`print >>stream, text` of Python 2."""
    places = [
        (node, node.keywords[0].value)
        for node in nodes(code, ast.Call)
        if getattr(node.func, "id", "") == "print"
        and [k.arg for k in node.keywords] == ["file"]
        and len(node.args) == 1
        and not isinstance(node.args[0], ast.Starred)
    ]
    choice = pick(places, source)
    if choice is None:
        return None
    node, stream = choice
    text = replace(code, (node, f"print >>{code.segment(stream)}, {code.segment(node.args[0])}"))
    message = (
        "unsupported operand type(s) for >>: 'builtin_function_or_method' and "
        "'_io.TextIOWrapper'. Did you mean \"print(<message>, file=<output_stream>)\"?"
    )
    return Break(text, node.lineno, "TypeError", message)


def universal_newlines(code: SourceFile, source: random.Random) -> Break | None:
    """A file is opened in a mode with `U`."""
    places = [
        node.args[1]
        for node in nodes(code, ast.Call)
        if getattr(node.func, "id", "") == "open" and len(node.args) > 1
        for mode in [getattr(node.args[1], "value", None)]
        if mode in ("r", "rb")
    ]
    node = pick(places, source)
    if not isinstance(node, ast.Constant):
        return None
    mode = "rbU" if node.value == "rb" else "rU"
    return Break(
        replace(code, (node, repr(mode))), node.lineno, "ValueError", f"invalid mode: '{mode}'"
    )


BREAKERS: dict[str, Way] = {
    "a built-in of Python 2": Way(old_builtin),
    "a method of Python 2": Way(old_method, "s()"),
    "an assertion until 3.11": Way(old_assertion, "self.assert"),
    "a module of Python 2": Way(old_module),
    "an abstract class of collections": Way(abstract_class, "collections.abc import"),
    "a function of Python 2's urllib": Way(old_urllib, "urllib."),
    "itertools of Python 2": Way(old_itertools),
    "print to a stream": Way(print_to_stream, "file="),
    "open in mode U": Way(universal_newlines, "open("),
}
