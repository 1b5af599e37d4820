"""Operators for known traps: a default value that is shared, a loop variable bound too late, a
collection that nothing is put into.

Belongs here: edits whose shape is always the same, offered only where the trap is there to see.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.site import Mutation, Operator, Site


def mutable_default(site: Site) -> Iterator[Mutation]:
    """`def f(rows=[])`: every call shares the list. Each gets a new one instead."""
    function = site.scope
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    given = function.args
    plain = [*given.posonlyargs, *given.args]
    pairs = list(zip(plain[len(plain) - len(given.defaults) :], given.defaults, strict=True))
    for argument, default in pairs:
        if not isinstance(default, ast.List | ast.Dict | ast.Set | ast.Call):
            continue
        text = site.text(default)
        if text not in ("[]", "{}", "set()", "list()", "dict()"):
            continue
        first = function.body[0]
        docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        if docstring and len(function.body) > 1:
            first = function.body[1]
        start, indent = site.line_of(first)[0], site.code.indent(first.lineno)
        newline, name = site.code.newline, argument.arg
        body = f"{indent}if {name} is None:{newline}{indent}    {name} = {text}{newline}"
        changes = (site.code.replace(default, "None"), TextEdit(start, start, body))
        yield Mutation("mutable-default/", first.lineno, changes)


def late_binding(site: Site) -> Iterator[Mutation]:
    """`lambda: name` in a loop sees the loop's last value. It keeps each one instead."""
    loops: list[ast.For | ast.comprehension] = [*site.each(ast.For), *site.each(ast.comprehension)]
    for loop in loops:
        held = loop.target
        names = {n.id for n in ast.walk(held) if isinstance(n, ast.Name)}
        holder = site.code.parents.get(loop) if isinstance(loop, ast.comprehension) else loop
        for inner in ast.walk(holder) if holder else ():
            if not isinstance(inner, ast.Lambda):
                continue
            used = {n.id for n in ast.walk(inner.body) if isinstance(n, ast.Name)}
            own = {a.arg for a in inner.args.args}
            free = sorted(used & names - own)
            if free and not inner.args.vararg and not inner.args.kwarg:
                start, body = site.code.span(inner)[0], site.code.span(inner.body)[0]
                colon = site.code.text.rindex(":", start, body)
                before = site.code.text[start + len("lambda") : colon].strip()
                kept = ", ".join([*([before] if before else []), *(f"{n}={n}" for n in free)])
                change = TextEdit(start, colon, f"lambda {kept}")
                yield Mutation("late-binding/", inner.lineno, (change,))


_FILLED_BY = {"set": "add", "list": "append", "deque": "append"}
_FILLS = frozenset(
    ("add", "append", "appendleft", "extend", "extendleft", "insert", "update", "push")
)


def never_filled(site: Site) -> Iterator[Mutation]:
    """A collection that begins empty and is asked or emptied, and into which nothing is ever put:
    a value goes in, at every place. Inspections of other tools know it as "queried, but never
    updated"."""
    if isinstance(site.scope, ast.Module):
        return
    for name, method in _empty_ones(site):
        if _is_filled(site, name):
            continue
        values = [value for value in site.names if value != name]
        for statement in site.each(ast.stmt):
            indent, newline = site.code.indent(statement.lineno), site.code.newline
            start, end = site.line_of(statement)
            last = _is_last(site, statement)
            for value in values:
                text = f"{indent}{name}.{method}({value}){newline}"
                yield Mutation("never-filled/", statement.lineno, (TextEdit(start, start, text),))
                if last:
                    line = statement.end_lineno or statement.lineno
                    yield Mutation("never-filled/", line, (TextEdit(end, end, text),))


def _empty_ones(site: Site) -> Iterator[tuple[str, str]]:
    """Names that are bound once, to an empty collection, each with the method that fills it."""
    stored = [n.id for n in site.each(ast.Name) if isinstance(n.ctx, ast.Store)]
    for node in site.each(ast.Assign):
        target, value = node.targets[0], node.value
        made = "list" if isinstance(value, ast.List) and not value.elts else ""
        if isinstance(value, ast.Call) and not value.args and isinstance(value.func, ast.Name):
            made = value.func.id
        if isinstance(target, ast.Name) and stored.count(target.id) == 1 and made in _FILLED_BY:
            yield target.id, _FILLED_BY[made]


def _is_filled(site: Site, name: str) -> bool:
    """Something may be put into it here, or where it is handed to; or nothing ever asks it."""
    asked = False
    for node in site.each(ast.Name):
        if node.id != name or isinstance(node.ctx, ast.Store):
            continue
        parent = site.code.parents.get(node)
        if isinstance(parent, ast.Attribute):
            if parent.attr in _FILLS:
                return True
            asked = True
        elif isinstance(parent, _ASKS) and isinstance(getattr(parent, "ctx", _LOAD), ast.Load):
            asked = True
        else:
            return True
    return not asked


_ASKS = (
    ast.Compare, ast.If, ast.While, ast.BoolOp, ast.UnaryOp, ast.Subscript, ast.For, ast.Return,
)  # fmt: skip
_LOAD = ast.Load()


def _is_last(site: Site, statement: ast.stmt) -> bool:
    """The last of its block, and the end of the block is reached."""
    parent = site.code.parents.get(statement)
    blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
    ends = isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue)
    return not ends and any(block and block[-1] is statement for block in blocks)


IDIOM_OPERATORS: tuple[Operator, ...] = (mutable_default, late_binding, never_filled)
