"""Operators for known traps: a default value that is shared, a loop variable bound too late.

Belongs here: edits whose shape is always the same, offered only where the trap is there to see.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.code import Change
from healer.draft.search.mutation import Mutation, Operator, Site


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
        changes = (site.code.replace(default, "None"), Change(start, start, body))
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
                change = Change(start, colon, f"lambda {kept}")
                yield Mutation("late-binding/", inner.lineno, (change,))


IDIOM_OPERATORS: tuple[Operator, ...] = (mutable_default, late_binding)
