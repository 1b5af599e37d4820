"""Members, functions and arguments that a library removed and that have another form now.

Belongs here: applying `rewrites.json`, which names the source of each group. Its kinds:
`members` (`Type.name` for an attribute, `Type.name()` for a call; `Type|Other.name`), `functions`
(dotted names), `arguments` (`function:name` or
`function:name=value`). Does not belong here: plain renames (`moved`).

A form holds `{self}`, `{0}`, `{1}` (positional arguments), `{args}` (those after the highest
number), `{rest}` (the same with a comma first), `{value}` (an argument's value) and `{@module}`
(what the file calls a module, imported where it is not). One that begins with `= ` is for the whole
call of an argument, and its `{call}` is that call without the argument.
"""

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypedDict

from healer.draft.rules.bindings import only_value
from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import dotted, imports
from healer.draft.rules.source_file import SourceFile, TextEdit

_FIELD = re.compile(r"\{(@?[\w.:]+)\}")
_NO_MEMBER = re.compile(
    r"'(?:\w+\.)*(\w+)' object has no attribute '(\w+)'"
    r"|type object '(?:\w+\.)*(\w+)' has no attribute '(\w+)'"
    r"|\(?`(\w+)\.?`? ?.*`(\w+)` was removed"
)
_NO_FUNCTION = re.compile(r"module '([\w.]+)' has no attribute '(\w+)'|cannot import name '(\w+)'")
_NO_ARGUMENT = re.compile(
    r"unexpected keyword argument '(\w+)'|'(\w+)' is an invalid keyword argument"
    r"|`(\w+)` is (?:removed|deprecated)|Invalid argument\(s\) '(\w+)'"
    r"|Additional keyword arguments .*'(\w+)'|Rectangle\.set\(\) got .* '(\w+)'"
)


class Group(TypedDict, total=False):
    source: str
    members: dict[str, str]
    functions: dict[str, str]
    arguments: dict[str, str]


@cache
def table() -> tuple[Group, ...]:
    text = Path(__file__).with_name("changed_apis.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


@cache
def _members() -> dict[tuple[str, str, bool], tuple[str, str]]:
    """(type, name, called) to (form, source)."""
    found = {}
    for group in table():
        for key, form in group.get("members", {}).items():
            types, _, name = key.rpartition(".")
            for kind in types.split("|"):
                called = name.endswith("()")
                found[kind, name.removesuffix("()"), called] = (form, group["source"])
    return found


def old_member(site: FaultSite) -> Iterator[Fix]:
    """`frame.append(row)`: the type has no such member any more, or never had it."""
    match = _NO_MEMBER.search(site.error.message)
    said = [word for word in (match.groups() if match else ()) if word]
    if len(said) != 2:  # noqa: PLR2004 - a type and a member
        return
    kind, name = said
    for node in site.nodes(ast.Attribute):
        if node.attr != name:
            continue
        parent = site.code.parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        row = call is not None and _is_mapping(site, call)
        keys = [(kind, f"{name}({{}})", False)] if row else []
        keys.append((kind, name, call is not None))
        form, source = next((_members()[key] for key in keys if key in _members()), ("", ""))
        if form and (fix := _rewritten(site.code, call or node, node.value, form)):
            cause = f"`{kind}` has no `{name}` (see {source}); `{_shown(form)}` takes its site."
            yield Fix(cause, fix, _certainty(source))


def _is_mapping(site: FaultSite, call: ast.Call) -> bool:
    """The first argument is a dictionary, by its text or by what the locals show."""
    first = call.args[0] if call.args else None
    if first is None:
        return False
    value = only_value(site, first) or first
    shown = site.locals.get(site.code.segment(first), "")
    return isinstance(value, ast.Dict) or shown.startswith("{")


def _certainty(source: str) -> float:
    """A library's own notes name the successor; a habit from elsewhere is likely, not certain."""
    return 0.85 if source.endswith("library/stdtypes.html") else 0.93


def _shown(form: str) -> str:
    return re.sub(r"\{@([\w.]+)\}", r"\1", form).replace("{self}", "...").replace("{rest}", "")


def _rewritten(
    code: SourceFile, node: ast.expr, receiver: ast.expr | None, form: str
) -> tuple[TextEdit, ...]:
    """Changes that put the form in the node's place; empty where its arguments do not fit."""
    call = node if isinstance(node, ast.Call) else None
    positional = call.args if call else []
    if any(isinstance(argument, ast.Starred) for argument in positional):
        return ()
    fields = _FIELD.findall(form)
    highest = max((int(f) for f in fields if f.isdigit()), default=-1)
    if len(positional) <= highest:
        return ()
    rest = [*positional[highest + 1 :], *(call.keywords if call else [])]
    values = {"args": ", ".join(code.segment(part) for part in rest)}
    if rest and "rest" not in fields and "args" not in fields and call is not None:
        return ()
    values["rest"] = "".join(f", {code.segment(part)}" for part in rest)
    if receiver is not None:
        values["self"] = code.segment(receiver)
    values.update({str(n): code.segment(argument) for n, argument in enumerate(positional)})
    changes: list[TextEdit] = []
    for field in fields:
        if field.startswith("@"):
            values[field], added = module_name(code, field[1:])
            changes += added
    if not set(fields) <= set(values):
        return ()
    text = _FIELD.sub(lambda match: values[match[1]], form)
    loose = " " in text and not re.search(r"[)\]]$", text)
    around = code.parents.get(node)
    bare = isinstance(around, ast.Assign | ast.Return | ast.Expr | ast.keyword | ast.Call | ast.If)
    return (*changes, code.replace(node, f"({text})" if loose and not bare else text))


def module_name(code: SourceFile, module: str) -> tuple[str, list[TextEdit]]:
    """What a file calls a module, and the import that it lacks; `a:b` is the name b of a."""
    module, _, name = module.partition(":")
    known = imports(code)
    wanted = f"{module}.{name}" if name else module
    for local, meant in known.items():
        if meant == wanted:
            return local, []
    if name:
        return name, [code.add_import(f"from {module} import {name}")]
    return module, [code.add_import(f"import {module}")]


def old_function(site: FaultSite) -> Iterator[Fix]:
    """`pandas.rolling_mean(x, 3)`: a function whose work a method does now."""
    if not _NO_FUNCTION.search(site.error.message):
        return
    code, known = site.code, imports(site.code)
    changes: list[TextEdit] = []
    said = ""
    for group in table():
        for name, form in group.get("functions", {}).items():
            if name.rpartition(".")[2] not in site.error.message:
                continue
            for call in (n for n in code.nodes if isinstance(n, ast.Call)):
                if dotted(call.func, known) == name:
                    changes += _rewritten(code, call, None, form)
                    said = (
                        f"`{name}` is gone (see {group['source']}); `{_shown(form)}` does its work."
                    )
    if changes:
        yield Fix(said, tuple(changes), 0.93)


def old_argument(site: FaultSite) -> Iterator[Fix]:
    """An argument that a function no longer takes, or takes under another name."""
    match = _NO_ARGUMENT.search(site.error.message)
    old = next((word for word in (match.groups() if match else ()) if word), "")
    for call in site.nodes(ast.Call) if old else ():
        function = getattr(call.func, "attr", getattr(call.func, "id", ""))
        for keyword in call.keywords:
            if keyword.arg != old:
                continue
            value = site.code.segment(keyword.value).replace("'", '"')
            for group in table():
                every = group.get("arguments", {})
                form = every.get(f"{function}:{old}={value}", every.get(f"{function}:{old}"))
                if form is not None:
                    yield from _argument(site, call, keyword, form, group["source"])
                    return


def _argument(
    site: FaultSite, call: ast.Call, keyword: ast.keyword, form: str, source: str
) -> Iterator[Fix]:
    code, old = site.code, keyword.arg or ""
    row: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    others = [code.segment(part) for part in row if part is not keyword]
    function = code.segment(call.func)
    values = {"value": code.segment(keyword.value), "call": f"{function}({', '.join(others)})"}
    if isinstance(call.func, ast.Attribute):
        values["self"] = code.segment(call.func.value)
    whole = form.startswith("= ")
    form = f"{form}={{value}}" if form.isidentifier() else form.removeprefix("= ")
    if whole and others and "{call}" not in form:
        return
    changes: list[TextEdit] = []
    for field in _FIELD.findall(form):
        if field.startswith("@"):
            values[field], added = module_name(code, field[1:])
            changes += added
    new = _FIELD.sub(lambda match: values[match[1]], form)
    parts = [new if part is keyword else code.segment(part) for part in row]
    text = new if whole else f"{function}({', '.join(part for part in parts if part)})"
    what = f"`{new}` takes its place" if new else "it is left out"
    cause = f"`{old}` is gone (see {source}); {what}."
    yield Fix(cause, (*changes, code.replace(call, text)), 0.93)


REWRITE_RULES = (
    rule("old-member", "AttributeError", old_member),
    rule("old-function", "AttributeError ImportError", old_function),
    rule("old-argument", "TypeError PydanticUserError ValueError ArgumentError", old_argument),
)
