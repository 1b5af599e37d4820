"""Rules for calls: of a module, of a property, with a tuple that is none, with loose values.

Belongs here: what is called, and how its arguments are wrapped. Does not belong here: names and
argument names (`members`), and arguments that are missing (`patterns`).
"""

import ast
import importlib
import re
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.scope import STANDARD, dotted, imports
from healer.draft.rules.source_file import TextEdit

_ONE = re.compile(r"(?:\w+\.)?(\w+)\(\) takes (?:exactly one argument|1 positional argument|"
                  r"exactly 1 positional argument|at most 1 argument) (?:but|\()(\d+)")  # fmt: skip
_WRAPPED = {"any": 0.93, "all": 0.93, "join": 0.93, "list": 0.85, "set": 0.85, "tuple": 0.85,
            "append": 0.6, "add": 0.6, "choice": 0.9, "len": 0.6, "prod": 0.9, "fsum": 0.93,
            "writerow": 0.93, "writelines": 0.9}  # fmt: skip
"""How surely loose values were meant as one value with several items."""
_BINDINGS = re.compile(
    r"uses (\d+), and there are (\d+) supplied|parameters are of unsupported type"
)


def module_called(site: FaultSite) -> Iterator[Fix]:
    """`import pprint; pprint(x)`: the module has a function or class of its own name."""
    if "'module' object is not callable" not in site.error.message:
        return
    known = imports(site.code)
    for call in site.nodes(ast.Call):
        name = dotted(call.func, known) or ""
        if name not in STANDARD and name.partition(".")[0] not in STANDARD:
            continue
        inner = name.rpartition(".")[2]
        try:
            has = callable(getattr(importlib.import_module(name), inner, None))
        except ImportError:
            continue
        if has:
            end = site.code.span(call.func)[1]
            cause = f"`{name}` is a module; what is called is its `{inner}`."
            yield Fix(cause, (TextEdit(end, end, f".{inner}"),), 0.95)


def property_called(site: FaultSite) -> Iterator[Fix]:
    """`job.total()` where `total` is a property: it has its value already."""
    if "object is not callable" not in site.error.message:
        return
    properties = {
        node.name
        for node in site.code.nodes
        if isinstance(node, ast.FunctionDef)
        and any(
            site.code.segment(d).rpartition(".")[2] in ("property", "cached_property")
            for d in node.decorator_list
        )
    }
    for call in site.nodes(ast.Call):
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if name in properties and not call.args and not call.keywords:
            cause = f"`{name}` is a property; it is read, not called."
            yield Fix(cause, (site.code.replace(call, site.code.segment(call.func)),), 0.93)


def one_tuple(site: FaultSite) -> Iterator[Fix]:
    """`execute(sql, (name))`, `Thread(args=(x))`: brackets alone make no tuple."""
    match = _BINDINGS.search(site.error.message)
    thread = re.search(
        r"argument after \* must be an iterable|takes 1 positional argument but \d+ were given",
        site.error.message,
    )
    if not match and not thread:
        return
    if match and match[1] and match[1] != "1":
        return
    code = site.code
    nodes = site.nodes(ast.Call) if match else (n for n in code.nodes if isinstance(n, ast.Call))
    for call in nodes:
        values: list[ast.expr] = []
        if match and getattr(call.func, "attr", "") == "execute":
            values = call.args[1:2]
        elif thread and code.segment(call.func).endswith(("Thread", "Process", "Timer")):
            values = [k.value for k in call.keywords if k.arg == "args"]
        for value in values:
            start, end = code.span(value)
            bare = isinstance(value, ast.Name | ast.Attribute | ast.Constant | ast.Subscript)
            bracketed = code.text[:start].rstrip().endswith("(") and code.text[end] == ")"
            if bare and bracketed:
                cause = "Brackets around one value are no tuple; a comma makes one."
                yield Fix(cause, (TextEdit(end, end, ","),), 0.95)
            elif bare and match:
                cause = "The values of a statement are a tuple, also where there is only one."
                text = f"({code.segment(value)},)"
                yield Fix(cause, (code.replace(value, text),), 0.9)


def loose_values(site: FaultSite) -> Iterator[Fix]:
    """`any(a, b)`, `"".join(a, b)`: the function takes one value that holds them all."""
    match = _ONE.search(site.error.message)
    certainty = _WRAPPED.get(match[1], 0.0) if match else 0.0
    for call in site.nodes(ast.Call) if match and certainty else ():
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if match and name == match[1] and len(call.args) > 1 and not call.keywords:
            start, end = site.code.span(call.args[0])[0], site.code.span(call.args[-1])[1]
            change = TextEdit(start, end, f"({site.code.text[start:end]})")
            cause = f"`{name}` takes one value that holds all; they are put into one."
            yield Fix(cause, (change,), certainty)


def list_of_parts(site: FaultSite) -> Iterator[Fix]:
    """`os.path.join(parts)`: the parts are given one by one."""
    if not re.search(r"os\.PathLike object, not '?(?:list|tuple)", site.error.message):
        return
    for call in site.nodes(ast.Call):
        name = dotted(call.func, imports(site.code)) or ""
        if name in ("os.path.join", "pathlib.Path") and len(call.args) == 1:
            start = site.code.span(call.args[0])[0]
            cause = f"`{name}` takes the parts one by one; the list is spread."
            yield Fix(cause, (TextEdit(start, start, "*"),), 0.93)


def one_row(site: FaultSite) -> Iterator[Fix]:
    """`writerow(3)`: a row is a list, also with one column."""
    if "iterable expected, not " not in site.error.message:
        return
    for call in site.nodes(ast.Call):
        if getattr(call.func, "attr", "") == "writerow" and len(call.args) == 1:
            text = f"[{site.code.segment(call.args[0])}]"
            change = site.code.replace(call.args[0], text)
            yield Fix("A row is a list, also with one column.", (change,), 0.93)


CALL_RULES = (
    rule("module-called", "TypeError", module_called),
    rule("property-called", "TypeError", property_called),
    rule("one-tuple", "ProgrammingError InterfaceError ValueError TypeError", one_tuple),
    rule("loose-values", "TypeError", loose_values),
    rule("list-of-parts", "TypeError", list_of_parts),
    rule("one-row", "Error", one_row),
)
