"""What newer Pythons and libraries call by another name, and the edits that follow them in a file.

Belongs here: `renamed_apis.json` and its application to a whole file. Each of its groups names its
source and may hold `builtins` and `names` (to `module:attribute`, or to a built-in), `modules` and
`methods`; `differs` says which of its old names did something else than their successors do, and
`measured` with what those names begin that `benchmarks.rules_precision` tries by a table of
CPython's own; `same` with what those begin that were one object with their successors (asked
with `is`, of CPython 3.9 and 3.12, and of numpy 1.23). Does not belong here: which failure calls
for it (`renamed_apis`).
"""

import ast
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict

from healer.draft.rules.rule import called_name
from healer.draft.rules.scope import imported_names, parameter_names, qualified_name
from healer.draft.rules.source_file import FunctionNode, SourceFile, TextEdit

PYTHON_3 = "https://docs.python.org/3/whatsnew/3.0.html"


class Group(TypedDict, total=False):
    source: str
    since: str
    builtins: dict[str, str]
    names: dict[str, str]
    modules: dict[str, str]
    methods: dict[str, str]
    differs: dict[str, str]
    measured: list[str]
    same: list[str]


@dataclass(frozen=True)
class Successor:
    """An old name and what took its place."""

    old: str
    new: str
    """`module:attribute`, `builtins:name`, or a plain name."""
    source: str
    difference: str = ""
    """What the old name did otherwise; empty: nothing."""
    is_measured: bool = False
    """Somebody else's table says the same of it."""
    is_same: bool = False
    """Where both were, they were one object."""
    is_python2: bool = False
    """Only scripts of Python 2 have it."""

    @property
    def module(self) -> str:
        return self.new.partition(":")[0]

    @property
    def attribute(self) -> str:
        return self.new.partition(":")[2]

    @property
    def local_name(self) -> str:
        """What a use reads after `from module import attribute`, or `import module`."""
        return self.attribute or self.module

    def __str__(self) -> str:
        return self.new.removeprefix("builtins:").replace(":", ".").rstrip(".")


class Use(NamedTuple):
    """An old name in a file, and what becomes of it there."""

    successor: Successor
    is_imported: bool = False
    """It stands in a `from … import`."""


class Renames(NamedTuple):
    """Edits of one file, and the old names that they take out."""

    edits: tuple[TextEdit, ...]
    uses: tuple[Use, ...] = ()


@cache
def table() -> tuple[Group, ...]:
    text = Path(__file__).with_name("renamed_apis.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


@cache
def _merge(kind: Literal["builtins", "names", "modules", "methods"]) -> dict[str, Successor]:
    successors: dict[str, Successor] = {}
    for group in table():
        differs = group.get("differs", {})
        counts, objects = tuple(group.get("measured", ())), tuple(group.get("same", ()))
        is_python2 = group.get("since") == "3.0"
        for old, new in group.get(kind, {}).items():
            kinds = old.startswith(counts), old.startswith(objects), is_python2
            successors[old] = Successor(old, new, group["source"], differs.get(old, ""), *kinds)
    return successors


def old_names() -> dict[str, Successor]:
    """By dotted name."""
    return _merge("names")


def old_modules() -> dict[str, Successor]:
    return _merge("modules")


def old_builtins() -> dict[str, Successor]:
    return _merge("builtins")


def rename_names(code: SourceFile, modules: frozenset[str] = frozenset()) -> Renames:
    """Every old name of a file. `modules` are imported by other edits already."""
    imports, edits, uses = imported_names(code), list[TextEdit](), list[Use]()
    missing: set[str] = set()
    for node in code.nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            successors = _moved_aliases(node)
            if successors:
                edits += [_split_import(code, node, successors), *_rename_uses(code, successors)]
                uses += [Use(successor, is_imported=True) for successor in successors.values()]
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            successor = old_names().get(qualified_name(node, imports))
            if successor is None:
                continue
            text, module = _new_expression(node, successor, imports)
            edits.append(code.replace(node, text))
            uses.append(Use(successor))
            missing |= {module} - {""}
    edits += code.add_imports(sorted(missing - _plain_imports(code) - modules))
    return Renames(tuple(edits), tuple(uses))


def _plain_imports(code: SourceFile) -> set[str]:
    imports = [n for n in code.nodes if isinstance(n, ast.Import)]
    return {alias.name for node in imports for alias in node.names if not alias.asname}


def _moved_aliases(node: ast.ImportFrom) -> dict[ast.alias, Successor]:
    names = ((alias, old_names().get(f"{node.module}.{alias.name}")) for alias in node.names)
    return {alias: successor for alias, successor in names if successor}


def _new_expression(
    node: ast.Attribute, successor: Successor, imports: dict[str, str]
) -> tuple[str, str]:
    """The new expression, and the module that must be imported for it; empty for none."""
    if successor.module == "builtins":
        return successor.attribute, ""
    base = node.value
    if isinstance(base, ast.Name) and imports.get(base.id) == successor.module:
        return f"{base.id}.{successor.attribute}", ""
    return str(successor), successor.module


def _split_import(
    code: SourceFile, node: ast.ImportFrom, successors: dict[ast.alias, Successor]
) -> TextEdit:
    """`from a import gone, here` becomes one import for each home."""
    lines = []
    if rest := [code.segment(alias) for alias in node.names if alias not in successors]:
        lines.append(f"from {node.module} import {', '.join(rest)}")
    for alias, successor in successors.items():
        suffix = f" as {alias.asname}" if alias.asname else ""
        if successor.module == "builtins":
            lines += [f"{alias.asname} = {successor.attribute}"] if alias.asname else []
        elif successor.attribute:
            lines.append(f"from {successor.module} import {successor.attribute}{suffix}")
        else:
            lines.append(f"import {successor.module}{suffix}")
    text = (code.newline + code.indent(node.lineno)).join(lines) or "pass"
    return code.replace(node, text)


def _rename_uses(code: SourceFile, successors: dict[ast.alias, Successor]) -> Iterator[TextEdit]:
    for alias, successor in successors.items():
        if alias.asname or successor.local_name == alias.name:
            continue
        for use in code.nodes:
            if isinstance(use, ast.Name) and use.id == alias.name:
                yield code.replace(use, successor.local_name)


def rename_modules(code: SourceFile) -> Renames:
    """Every old module that a file imports, with the members that went elsewhere."""
    edits, uses = list[TextEdit](), list[Use]()
    new_modules: set[str] = set()
    for node in code.nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                if successor := old_modules().get(alias.name):
                    edits += _rename_module(code, alias, successor.new)
                    uses.append(Use(successor))
                    new_modules |= {successor.new} if not alias.asname else set()
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module in old_modules():
            successor = old_modules()[node.module]
            uses.append(Use(successor, is_imported=True))
            if not _moved_aliases(node):
                at = code.text.index(node.module, code.span(node)[0])
                edits.append(TextEdit(at, at + len(node.module), successor.new))
    members = rename_names(code, frozenset(new_modules))
    return Renames(_without_overlap(members.edits, edits), tuple(uses))


def _rename_module(code: SourceFile, alias: ast.alias, new: str) -> Iterator[TextEdit]:
    yield code.replace(alias, f"{new} as {alias.asname}" if alias.asname else new)
    for node in code.nodes:
        is_chain = isinstance(node, ast.Name | ast.Attribute)
        if alias.asname or not is_chain or code.segment(node) != alias.name:
            continue
        parent = code.parents.get(node)
        is_elsewhere = (
            isinstance(parent, ast.Attribute) and f"{alias.name}.{parent.attr}" in old_names()
        )
        if not is_elsewhere:
            yield code.replace(node, new)


def _without_overlap(first: Iterable[TextEdit], second: Iterable[TextEdit]) -> tuple[TextEdit, ...]:
    first = tuple(first)
    spans = [(edit.start, edit.end) for edit in first if edit.end > edit.start]
    free = (e for e in second if not any(e.start < end and start < e.end for start, end in spans))
    return (*first, *free)


def rename_builtins(code: SourceFile) -> Renames:
    """Every built-in of Python 2 that the file does not define itself, anywhere."""
    own = bound_names(code)
    edits, uses = list[TextEdit](), list[Use]()
    missing: set[str] = set()
    for node in code.nodes:
        if isinstance(node, ast.Name) and node.id in old_builtins() and node.id not in own:
            successor = old_builtins()[node.id]
            module, _, name = successor.new.rpartition(":")
            edits.append(code.replace(node, name))
            uses.append(Use(successor))
            missing |= {f"from {module} import {name}"} if module else set()
    edits += [code.add_import(statement) for statement in sorted(missing)]
    return Renames(tuple(edits), tuple(uses))


def bound_names(code: SourceFile) -> set[str]:
    """Names that the file gives a meaning, anywhere."""
    names = set(imported_names(code))
    for node in code.nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            names.add(node.id)
        elif isinstance(node, FunctionNode | ast.Lambda):
            names |= set(parameter_names(node))
        if isinstance(node, FunctionNode | ast.ClassDef):
            names.add(node.name)
    return names


def rename_methods(code: SourceFile, words: frozenset[str] = frozenset()) -> Renames:
    """Methods of Python 2's dictionaries, and of these `words` any that has a successor."""
    python2 = next(group for group in table() if "builtins" in group)["methods"]
    edits, uses = list[TextEdit](), list[Use]()
    for call in (node for node in code.nodes if isinstance(node, ast.Call)):
        if not isinstance(call.func, ast.Attribute):
            continue
        name, holder = called_name(call), code.segment(call.func.value)
        successor = _merge("methods").get(name)
        if successor and (name in python2 or name in words):
            edits.append(code.rename_end(call.func, name, successor.new))
        elif name == "has_key" and len(call.args) == 1 and (not words or "has_key" in words):
            edits.append(code.replace(call, _membership(code, call, holder)))
            successor = Successor("has_key", "in", PYTHON_3)
        elif name == "next" and not call.args and "next" in words:
            edits.append(code.replace(call, f"next({holder})"))
            successor = Successor("next()", "next(...)", PYTHON_3)
        else:
            continue
        uses.append(Use(successor))
    return Renames(tuple(edits), tuple(uses))


def _membership(code: SourceFile, call: ast.Call, holder: str) -> str:
    parent, key = code.parents.get(call), code.segment(call.args[0])
    is_loose = isinstance(call.args[0], ast.IfExp | ast.BoolOp | ast.Compare | ast.Lambda)
    text = f"({key}) in {holder}" if is_loose else f"{key} in {holder}"
    if isinstance(parent, ast.If | ast.While | ast.Return | ast.Assign | ast.BoolOp | ast.IfExp):
        return text
    return f"({text})"


def python2_edits(code: SourceFile) -> tuple[TextEdit, ...]:
    """Every name, module, method and built-in of Python 2 in a file that now parses."""
    others = (*rename_methods(code).edits, *rename_builtins(code).edits)
    return _without_overlap(rename_modules(code).edits, others)
