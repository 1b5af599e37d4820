"""Rules that take the code's own way of doing a thing to another place where it was forgotten.

Belongs here: None, missing keys and missing arguments, where the same file shows what is meant.
Does not belong here: any default that the file does not show; nothing is invented.
"""

import ast
import re
from collections.abc import Iterator

from healer.draft.rules.code import Change, Code
from healer.draft.rules.place import Fix, Place, rule

_NONE = re.compile(r"'NoneType' object (?:has no attribute|is not subscriptable|is not iterable)")
_MISSING = re.compile(r"missing (\d+) required (?:positional|keyword-only) arguments?: (.+)")


def none_as_elsewhere(place: Place) -> Iterator[Fix]:
    """A result that may be None is checked in another place of the file, and not here."""
    if not _NONE.search(place.error.message):
        return
    code = place.code
    for name, call, assigned in _none_sources(place):
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
            change = Change(end, end, "".join(moved) + code.newline)
            cause = f"`{call}` may give None; line {guard.lineno} shows what this file does then."
            yield Fix(cause, (change,), 0.85)
            return


def _none_sources(place: Place) -> Iterator[tuple[str, str, ast.stmt]]:
    """Names in the failing statement that hold a call's result, the called function, and where."""
    scope = place.code.function(place.line) or place.code.tree
    used = {n.id for n in place.code.within(place.line) if isinstance(n, ast.Name)}
    nones = {name for name, shown in place.locals.items() if shown == "None"}
    for node in ast.walk(scope) if scope else ():
        if not isinstance(node, ast.Assign) or node.lineno >= place.line:
            continue
        name, called = _assigned_name(node), _called(place.code, node)
        if name and name in used and called and (name in nones or not place.locals):
            yield name, called, node


def _assigned_name(node: ast.AST | None) -> str | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        target = node.targets[0]
        return target.id if isinstance(target, ast.Name) else None
    return None


def _called(code: Code, node: ast.AST) -> str:
    value = node.value if isinstance(node, ast.Assign) else None
    return code.segment(value.func) if isinstance(value, ast.Call) else ""


def _guards(code: Code, call: str) -> Iterator[ast.If]:
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


def _before(code: Code, node: ast.stmt) -> ast.stmt | None:
    """The statement before this one in its block."""
    parent = code.parents.get(node)
    for field in ("body", "orelse", "finalbody"):
        block = getattr(parent, field, None)
        if isinstance(block, list) and node in block:
            place = block.index(node)
            return block[place - 1] if place else None
    return None


def _fits_here(code: Code, guard: ast.If, assigned: ast.stmt) -> bool:
    """The guard's end means the same here: a loop around it, or a function."""
    around = [type(n) for n in code.on_line(assigned.lineno)]
    end = guard.body[0]
    if isinstance(end, ast.Continue | ast.Break):
        return ast.For in around or ast.While in around
    if isinstance(end, ast.Return):
        return ast.FunctionDef in around
    return True


def _is_deep(guard: ast.If) -> bool:
    return (guard.end_lineno or 0) - guard.lineno > 1


def default_as_elsewhere(place: Place) -> Iterator[Fix]:
    """A key that may be missing is read with a default elsewhere in the file, and not here."""
    code = place.code
    defaults: dict[str, set[str]] = {}
    for node in code.nodes:
        if not isinstance(node, ast.Call) or getattr(node.func, "attr", "") != "get":
            continue
        if len(node.args) == 2 and not node.keywords:  # noqa: PLR2004 - a key and a default
            found = defaults.setdefault(ast.dump(node.args[0]), set())
            found.add(code.segment(node.args[1]))
    for subscript in place.nodes(ast.Subscript):
        key = subscript.slice
        if not isinstance(key, ast.Constant) or repr(key.value) != place.error.message:
            continue
        shown = defaults.get(ast.dump(key), set())
        if len(shown) == 1 and isinstance(subscript.ctx, ast.Load):
            text, default = code.segment(key), next(iter(shown))
            held = code.segment(subscript.value)
            change = code.replace(subscript, f"{held}.get({text}, {default})")
            cause = f"{text} may be missing; elsewhere this file reads it as {default} then."
            yield Fix(cause, (change,), 0.85)


def missing_argument(place: Place) -> Iterator[Fix]:
    """A required argument was not passed, and a variable of that very name is at hand."""
    match = _MISSING.search(place.error.message)
    if not match:
        return
    names = re.findall(r"'(\w+)'", match[2])
    function = re.match(r"(?:\w+\.)*(\w+)\(\)", place.error.message)
    at_hand = _bound_before(place)
    if not function or not names or not set(names) <= at_hand:
        return
    wanted = "__init__" if function[1] == "__init__" else function[1]
    for call in place.nodes(ast.Call):
        called = place.code.segment(call.func).rpartition(".")[2]
        if called != wanted and not (wanted == "__init__" and called[:1].isupper()):
            continue
        end = place.code.span(call)[1] - 1
        comma = ", " if call.args or call.keywords else ""
        passed = ", ".join(f"{name}={name}" for name in names)
        cause = f"`{called}` needs `{', '.join(names)}`, which this function has under that name."
        yield Fix(cause, (Change(end, end, f"{comma}{passed}"),), 0.8)


def _bound_before(place: Place) -> set[str]:
    """Names that hold a value where the failing line runs: seen, or bound above it."""
    function = place.code.function(place.line)
    bound = set(place.locals)
    if function is not None:
        bound |= {a.arg for a in (*function.args.args, *function.args.kwonlyargs)}
    scope = function or place.code.tree
    for node in ast.walk(scope) if scope else ():
        stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        if isinstance(node, ast.Name) and stored and node.lineno < place.line:
            bound.add(node.id)
    return bound - {"self", "cls"}


PATTERN_RULES = (
    rule("none-as-elsewhere", "AttributeError TypeError", none_as_elsewhere),
    rule("default-as-elsewhere", "KeyError", default_as_elsewhere),
    rule("missing-argument", "TypeError", missing_argument, outward=True),
)
