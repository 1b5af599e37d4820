"""Names that a newer Python or library moved, renamed or removed, as a table with sources.

Belongs here: applying `moved.json`. Each of its groups names its source and may hold `builtins`
and `names` (to `module:attribute`, or to a built-in), `modules` and `methods`.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypedDict

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import bound, dotted, imports
from healer.draft.rules.source_file import SourceFile, TextEdit


class Group(TypedDict, total=False):
    source: str
    since: str
    builtins: dict[str, str]
    names: dict[str, str]
    modules: dict[str, str]
    methods: dict[str, str]


_GONE = frozenset({"distutils", "imp", "pipes", "cgi", "typing.io", "typing.re", "asyncore"})
"""Modules that are gone as a whole, of which some names live elsewhere."""


@cache
def table() -> tuple[Group, ...]:
    text = Path(__file__).with_name("renamed_apis.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


def _merged(kind: str) -> dict[str, tuple[str, str]]:
    """Old name to (new name, source)."""
    found: dict[str, tuple[str, str]] = {}
    for group in table():
        entries: dict[str, str] = group.get(kind, {})  # type: ignore[assignment]
        found.update({old: (new, group["source"]) for old, new in entries.items()})
    return found


def _named(site: FaultSite) -> frozenset[str]:
    """The words in quotes in the message, and those of the failing line."""
    quoted = re.findall(r"['`]([\w.:]+)['`]", site.error.message.replace(":", "."))
    return frozenset(part for word in quoted for part in (word, *word.split(".")))


def moved_name(site: FaultSite) -> Iterator[Fix]:
    """The failing name, by the file's imports, is an old one: every old name here is replaced."""
    words = _named(site)
    if words & set(_merged("modules")):
        return  # the import itself fails: that is `moved_module`'s
    changes, hit = _name_changes(site.code, words)
    if hit:
        old, new, source = hit
        shown = new.replace("builtins:", "").replace(":", ".").rstrip(".")
        cause = f"`{old}` is gone; `{shown}` took its place ({source})."
        yield Fix(cause, changes, 0.97)


def _name_changes(
    code: SourceFile, words: frozenset[str], provided: frozenset[str] = frozenset()
) -> tuple[tuple[TextEdit, ...], tuple[str, str, str] | None]:
    known, names = imports(code), _merged("names")
    changes: list[TextEdit] = []
    needed: set[str] = set()
    hit: tuple[str, str, str] | None = None
    for node in code.nodes:
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            moved = [(a, *names.get(f"{node.module}.{a.name}", ("", ""))) for a in node.names]
            old = [(alias, new, source) for alias, new, source in moved if new]
            if old:
                changes.append(_split_import(code, node, old))
                first = f"{node.module}.{old[0][0].name}"
                gone = {first} if any(first.startswith(f"{w}.") for w in words & _GONE) else set()
                hit = hit or _hit(first, *old[0][1:], words | gone)
                changes += _rename_uses(code, old)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            name = dotted(node, known)
            if name in names:
                text, wanted = _render(code, node, *names[name][:1])
                changes.append(code.replace(node, text))
                needed |= wanted
                hit = hit or _hit(name, *names[name], words)
    present = {
        a.name for n in code.nodes if isinstance(n, ast.Import) for a in n.names if not a.asname
    }
    changes += code.add_imports(sorted(needed - present - provided))
    return tuple(changes), hit


def _hit(old: str, new: str, source: str, words: frozenset[str]) -> tuple[str, str, str] | None:
    return (old, new, source) if old.rpartition(".")[2] in words or old in words else None


def _render(code: SourceFile, node: ast.Attribute, new: str) -> tuple[str, set[str]]:
    """The new expression, and the modules that must be imported for it."""
    module, _, attribute = new.partition(":")
    if module == "builtins":
        return attribute, set()
    base = node.value
    if isinstance(base, ast.Name) and imports(code).get(base.id) == module:
        return f"{base.id}.{attribute}", set()
    return (f"{module}.{attribute}" if attribute else module), {module}


def _split_import(
    code: SourceFile, node: ast.ImportFrom, old: list[tuple[ast.alias, str, str]]
) -> TextEdit:
    """`from a import gone, kept` becomes one import for each home."""
    lines = []
    gone = {alias for alias, _, _ in old}
    kept = [a for a in node.names if a not in gone]
    if kept:
        names = ", ".join(f"{a.name} as {a.asname}" if a.asname else a.name for a in kept)
        lines.append(f"from {node.module} import {names}")
    for alias, new, _ in old:
        module, _, attribute = new.partition(":")
        suffix = f" as {alias.asname}" if alias.asname else ""
        if module == "builtins":
            if alias.asname:
                lines.append(f"{alias.asname} = {attribute}")
        elif attribute:
            lines.append(f"from {module} import {attribute}{suffix}")
        else:
            lines.append(f"import {module}{suffix}")
    text = (code.newline + code.indent(node.lineno)).join(lines) or "pass"
    return code.replace(node, text)


def _rename_uses(code: SourceFile, old: list[tuple[ast.alias, str, str]]) -> list[TextEdit]:
    changes = []
    for alias, new, _ in old:
        attribute = new.partition(":")[2] or new.partition(":")[0]
        if alias.asname or attribute == alias.name:
            continue
        for use in code.nodes:
            if isinstance(use, ast.Name) and use.id == alias.name:
                changes.append(code.replace(use, attribute))
    return changes


def moved_module(site: FaultSite) -> Iterator[Fix]:
    """`import ConfigParser`: the module has another name now."""
    match = re.search(r"No module named '([\w.]+)'", site.error.message)
    modules = _merged("modules")
    if not match:
        return
    changes: list[TextEdit] = []
    used = ""
    for node in site.code.nodes:
        old = _old_modules(node, modules)
        used = next((name for name in old if f"{name}.".startswith(f"{match[1]}.")), used)
        changes += _rename_imports(site.code, node, modules)
    if used:
        new, source = modules[used]
        imported = [a for n in site.code.nodes if isinstance(n, ast.Import) for a in n.names]
        renamed = {modules[a.name][0] for a in imported if a.name in modules and not a.asname}
        members, _ = _name_changes(site.code, frozenset(), frozenset(renamed))
        every = _without_overlap(members, changes)
        yield Fix(f"The module `{used}` is now `{new}` ({source}).", every, 0.97)


def gone_module(site: FaultSite) -> Iterator[Fix]:
    """`import pipes`: the module is gone, and all that the file uses of it lives elsewhere."""
    match = re.search(r"No module named '([\w.]+)'", site.error.message)
    code, known = site.code, imports(site.code)
    imported = [
        (node, alias)
        for node in code.nodes
        if isinstance(node, ast.Import)
        for alias in node.names
        if match and f"{alias.name}.".startswith(f"{match[1]}.")
    ]
    if len(imported) != 1 or len(imported[0][0].names) != 1:
        return
    node, alias = imported[0]
    local = alias.asname or alias.name.partition(".")[0]
    uses = [n for n in code.nodes if isinstance(n, ast.Name) and n.id == local]
    changes, _ = _name_changes(code, frozenset())
    taken = [(c.start, c.end) for c in changes]
    covered = (any(a <= code.span(n)[0] < b for a, b in taken) for n in uses)
    if not uses or not all(covered) or known.get(local) is None:
        return
    start = code.line_start(node.lineno)
    end = code.line_start((node.end_lineno or node.lineno) + 1)
    table_ = _merged("names")
    used = sorted(
        name
        for n in code.nodes
        if isinstance(n, ast.Attribute) and (name := dotted(n, known) or "") in table_
    )
    shown = ", ".join(table_[name][0].replace(":", ".").rstrip(".") for name in used)
    source = table_[used[0]][1] if used else ""
    cause = f"The module `{alias.name}` is gone; what is used of it is now `{shown}` ({source})."
    kept = [c for c in changes if not (c.start == c.end and start <= c.start < end)]
    added = "".join(c.text for c in changes if c not in kept)
    yield Fix(cause, (*kept, TextEdit(start, end, added)), 0.96)


def _old_modules(node: ast.AST, modules: dict[str, tuple[str, str]]) -> list[str]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
    if isinstance(node, ast.ImportFrom) and not node.level:
        names = [node.module or ""]
    return [name for name in names if name in modules]


def _rename_imports(
    code: SourceFile, node: ast.AST, modules: dict[str, tuple[str, str]]
) -> list[TextEdit]:
    if isinstance(node, ast.Import):
        old = [alias for alias in node.names if alias.name in modules]
        return [c for alias in old for c in _rename_module(code, alias, modules[alias.name][0])]
    if not (isinstance(node, ast.ImportFrom) and node.module in modules) or node.level:
        return []
    new = modules[node.module][0]
    if _from_other_home(node, new):
        return []
    at = code.text.index(node.module, code.span(node)[0])
    return [TextEdit(at, at + len(node.module), new)]


def _from_other_home(node: ast.ImportFrom, new: str) -> bool:
    names = _merged("names")
    return any(f"{node.module}.{a.name}" in names and new for a in node.names)


def _rename_module(code: SourceFile, alias: ast.alias, new: str) -> list[TextEdit]:
    names, old = _merged("names"), alias.name
    if alias.asname:
        return [code.replace(alias, f"{new} as {alias.asname}")]
    changes = [code.replace(alias, new)]
    for node in code.nodes:
        uses = isinstance(node, ast.Name) and node.id == old
        parent = code.parents.get(node)
        elsewhere = isinstance(parent, ast.Attribute) and f"{old}.{parent.attr}" in names
        if uses and not elsewhere:
            changes.append(code.replace(node, new))
    return changes


def _without_overlap(first: tuple[TextEdit, ...], second: list[TextEdit]) -> tuple[TextEdit, ...]:
    taken = [(change.start, change.end) for change in first if change.end > change.start]
    free = [c for c in second if not any(c.start < end and start < c.end for start, end in taken)]
    return (*first, *free)


def removed_builtin(site: FaultSite) -> Iterator[Fix]:
    """`unicode`, `xrange`, `raw_input`: Python 2 built-ins that nothing in the file defines."""
    words, table_ = _named(site), _merged("builtins")
    code = site.code
    defined = set(bound(code.tree)) if code.tree else set()
    hit = next((w for w in words if w in table_ and w not in defined), "")
    if not hit:
        return
    changes = _builtin_changes(code)
    methods, _ = _method_changes(code, frozenset(), python2_only=True)
    new, source = table_[hit]
    shown = new.replace(":", ".")
    yield Fix(f"`{hit}` is gone; `{shown}` took its place ({source}).", (*changes, *methods), 0.97)


def _builtin_changes(code: SourceFile) -> list[TextEdit]:
    table_ = _merged("builtins")
    defined = set(bound(code.tree)) if code.tree else set()
    changes: list[TextEdit] = []
    needed: set[str] = set()
    for node in code.nodes:
        if isinstance(node, ast.Name) and node.id in table_ and node.id not in defined:
            module, _, attribute = table_[node.id][0].rpartition(":")
            changes.append(code.replace(node, attribute))
            if module:
                needed.add(f"from {module} import {attribute}")
    return changes + [code.add_import(statement) for statement in sorted(needed)]


def moved_method(site: FaultSite) -> Iterator[Fix]:
    """`.iteritems()`, `.has_key(k)`, `.isAlive()`: methods with one successor."""
    words = _named(site)
    changes, hit = _method_changes(site.code, words, python2_only=False)
    if hit:
        old, new, source = hit
        yield Fix(f"`.{old}` is gone; `{new}` took its place ({source}).", changes, 0.95)


def _method_changes(
    code: SourceFile, words: frozenset[str], *, python2_only: bool
) -> tuple[tuple[TextEdit, ...], tuple[str, str, str] | None]:
    methods = _merged("methods")
    always = set(next(group for group in table() if "builtins" in group)["methods"])
    changes: list[TextEdit] = []
    hit: tuple[str, str, str] | None = None
    for node in code.nodes:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        name = node.func.attr
        wanted = name in always or (not python2_only and name in words)
        if name in methods and wanted:
            _, end = code.span(node.func)
            changes.append(TextEdit(end - len(name), end, methods[name][0]))
            hit = hit or ((name, *methods[name]) if name in words else None)
        elif name == "has_key" and len(node.args) == 1 and (python2_only or "has_key" in words):
            changes.append(code.replace(node, _membership(code, node, node.func)))
            source = "https://docs.python.org/3/whatsnew/3.0.html"
            hit = hit or (("has_key", "in", source) if "has_key" in words else None)
        elif name == "next" and not node.args and "next" in words:
            changes.append(code.replace(node, f"next({code.segment(node.func.value)})"))
            hit = hit or ("next()", "next(...)", "https://docs.python.org/3/whatsnew/3.0.html")
    return tuple(changes), hit


def _membership(code: SourceFile, node: ast.Call, function: ast.Attribute) -> str:
    parent = code.parents.get(node)
    key, holder = code.segment(node.args[0]), code.segment(function.value)
    if isinstance(parent, ast.UnaryOp) and isinstance(parent.op, ast.Not):
        return f"({key} in {holder})"
    bare = isinstance(parent, ast.If | ast.While | ast.Return | ast.Assign | ast.BoolOp | ast.IfExp)
    return f"{key} in {holder}" if bare else f"({key} in {holder})"


def python2_names(code: SourceFile) -> tuple[TextEdit, ...]:
    """Every name, module, method and built-in of Python 2 in a file that now parses."""
    table_ = _merged("modules")
    names, _ = _name_changes(code, frozenset())
    modules = [c for node in code.nodes for c in _rename_imports(code, node, table_)]
    methods, _ = _method_changes(code, frozenset(), python2_only=True)
    builtins_ = _builtin_changes(code)
    return _without_overlap(names, [*modules, *methods, *builtins_])


MOVED_RULES = (
    rule(
        "moved-name",
        "AttributeError ImportError ModuleNotFoundError NameError PydanticImportError",
        moved_name,
    ),
    rule("moved-module", "ModuleNotFoundError ImportError", moved_module),
    rule("gone-module", "ModuleNotFoundError", gone_module),
    rule("removed-builtin", "NameError", removed_builtin),
    rule("moved-method", "AttributeError", moved_method),
)
