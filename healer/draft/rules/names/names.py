"""Rules for names that do not exist: NameError, UnboundLocalError, ImportError.

Belongs here: forgotten imports, typing errors, forgotten `self.`. Does not belong here: names
that moved or were removed between versions (`moved`).
"""

import ast
import re
from collections.abc import Iterator, Mapping

from healer.draft.rules.near_miss import at_most_a_guess, clear
from healer.draft.rules.rule import GUESS, FaultSite, Fix, rule
from healer.draft.rules.scope import (
    STANDARD,
    USUAL_ALIASES,
    USUAL_HOMES,
    bound,
    self_members,
    visible,
)
from healer.draft.rules.source_file import TextEdit

_UNDEFINED = re.compile(r"name '(\w+)' is not defined|local variable '(\w+)'")
_NO_NAME = re.compile(
    r"cannot import name '(\w+)' from (?:partially initialized module )?'([\w.]+)'"
)
_NO_MODULE = re.compile(r"No module named '([\w.]+)'")
JSON_WORDS = {"true": "True", "false": "False", "null": "None", "none": "None", "nil": "None"}
MANY_MEANINGS = frozenset(
    {"auto", "chain", "count", "cycle", "digits", "Event", "field", "Lock", "product", "quote",
     "replace", "Request", "sleep", "Template"}
)  # fmt: skip
"""Names with a second home (`shlex.quote` and `urllib.parse.quote`, `time.sleep` and
`asyncio.sleep`), or that scripts give to things of their own."""
_CONSTANTS = frozenset({"pi", "ascii_letters", "ROUND_HALF_UP"})


def _undefined(site: FaultSite) -> tuple[str, list[ast.Name]]:
    match = _UNDEFINED.search(site.error.message)
    name = (match[1] or match[2]) if match else ""
    uses = [node for node in site.code.nodes if isinstance(node, ast.Name) and node.id == name]
    here = [use for use in uses if use in set(site.code.nodes_on_line(site.line))]
    return name, here


def missing_import(site: FaultSite) -> Iterator[Fix]:
    """The undefined name is a standard-library module, a usual alias, or has one usual home."""
    name, uses = _undefined(site)
    if not uses or any(isinstance(use.ctx, ast.Store) for use in uses):
        return
    parents = site.code.parents
    as_module = all(isinstance(parents.get(use), ast.Attribute) for use in uses)
    statement = ""
    if name in USUAL_HOMES:
        statement = f"from {USUAL_HOMES[name]} import {name}"
    elif name == "datetime":
        inner = {getattr(parents.get(use), "attr", "") for use in uses}
        whole = as_module and inner <= {"datetime", "date", "timedelta", "timezone", "time"}
        statement = "import datetime" if whole else "from datetime import datetime"
    elif as_module and name in STANDARD:
        statement = f"import {name}"
    elif as_module and name in USUAL_ALIASES:
        statement = USUAL_ALIASES[name][1]
    if statement:
        cause = f"`{name}` is used but never imported. The import is added."
        certainty = (
            GUESS if name in MANY_MEANINGS or not _as_imported(name, uses, parents) else 0.95
        )
        yield Fix(cause, (site.code.add_import(statement),), certainty)


def _as_imported(name: str, uses: list[ast.Name], parents: Mapping[ast.AST, ast.AST]) -> bool:
    """Each use is one that what would be imported is there for: `print(count)` and `f"{product}"`
    run with a class from `itertools`, but some value of the script's own was meant."""
    if name in _CONSTANTS:
        return True
    for use in uses:
        parent = parents.get(use)
        called = isinstance(parent, ast.Call) and parent.func is use
        member = isinstance(parent, ast.Attribute | ast.Subscript) and parent.value is use
        declared = isinstance(
            parent, ast.ClassDef | ast.FunctionDef | ast.arg | ast.AnnAssign | ast.ExceptHandler
        )
        handed = isinstance(parent, ast.Call) and use in parent.args and name[:1].isupper()
        listed = isinstance(parent, ast.Tuple | ast.BinOp) and name[:1].isupper()
        if not (called or member or declared or handed or listed):
            return False
    return True


def import_from_repository(site: FaultSite) -> Iterator[Fix]:
    """Exactly one module beside the script defines the undefined name at its top level."""
    name, uses = _undefined(site)
    if not uses or name in USUAL_HOMES or name in STANDARD:
        return
    folder = site.code.path.rpartition("/")[0]
    homes = []
    for path in site.files.paths:
        beside = path.rpartition("/")[0] == folder and path != site.code.path
        code = (
            site.files.parse(path) if beside and not site.files.tests.is_test_code(path) else None
        )
        defines = (
            code
            and code.tree
            and any(
                isinstance(n, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef)
                and n.name == name
                for n in code.tree.body
            )
        )
        if defines:
            homes.append(path.rpartition("/")[2].removesuffix(".py"))
    if len(homes) == 1:
        statement = f"from {homes[0]} import {name}"
        cause = f"`{name}` is used but never imported; only `{homes[0]}` defines it."
        yield Fix(cause, (site.code.add_import(statement),), 0.8)


def forgotten_self(site: FaultSite) -> Iterator[Fix]:
    """Inside a method, the undefined name is a member of the method's class."""
    name, uses = _undefined(site)
    function = site.code.function_at(site.line)
    cls = site.code.class_around(function) if function else None
    if not uses or function is None or cls is None or not function.args.args:
        return
    first = function.args.args[0].arg
    if first in ("self", "cls") and name in self_members(cls):
        changes = tuple(site.code.replace(use, f"{first}.{name}") for use in uses)
        cause = f"`{name}` is a member of `{cls.name}`, used without `{first}.`."
        yield Fix(cause, changes, 0.95)


def near_miss(site: FaultSite) -> Iterator[Fix]:
    """One visible name is spelled nearly the same."""
    name, uses = _undefined(site)
    if not uses:
        return
    if name in JSON_WORDS:
        meant, certainty = JSON_WORDS[name], 0.95
    else:
        scope = visible(site.code, site.line)
        scope.pop(name, None)
        best = clear(name, [known for known in scope if not known.startswith("__")])
        if best is None:
            return
        meant = best[0]
        certainty = at_most_a_guess(0.6 + 0.35 * best[1], name, meant)
    every = [n for n in _same_scope(site) if isinstance(n, ast.Name) and n.id == name]
    loads = [use for use in every if isinstance(use.ctx, ast.Load)] or uses
    changes = tuple(site.code.replace(use, meant) for use in loads)
    yield Fix(f"`{name}` is not defined; `{meant}` was meant.", changes, certainty)


def _same_scope(site: FaultSite) -> Iterator[ast.AST]:
    function = site.code.function_at(site.line)
    yield from ast.walk(function) if function else site.code.nodes


def misspelled_binding(site: FaultSite) -> Iterator[Fix]:
    """The name was assigned under a misspelling that nothing else uses."""
    name, uses = _undefined(site)
    function = site.code.function_at(site.line)
    scope = function or site.code.tree
    if not uses or scope is None:
        return
    loads = {
        n.id for n in site.code.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
    }
    unused = [other for other in set(bound(scope)) if other not in loads]
    best = clear(name, unused)
    if best is None or best == clear(name, set(visible(site.code, site.line)) - {name}):
        return  # `misspelled-name` makes the same program of it
    stores = [n for n in ast.walk(scope) if isinstance(n, ast.Name) and n.id == best[0]]
    changes = tuple(site.code.replace(store, name) for store in stores)
    if changes:
        cause = f"`{name}` was assigned as `{best[0]}`, which nothing reads."
        yield Fix(cause, changes, 0.5 + 0.3 * best[1])


def forgotten_global(site: FaultSite) -> Iterator[Fix]:
    """A function changes a module variable (`total += 1`) without declaring it `global`."""
    match = re.search(r"(?:variable|name) '(\w+)'", site.error.message)
    function = site.code.function_at(site.line)
    if not match or function is None or site.code.tree is None:
        return
    name = match[1]
    outer = [n for n in site.code.nodes_on_line(site.line) if isinstance(n, type(function))][:-1]
    word = "nonlocal" if any(name in set(bound(f)) for f in outer) else "global"
    if word == "global" and name not in set(bound(site.code.tree)):
        return
    augmented = any(
        isinstance(n, ast.AugAssign) and isinstance(n.target, ast.Name) and n.target.id == name
        for n in ast.walk(function)
    )
    if not augmented:
        return
    first = function.body[0]
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    if docstring and len(function.body) > 1:
        first = function.body[1]
    start = site.code.line_start(first.lineno)
    text = f"{site.code.indent(first.lineno)}{word} {name}{site.code.newline}"
    cause = f"`{name}` is assigned here but belongs to the outer scope; it is declared `{word}`."
    yield Fix(cause, (TextEdit(start, start, text),), 0.85)


def wrong_import_name(site: FaultSite) -> Iterator[Fix]:
    """`from module import nmae`: the repository's module defines one close name."""
    match = _NO_NAME.search(site.error.message)
    module = site.files.find_module(match[2]) if match else None
    if not match or module is None or module.tree is None:
        return
    best = clear(match[1], set(bound(module.tree)))
    if best is None:
        return
    changes = [
        site.code.replace(node, best[0])
        for node in site.code.nodes
        if isinstance(node, ast.Name) and node.id == match[1]
    ]
    for node in site.code.nodes:
        if isinstance(node, ast.alias) and node.name == match[1]:
            text = f"{best[0]} as {node.asname}" if node.asname else best[0]
            changes.append(site.code.replace(node, text))
    cause = f"`{match[2]}` has no `{match[1]}`; `{best[0]}` is defined there."
    yield Fix(cause, tuple(changes), 0.5 + 0.4 * best[1])


def misspelled_module(site: FaultSite) -> Iterator[Fix]:
    """`import jsn`: one module of the standard library or the repository is spelled nearly so."""
    match = _NO_MODULE.search(site.error.message)
    if not match:
        return
    wrong = match[1].partition(".")[0]
    own = {
        path.rpartition("/")[2].removesuffix(".py")
        for path in site.files.paths
        if path.endswith(".py")
    }
    tops = {path.partition("/")[0] for path in site.files.paths if "/" in path}
    best = clear(wrong, {n for n in STANDARD | own | tops if not n.startswith("_")})
    if best is None or best[1] < 0.7:  # noqa: PLR2004 - another package, not a typing error
        return
    for node in site.code.nodes:
        if isinstance(node, ast.alias) and node.name.partition(".")[0] == wrong:
            parent = site.code.parents[node]
            if isinstance(parent, ast.Import):
                rest = node.name.removeprefix(wrong)
                kept = f"{best[0]}{rest}" + (f" as {node.asname}" if node.asname else "")
                names = [n for n in site.code.nodes if isinstance(n, ast.Name) and n.id == wrong]
                uses = tuple(site.code.replace(n, best[0]) for n in names if not node.asname)
                yield Fix(
                    f"There is no module `{wrong}`; `{best[0]}` was meant.",
                    (site.code.replace(node, kept), *uses),
                    0.85,
                )
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == wrong:
            start, _ = site.code.span(node)
            at = site.code.text.index(wrong, start)
            change = TextEdit(at, at + len(wrong), best[0])
            yield Fix(f"There is no module `{wrong}`; `{best[0]}` was meant.", (change,), 0.85)


NAME_RULES = (
    rule("missing-import", "NameError", missing_import),
    rule("import-from-repository", "NameError", import_from_repository),
    rule("forgotten-self", "NameError", forgotten_self),
    rule("misspelled-name", "NameError UnboundLocalError", near_miss),
    rule("misspelled-assignment", "NameError", misspelled_binding),
    rule("forgotten-global", "UnboundLocalError", forgotten_global),
    rule("misspelled-import", "ImportError", wrong_import_name),
    rule("misspelled-module", "ModuleNotFoundError", misspelled_module),
)
