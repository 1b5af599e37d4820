"""Rules that take the code's own way of doing a thing to another place where it was forgotten.

Belongs here: None, missing keys and missing arguments, where the same file shows what is meant.
Does not belong here: any default that the file does not show; nothing is invented.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.rule import FaultSite, Fix, rule
from healer.draft.rules.source_file import SourceFile, TextEdit

_NONE = re.compile(r"'NoneType' object (?:has no attribute|is not subscriptable|is not iterable)")
_EMPTY = re.compile(
    r"division by zero|(?:arg is an|iterable argument is) empty|list index out of range"
)
_MISSING = re.compile(r"missing (\d+) required (?:positional|keyword-only) arguments?: (.+)")


def none_as_elsewhere(site: FaultSite) -> Iterator[Fix]:
    """A result that may be None is checked in another place of the file, and not here."""
    if not _NONE.search(site.error.message):
        return
    code = site.code
    for name, call, assigned in _none_sources(site):
        for guard in _guards(code, call):
            if not _fits_here(code, guard, assigned):
                continue
            other = _assigned_name(_before(code, guard))
            text = code.segment(guard)
            if other is None or _is_deep(guard):
                continue
            new = re.sub(rf"\b{re.escape(other)}\b", name, text)
            end = code.line_start((assigned.end_lineno or assigned.lineno) + 1)
            was, now = code.indent(guard.lineno), code.indent(assigned.lineno)
            lines = (now + new).splitlines(keepends=True)
            moved = [lines[0], *(now + line.removeprefix(was) for line in lines[1:])]
            change = TextEdit(end, end, "".join(moved) + code.newline)
            cause = f"`{call}` may give None; line {guard.lineno} shows what this file does then."
            yield Fix(cause, (change,), 0.85)
            return


def _none_sources(site: FaultSite) -> Iterator[tuple[str, str, ast.stmt]]:
    """Names in the failing statement that hold a call's result, the called function, and where."""
    scope = site.code.function_at(site.line) or site.code.tree
    used = {n.id for n in site.code.nodes_of_statement(site.line) if isinstance(n, ast.Name)}
    nones = {name for name, shown in site.locals.items() if shown == "None"}
    for node in ast.walk(scope) if scope else ():
        if not isinstance(node, ast.Assign) or node.lineno >= site.line:
            continue
        name, called = _assigned_name(node), _called(site.code, node)
        if name and name in used and called and (name in nones or not site.locals):
            yield name, called, node


def _assigned_name(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def _called(code: SourceFile, node: ast.AST) -> str:
    value = node.value if isinstance(node, ast.Assign) else None
    return code.segment(value.func) if isinstance(value, ast.Call) else ""


def _guards(code: SourceFile, call: str) -> Iterator[ast.If]:
    """`if NAME is None:` or `if not NAME:` right after `NAME = CALL(...)`, with one early end."""
    for node in code.nodes:
        if not isinstance(node, ast.If) or node.orelse or len(node.body) != 1:
            continue
        before = _before(code, node)
        name = _assigned_name(before)
        if name is None or before is None or _called(code, before) != call:
            continue
        tests = (f"{name} is None", f"not {name}", f"{name} == None")
        ends = isinstance(node.body[0], ast.Continue | ast.Return | ast.Break | ast.Raise)
        if ends and code.segment(node.test) in tests:
            yield node


def _before(code: SourceFile, node: ast.stmt) -> ast.stmt | None:
    """The statement before this one in its block."""
    parent = code.parents.get(node)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and node in block:
            site = block.index(node)
            return block[site - 1] if site else None
    return None


def _fits_here(code: SourceFile, guard: ast.If, assigned: ast.stmt) -> bool:
    """The guard's end means the same here: a loop around it, or a function."""
    around = [type(n) for n in code.nodes_on_line(assigned.lineno)]
    end = guard.body[0]
    if isinstance(end, ast.Continue | ast.Break):
        return ast.For in around or ast.While in around
    if isinstance(end, ast.Return):
        return ast.FunctionDef in around
    return True


def _is_deep(guard: ast.If) -> bool:
    return (guard.end_lineno or 0) - guard.lineno > 1


def default_as_elsewhere(site: FaultSite) -> Iterator[Fix]:
    """A key that may be missing is read with a default elsewhere in the file, and not here."""
    code = site.code
    defaults: dict[str, set[str]] = {}
    for node in code.nodes:
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "get":
            continue
        if len(node.args) == 2 and not node.keywords:  # noqa: PLR2004 - a key and a default
            found = defaults.setdefault(ast.dump(node.args[0]), set())
            found.add(code.segment(node.args[1]))
    for subscript in site.nodes(ast.Subscript):
        key = subscript.slice
        if not isinstance(key, ast.Constant) or repr(key.value) != site.error.message:
            continue
        shown = defaults.get(ast.dump(key), set())
        if len(shown) == 1 and isinstance(subscript.ctx, ast.Load):
            text, default = code.segment(key), next(iter(shown))
            held = code.segment(subscript.value)
            change = code.replace(subscript, f"{held}.get({text}, {default})")
            cause = f"{text} may be missing; elsewhere this file reads it as {default} then."
            yield Fix(cause, (change,), 0.85)


def missing_argument(site: FaultSite) -> Iterator[Fix]:
    """A required argument was not passed, and a variable of that very name is at hand."""
    match = _MISSING.search(site.error.message)
    if not match:
        return
    names = re.findall(r"'(\w+)'", match[2])
    function = re.match(r"(?:\w+\.)*(\w+)\(\)", site.error.message)
    at_hand = _bound_before(site)
    if not function or not names or not set(names) <= at_hand:
        return
    wanted = "__init__" if function[1] == "__init__" else function[1]
    for call in site.nodes(ast.Call):
        called = site.code.segment(call.func).rpartition(".")[2]
        if called != wanted and not (wanted == "__init__" and called[:1].isupper()):
            continue
        end = site.code.span(call)[1] - 1
        comma = ", " if call.args or call.keywords else ""
        passed = ", ".join(f"{name}={name}" for name in names)
        cause = f"`{called}` needs `{', '.join(names)}`, which this function has under that name."
        yield Fix(cause, (TextEdit(end, end, f"{comma}{passed}"),), 0.8)


def _bound_before(site: FaultSite) -> set[str]:
    """Names that hold a value where the failing line runs: seen, or bound above it."""
    function = site.code.function_at(site.line)
    bound = set(site.locals)
    if function is not None:
        bound |= {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    scope = function or site.code.tree
    for node in ast.walk(scope) if scope else ():
        stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        if isinstance(node, ast.Name) and stored and node.lineno < site.line:
            bound.add(node.id)
    return bound - {"self", "cls"}


def empty_as_elsewhere(site: FaultSite) -> Iterator[Fix]:
    """An empty collection: another function of the file shows what is given for one.

    Only where that function asks `if not rows:` first and then does with them what fails here.
    """
    if not _EMPTY.search(site.error.message):
        return
    code, function = site.code, site.code.function_at(site.line)
    for name in _empty_parameters(site) if function else ():
        shapes = {_shape(code, node, name) for node in code.nodes_of_statement(site.line)} - {""}
        fitting = [
            (guard, used)
            for guard, used in _empty_guards(code, function)
            if shapes & {_shape(code, node, used) for node in ast.walk(code.parents[guard])}
        ]
        ends = {re.sub(rf"\b{used}\b", name, code.segment(guard)) for guard, used in fitting}
        if len(ends) != 1 or function is None:
            continue
        guard, used = fitting[0]
        first = function.body[0]
        docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        first = function.body[1] if docstring and len(function.body) > 1 else first
        start, now = code.line_start(first.lineno), code.indent(first.lineno)
        was = code.indent(guard.lineno)
        text = re.sub(rf"\b{used}\b", name, code.segment(guard))
        lines = (now + text).splitlines(keepends=True)
        moved = [lines[0], *(now + line.removeprefix(was) for line in lines[1:])]
        cause = f"`{name}` may be empty; line {guard.lineno} shows what this file gives then."
        yield Fix(cause, (TextEdit(start, start, "".join(moved) + code.newline),), 0.85)


def _empty_parameters(site: FaultSite) -> Iterator[str]:
    """Parameters of the failing function that the failing line uses, and that may be empty."""
    function = site.code.function_at(site.line)
    used = {n.id for n in site.code.nodes_of_statement(site.line) if isinstance(n, ast.Name)}
    for argument in function.args.args if function else ():
        shown = site.locals.get(argument.arg)
        if argument.arg in used and shown in (None, "[]", "{}", "()", "set()", "''"):
            yield argument.arg


def _empty_guards(code: SourceFile, apart: ast.AST | None) -> Iterator[tuple[ast.If, str]]:
    """`if not rows: return ...` at the top of another function, for one of its parameters."""
    for node in code.nodes:
        if not isinstance(node, ast.FunctionDef) or node is apart:
            continue
        for statement in node.body[:2]:
            if not isinstance(statement, ast.If) or statement.orelse or len(statement.body) != 1:
                continue
            match = re.fullmatch(r"not (\w+)|len\((\w+)\) == 0", code.segment(statement.test))
            name = (match[1] or match[2]) if match else ""
            ends = isinstance(statement.body[0], ast.Return | ast.Raise)
            if ends and name in {a.arg for a in node.args.args}:
                yield statement, name


def _shape(code: SourceFile, node: ast.AST, name: str) -> str:
    """What is done with a collection that fails where it is empty: its first, its mean."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv):
        return "divide" if code.segment(node.right) == f"len({name})" else ""
    if isinstance(node, ast.Subscript) and code.segment(node.value) == name:
        return f"item {code.segment(node.slice)}"
    if isinstance(node, ast.Call) and node.args:
        called = code.segment(node.func)
        about = any(getattr(n, "id", "") == name for n in ast.walk(node.args[0]))
        return called if about and called in ("max", "min", "next") else ""
    return ""


PATTERN_RULES = (
    rule("empty-as-elsewhere", "ZeroDivisionError ValueError IndexError", empty_as_elsewhere),
    rule("none-as-elsewhere", "AttributeError TypeError", none_as_elsewhere),
    rule("default-as-elsewhere", "KeyError", default_as_elsewhere),
    rule("missing-argument", "TypeError", missing_argument, outward=True),
)
