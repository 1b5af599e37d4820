"""Other forms for members, functions and arguments that are gone, and how they are filled in.

Belongs here: reading `changed_apis.json`, which names the source of each group. Its kinds:
`members` (`Type.name` for an attribute, `Type.name()` for a call; `Type|Other.name`), `functions`
(dotted names), `arguments` (`function:name` or `function:name=value`). Does not belong here: which
failure calls for which form (`changed_apis`).

A form holds `{self}`, `{0}`, `{1}` (positional arguments), `{args}` (those after the highest
number), `{rest}` (the same with a comma first), `{value}` (an argument's value) and `{@module}`
(what the file calls a module, imported where it is not). One that begins with `= ` is for the whole
call of an argument, and its `{call}` is that call without the argument.
"""

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypedDict

from healer.draft.rules.scope import imported_names
from healer.draft.rules.source_file import SourceFile, TextEdit

_FIELD = re.compile(r"\{(@?[\w.:]+)\}")


class Group(TypedDict, total=False):
    source: str
    members: dict[str, str]
    functions: dict[str, str]
    arguments: dict[str, str]


class Form(NamedTuple):
    """What takes the place of something that is gone, and who says so."""

    text: str
    source: str


class FilledArgument(NamedTuple):
    """The edits of a call, and the argument in its new form; empty where it is left out."""

    edits: tuple[TextEdit, ...]
    argument: str


@cache
def table() -> tuple[Group, ...]:
    text = Path(__file__).with_name("changed_apis.json").read_text(encoding="utf-8")
    return tuple(json.loads(text))


@cache
def member_forms() -> dict[tuple[str, str, bool], Form]:
    """By type, name, and whether it is called."""
    forms = {}
    for group in table():
        for key, text in group.get("members", {}).items():
            types, _, name = key.rpartition(".")
            for owner in types.split("|"):
                is_called = name.endswith("()")
                forms[owner, name.removesuffix("()"), is_called] = Form(text, group["source"])
    return forms


@cache
def function_forms() -> dict[str, Form]:
    """By dotted name."""
    return {
        name: Form(text, group["source"])
        for group in table()
        for name, text in group.get("functions", {}).items()
    }


@cache
def argument_forms() -> dict[str, Form]:
    """By `function:name`, or `function:name=value` in double quotes."""
    return {
        key: Form(text, group["source"])
        for group in table()
        for key, text in group.get("arguments", {}).items()
    }


def shorten_form(form: str) -> str:
    """A form as it is shown to people."""
    return re.sub(r"\{@([\w.]+)\}", r"\1", form).replace("{self}", "...").replace("{rest}", "")


def fill_form(
    code: SourceFile, node: ast.expr, receiver: ast.expr | None, form: str
) -> tuple[TextEdit, ...]:
    """Edits that put the form in the node's place; empty where its arguments do not fit."""
    call = node if isinstance(node, ast.Call) else None
    positional = call.args if call else []
    if any(isinstance(argument, ast.Starred) for argument in positional):
        return ()
    fields = _FIELD.findall(form)
    highest = max((int(field) for field in fields if field.isdigit()), default=-1)
    rest = [*positional[highest + 1 :], *(call.keywords if call else [])]
    takes_rest = "rest" in fields or "args" in fields
    if len(positional) <= highest or (rest and not takes_rest):
        return ()
    values = {str(n): code.segment(argument) for n, argument in enumerate(positional)}
    values["args"] = ", ".join(code.segment(part) for part in rest)
    values["rest"] = "".join(f", {code.segment(part)}" for part in rest)
    if receiver is not None:
        values["self"] = code.segment(receiver)
    edits = _name_modules(code, fields, values)
    if not set(fields) <= set(values):
        return ()
    text = _FIELD.sub(lambda match: values[match[1]], form)
    is_loose = " " in text and not re.search(r"[)\]]$", text)
    parent = code.parents.get(node)
    is_alone = isinstance(
        parent, ast.Assign | ast.Return | ast.Expr | ast.keyword | ast.Call | ast.If
    )
    return (*edits, code.replace(node, f"({text})" if is_loose and not is_alone else text))


def fill_argument(
    code: SourceFile, call: ast.Call, keyword: ast.keyword, form: str
) -> FilledArgument | None:
    """A call with an argument in its new form; None where the form has no place for the others."""
    row: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    others = [code.segment(part) for part in row if part is not keyword]
    function = code.segment(call.func)
    values = {
        "value": code.segment(keyword.value),
        "call": f"{function}({', '.join(others)})",
    }
    if isinstance(call.func, ast.Attribute):
        values["self"] = code.segment(call.func.value)
    is_whole = form.startswith("= ")
    form = f"{form}={{value}}" if form.isidentifier() else form.removeprefix("= ")
    if is_whole and others and "{call}" not in form:
        return None
    edits = _name_modules(code, _FIELD.findall(form), values)
    argument = _FIELD.sub(lambda match: values[match[1]], form)
    parts = [argument if part is keyword else code.segment(part) for part in row]
    text = argument if is_whole else f"{function}({', '.join(part for part in parts if part)})"
    return FilledArgument((*edits, code.replace(call, text)), argument)


def _name_modules(code: SourceFile, fields: list[str], values: dict[str, str]) -> list[TextEdit]:
    """Puts what the file calls each `{@module}` into the values; gives the imports it lacks."""
    edits: list[TextEdit] = []
    for field in fields:
        if field.startswith("@"):
            values[field], missing = name_of_module(code, field[1:])
            edits += missing
    return edits


def name_of_module(code: SourceFile, module: str) -> tuple[str, list[TextEdit]]:
    """What a file calls a module, and the import that it lacks; `a:b` is the name b of a."""
    module, _, name = module.partition(":")
    goal = f"{module}.{name}" if name else module
    for local, full_name in imported_names(code).items():
        if full_name == goal:
            return local, []
    if name:
        return name, [code.add_import(f"from {module} import {name}")]
    return module, [code.add_import(f"import {module}")]
