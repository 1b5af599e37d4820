"""Rules for wrong attribute, key and argument names with one close candidate.

Belongs here: a name after a dot, in brackets, or before `=` in a call. Does not belong here:
a missing value for a right name; that is data, and nothing is invented for it.
"""

import ast
import builtins
import importlib
import importlib.util
import re
from collections.abc import Iterable, Iterator

from healer.draft.rules.near_miss import clear, near_certainty
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import STANDARD, bound, dotted, imports, self_members
from healer.draft.rules.source_file import FunctionNode, SourceFile, TextEdit

_NO_ATTRIBUTE = re.compile(r"'([\w.]+)' object has no attribute '(\w+)'")
_TYPE_NO_ATTRIBUTE = re.compile(r"type object '([\w.]+)' has no attribute '(\w+)'")
_MODULE_NO_ATTRIBUTE = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'")
_KEYWORD = re.compile(r"([\w.<>]+)\(\) got an unexpected keyword argument '(\w+)'")
_COUNT = re.compile(
    r"([\w.<>]+)\(\) takes (\d+) positional arguments? but (\d+) (?:was|were) given"
)
_NOT_IMPORTABLE = frozenset({"antigravity", "this", "idlelib", "turtle", "turtledemo", "__main__"})


def wrong_attribute(site: FaultSite) -> Iterator[Fix]:
    """The object's class, the standard type or the module has one closely spelled member."""
    message = site.error.message
    match = _MODULE_NO_ATTRIBUTE.search(message)
    known: set[str] = _module_members(site, match[1]) if match else set()
    match = match or _TYPE_NO_ATTRIBUTE.search(message) or _NO_ATTRIBUTE.search(message)
    if match is None:
        return
    known, standard = known or _class_members(site, match[1]), _is_standard(match[1])
    best = clear(match[2], {name for name in known if not name.startswith("__")})
    if best is None:
        return
    for node in site.nodes(ast.Attribute):
        if node.attr == match[2]:
            _, end = site.code.span(node)
            change = TextEdit(end - len(node.attr), end, best[0])
            cause = f"`{match[1]}` has no `{match[2]}`; its `{best[0]}` was meant."
            yield Fix(cause, (change,), near_certainty(match[2], best, complete=standard))


def _is_standard(name: str) -> bool:
    """A type or a module whose members are all known, so that none can be missing."""
    return hasattr(builtins, name) or name.partition(".")[0] in STANDARD


def _module_members(site: FaultSite, name: str) -> set[str]:
    own = site.files.find_module(name)
    if own is not None and own.tree is not None:
        return set(bound(own.tree))
    if name.partition(".")[0] in STANDARD - _NOT_IMPORTABLE:
        try:
            return {n for n in dir(importlib.import_module(name)) if not n.startswith("_")}
        except ImportError:
            return set()
    return set()


def _class_members(site: FaultSite, name: str) -> set[str]:
    plain = name.rpartition(".")[2]
    for path in (site.code.path, *site.files.paths):
        code = site.files.parse(path)
        for node in code.nodes if code else ():
            if isinstance(node, ast.ClassDef) and node.name == plain:
                return _with_bases(code, node) if code else set()
    standard = getattr(builtins, plain, None) if name == plain else None
    if standard is None and "." in name:
        module, _, attribute = name.rpartition(".")
        if module.partition(".")[0] in STANDARD - _NOT_IMPORTABLE:
            try:
                standard = getattr(importlib.import_module(module), attribute, None)
            except ImportError:
                return set()
    return set(dir(standard)) if isinstance(standard, type) else set()


def _with_bases(code: SourceFile, node: ast.ClassDef) -> set[str]:
    members = self_members(node)
    bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
    for other in code.nodes:
        if isinstance(other, ast.ClassDef) and other.name in bases and other is not node:
            members |= self_members(other)
    return members


def class_for_module(site: FaultSite) -> Iterator[Fix]:
    """`import datetime; datetime.now()`, or `from datetime import datetime; datetime.timedelta`."""
    match = _MODULE_NO_ATTRIBUTE.search(site.error.message)
    if match and match[1] in ("datetime", "time", "pprint", "copy", "glob", "decimal"):
        inner = {"decimal": "Decimal"}.get(match[1], match[1])
        members = _class_or_function(match[1], inner)
        for node in site.nodes(ast.Attribute):
            if node.attr == match[2] and match[2] in members and isinstance(node.value, ast.Name):
                change = site.code.replace(node.value, f"{node.value.id}.{inner}")
                cause = (
                    f"`{match[2]}` belongs to the class `{match[1]}.{inner}`, not to the module."
                )
                yield Fix(cause, (change,), 0.95)
    match = _TYPE_NO_ATTRIBUTE.search(site.error.message)
    if match is None:
        return
    known = imports(site.code)
    for node in site.nodes(ast.Attribute):
        name = dotted(node.value, known)
        if node.attr != match[2] or name is None or "." not in name:
            continue
        module = name.rpartition(".")[0]
        if match[2] in _module_members(site, module) and module in STANDARD:
            changes = (
                site.code.replace(node, node.attr),
                site.code.add_import(f"from {module} import {node.attr}"),
            )
            cause = f"`{node.attr}` belongs to the module `{module}`, not to its class `{name}`."
            yield Fix(cause, changes, 0.9)


def _class_or_function(module: str, inner: str) -> set[str]:
    return set(dir(getattr(importlib.import_module(module), inner, None)))


def submodule_not_imported(site: FaultSite) -> Iterator[Fix]:
    """`import xml; xml.etree...`, `import os` but `concurrent.futures` never imported."""
    match = _MODULE_NO_ATTRIBUTE.search(site.error.message)
    if not match or match[1].partition(".")[0] not in STANDARD - _NOT_IMPORTABLE:
        return
    chains = [site.code.segment(n) for n in site.nodes(ast.Attribute)]
    begun = f"{match[1]}.{match[2]}"
    for name in sorted({c for c in chains if c == begun or c.startswith(f"{begun}.")}, key=len)[
        ::-1
    ]:
        if _is_module(name):
            cause = f"`{name}` is a module of its own, which was never imported."
            yield Fix(cause, (site.code.add_import(f"import {name}"),), 0.95)
            return


def _is_module(name: str) -> bool:
    try:
        return importlib.util.find_spec(name) is not None
    except (ImportError, AttributeError, ValueError):
        return False


def wrong_key(site: FaultSite) -> Iterator[Fix]:
    """A literal key is missing, and one closely spelled key is known to exist."""
    message = site.error.message.strip()
    try:
        wrong = ast.literal_eval(message)
    except (ValueError, SyntaxError):
        return
    if not isinstance(wrong, str):
        return
    for node in site.nodes(ast.Subscript):
        index = node.slice
        if not (isinstance(index, ast.Constant) and index.value == wrong):
            continue
        known = set(_keys_in_locals(site, node.value)) or set(_keys_in_code(site.code, node.value))
        best = clear(wrong, known - {wrong})
        if best:
            quote = site.code.segment(index)[0]
            quote = quote if quote in "'\"" else '"'
            change = site.code.replace(index, f"{quote}{best[0]}{quote}")
            cause = f"There is no key `{wrong}`; the data has `{best[0]}`."
            yield Fix(cause, (change,), 0.5 + 0.35 * best[1])


def _keys_in_locals(site: FaultSite, holder: ast.expr) -> Iterator[str]:
    shown = site.locals.get(site.code.segment(holder), "")
    yield from re.findall(r"['\"]([^'\"]+)['\"]\s*:", shown)


def _keys_in_code(code: SourceFile, holder: ast.expr) -> Iterator[str]:
    """Keys used on the same name elsewhere, those of dictionary literals in the file, and the
    words of its lists and tuples of words (column names, mostly)."""
    name = code.segment(holder)
    for node in code.nodes:
        if isinstance(node, ast.Dict):
            yield from (
                k.value
                for k in node.keys
                if isinstance(k, ast.Constant) and isinstance(k.value, str)
            )
        elif isinstance(node, ast.Tuple | ast.List):
            words = [word for element in node.elts for word in _text_of(element)]
            yield from words if len(words) == len(node.elts) > 1 else ()
        elif isinstance(node, ast.Subscript) and code.segment(node.value) == name:
            yield from _text_of(node.slice)


def _text_of(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value


def wrong_keyword(site: FaultSite) -> Iterator[Fix]:
    """The called function of this repository has one closely spelled parameter."""
    match = _KEYWORD.search(site.error.message)
    if not match:
        return
    for call in site.nodes(ast.Call):
        for keyword in call.keywords:
            if keyword.arg != match[2]:
                continue
            names = _parameters(site, match[1]) - {k.arg or "" for k in call.keywords}
            best = clear(match[2], names)
            if best:
                start, _ = site.code.span(keyword)
                change = TextEdit(start, start + len(match[2]), best[0])
                cause = f"`{match[1]}` has no argument `{match[2]}`; its `{best[0]}` was meant."
                standard = hasattr(builtins, match[1])
                yield Fix(cause, (change,), near_certainty(match[2], best, complete=standard))


def definitions(site: FaultSite, called: str) -> Iterator[tuple[SourceFile, FunctionNode]]:
    """Functions of the repository with the name that an error message printed."""
    plain = called.rpartition(".")[2]
    cls = called.split(".")[-2] if "." in called else ""
    for path in (site.code.path, *(p for p in site.files.paths if p != site.code.path)):
        code = site.files.parse(path)
        for node in code.nodes if code else ():
            if (
                isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                and node.name == plain
                and code
            ):
                around = code.class_around(node)
                if not cls or cls == "<locals>" or (around and around.name == cls):
                    yield code, node


def _parameters(site: FaultSite, called: str) -> set[str]:
    if hasattr(builtins, called):
        return {
            "key",
            "reverse",
            "default",
            "sep",
            "end",
            "file",
            "flush",
            "encoding",
            "errors",
            "newline",
            "mode",
            "start",
            "strict",
        }
    for _, node in definitions(site, called):
        return {a.arg for a in (*node.args.args, *node.args.kwonlyargs)} - {"self", "cls"}
    return set()


def missing_self_parameter(site: FaultSite) -> Iterator[Fix]:
    """A method takes one argument fewer than it is given, and does not name `self`."""
    match = _COUNT.search(site.error.message)
    if not match or int(match[3]) != int(match[2]) + 1:
        return
    for code, node in definitions(site, match[1]):
        inside = isinstance(code.parents.get(node), ast.ClassDef)
        first = node.args.args[0].arg if node.args.args else ""
        if not inside or first in ("self", "cls") or node.decorator_list:
            continue
        start, _ = code.span(node)
        at = code.text.index("(", start) + 1
        uses = any(isinstance(n, ast.Name) and n.id == "self" for n in ast.walk(node))
        rest = ", " if node.args.args or node.args.vararg or node.args.kwonlyargs else ""
        cause = f"`{match[1]}` is a method but does not take `self`."
        yield Fix(cause, (TextEdit(at, at, f"self{rest}"),), 0.95 if uses else 0.85, code.path)


def call_instead_of_index(site: FaultSite) -> Iterator[Fix]:
    """`items(0)` or `compute[0]`: round and square brackets mixed up."""
    message = site.error.message
    if "object is not callable" in message and re.search(r"'(?:list|dict|tuple|str)'", message):
        for call in site.nodes(ast.Call):
            if len(call.args) == 1 and not call.keywords and _is_variable(site, call.func):
                text = f"{site.code.segment(call.func)}[{site.code.segment(call.args[0])}]"
                cause = "A container was called like a function; it is indexed instead."
                yield Fix(cause, (site.code.replace(call, text),), 0.6)
    if (
        "'function' object is not subscriptable" in message
        or "'method' object is not" in message
        or "'builtin_function_or_method' object is not subscriptable" in message
    ):
        for node in site.nodes(ast.Subscript):
            function, index = site.code.segment(node.value), site.code.segment(node.slice)
            cause = f"`{function}` is a function: it is called, not indexed."
            certain = 0.7 if not isinstance(node.slice, ast.Constant) else 0.5
            yield Fix(cause, (site.code.replace(node, f"{function}({index})"),), certain)
            yield Fix(cause, (site.code.replace(node.value, f"{function}()"),), 0.55)


def _is_variable(site: FaultSite, function: ast.expr) -> bool:
    """Not a built-in or a function of the file: those can be called."""
    if not isinstance(function, ast.Name):
        return isinstance(function, ast.Subscript)
    own = {n.name for n in site.code.nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    return function.id not in own and not hasattr(builtins, function.id)


def forgotten_call(site: FaultSite) -> Iterator[Fix]:
    """A function itself was used where its result was meant: the brackets are missing."""
    message = site.error.message
    if not re.search(
        r"(?:'function'|'method'|builtin_function_or_method|method_descriptor)", message
    ):
        return
    if "subscriptable" in message:
        return
    for node in _callables(site):
        parent = site.code.parents.get(node)
        called = isinstance(parent, ast.Call) and parent.func is node
        if called or (isinstance(parent, ast.Attribute) and not isinstance(node, ast.Name)):
            continue
        text = f"{site.code.segment(node)}()"
        cause = f"`{site.code.segment(node)}` is a function; its result was meant."
        yield Fix(cause, (site.code.replace(node, text),), 0.75)


def _callables(site: FaultSite) -> Iterable[ast.expr]:
    functions = {
        n.name
        for n in site.code.nodes
        if isinstance(n, ast.FunctionDef) and not _needs_arguments(n)
    }
    for node in site.nodes(ast.Attribute):
        if isinstance(node.ctx, ast.Load) and _ends_a_chain(site, node):
            yield node
    for name in site.nodes(ast.Name):
        if name.id in functions and isinstance(name.ctx, ast.Load):
            yield name


def _ends_a_chain(site: FaultSite, node: ast.Attribute) -> bool:
    return not isinstance(site.code.parents.get(node), ast.Attribute)


def _needs_arguments(node: ast.FunctionDef) -> bool:
    return len(node.args.args) > len(node.args.defaults)


MEMBER_RULES = (
    rule("class-for-module", "AttributeError", class_for_module),
    rule("submodule-not-imported", "AttributeError", submodule_not_imported),
    rule("wrong-attribute", "AttributeError", wrong_attribute),
    rule("wrong-key", "KeyError", wrong_key),
    rule("wrong-argument-name", "TypeError", wrong_keyword),
    rule("missing-self-parameter", "TypeError", missing_self_parameter),
    rule("wrong-brackets", "TypeError", call_instead_of_index),
    rule("forgotten-call", "TypeError AttributeError", forgotten_call),
)
