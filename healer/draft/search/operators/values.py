"""Operators on values: off by one, constants, names, attributes, slices, donors.

Belongs here: edits that put another value in a value's place.
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.site import Mutation, Operator, Site, stands_whole
from healer.draft.search.operators.twins import TWINS

_MAX_DONORS = 12
_PLACES = {
    ast.Slice: "slice",
    ast.Compare: "compare",
    ast.Return: "return",
    ast.BinOp: "operand",
    ast.Tuple: "element",
    ast.List: "element",
    ast.keyword: "argument",
}


def off_by_one(site: Site) -> Iterator[Mutation]:
    for node in site.nodes:
        if not isinstance(node, ast.expr) or not _countable(site, node):
            continue
        text = (
            site.tight(node)
            if isinstance(node, ast.BinOp | ast.Call | ast.Name)
            else site.text(node)
        )
        text = (
            site.text(node)
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
            else text
        )
        where = _where(site, node)
        for sign in ("+", "-"):
            yield Mutation(
                f"off-by-one/{where}{sign}", node.lineno, (site.put(node, f"{text} {sign} 1"),)
            )


def _countable(site: Site, node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return False
    if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
        return False
    if not isinstance(node, ast.Name | ast.BinOp | ast.Call | ast.Attribute | ast.Subscript):
        return False
    return _where(site, node) != ""


def _where(site: Site, node: ast.AST) -> str:
    """What kind of place a value stands in; empty for one that no operator changes."""
    parent = site.code.parents.get(node)
    if isinstance(parent, ast.Tuple) and isinstance(site.code.parents.get(parent), ast.Subscript):
        return "index"
    if isinstance(parent, ast.Subscript):
        return "index" if parent.slice is node else ""
    if isinstance(parent, ast.Assign | ast.AugAssign):
        return "assign" if parent.value is node else ""
    if isinstance(parent, ast.Call):
        ranged = isinstance(parent.func, ast.Name) and parent.func.id == "range"
        return ("range" if ranged else "argument") if node in parent.args else ""
    return next((word for kind, word in _PLACES.items() if isinstance(parent, kind)), "")


def constant(site: Site) -> Iterator[Mutation]:
    for node in site.each(ast.Constant):
        value, parent = node.value, site.code.parents.get(node)
        if isinstance(parent, ast.Expr):
            continue
        for new, detail in _other_constants(value):
            shape = f"constant/{detail}"
            yield Mutation(shape, node.lineno, (site.put(node, new, atom=not new.startswith("-")),))
    for empty in (*site.each(ast.List), *site.each(ast.Dict)):
        text = site.text(empty)
        if text == "[]":
            yield Mutation("constant/[] to [[]]", empty.lineno, (site.code.replace(empty, "[[]]"),))
            for name in site.names[:6]:
                yield Mutation(
                    "constant/[] to [x]", empty.lineno, (site.code.replace(empty, f"[{name}]"),)
                )
        elif text == "[[]]":
            yield Mutation("constant/[[]] to []", empty.lineno, (site.code.replace(empty, "[]"),))


def _other_constants(value: object) -> Iterator[tuple[str, str]]:
    """New texts for a literal, each with the detail that the prior counts."""
    if isinstance(value, bool):
        yield repr(not value), "bool"
    elif isinstance(value, int):
        yield from _other_integers(value)
    elif isinstance(value, float):
        yield from ((repr(value + 1), "float+1"), (repr(-value), "float negated"))
    elif value is None:
        for text in ("0", "[]", "''", "False"):
            yield text, f"None to {text}"
    elif value in ("", " "):
        yield ("' '", "'' to ' '") if value == "" else ("''", "' ' to ''")


def _other_integers(value: int) -> Iterator[tuple[str, str]]:
    yield repr(value + 1), "int+1"
    yield repr(value - 1), "int-1"
    for other in (0, 1, 2):
        if abs(other - value) > 1:
            yield repr(other), f"int to {other}"
    if value:
        yield repr(-value), "int negated"
    if value in (0, 1):
        yield "None", "int to None"


def _chosen_names(site: Site, old: str) -> list[str]:
    return [name for name in site.names if name != old]


def name(site: Site) -> Iterator[Mutation]:
    called = {id(c.func) for c in site.each(ast.Call)}
    for node in site.each(ast.Name):
        if id(node) in called:
            continue
        stored = isinstance(node.ctx, ast.Store)
        if node.id not in site.names:
            continue
        where = "store" if stored else _where(site, node) or "other"
        for other in _chosen_names(site, node.id):
            if not stored or where:
                yield Mutation(f"name/{where}", node.lineno, (site.code.replace(node, other),))
        if not stored:
            for other in site.attributes[:_MAX_DONORS]:
                yield Mutation("name-to-attribute/", node.lineno, (site.code.replace(node, other),))


def attribute(site: Site) -> Iterator[Mutation]:
    known = list(dict.fromkeys(n.attr for n in site.code.nodes if isinstance(n, ast.Attribute)))
    called = {id(c.func) for c in site.each(ast.Call)}
    for node in site.each(ast.Attribute):
        _, end = site.code.span(node)
        start = end - len(node.attr)
        if site.code.text[start:end] != node.attr:
            continue
        twins = TWINS.get(node.attr, ()) if id(node) in called else ()
        for other in dict.fromkeys((*twins, *known[:_MAX_DONORS])):
            if other != node.attr:
                detail = "twin" if other in twins else "known"
                yield Mutation(f"attribute/{detail}", node.lineno, (TextEdit(start, end, other),))
        if isinstance(node.ctx, ast.Load) and id(node) not in called:
            yield Mutation(
                "drop-attribute/", node.lineno, (site.code.replace(node, site.text(node.value)),)
            )
    for value in site.each(ast.Name):
        if value.id in site.names and isinstance(value.ctx, ast.Load):
            for other in known[:6]:
                change = site.code.replace(value, f"{value.id}.{other}")
                yield Mutation("add-attribute/", value.lineno, (change,))


def donor(site: Site) -> Iterator[Mutation]:
    """An expression becomes another expression of the same scope."""
    for node, text, where in _replaceable(site):
        for other in site.donors[: 2 * _MAX_DONORS]:
            if other != text and other not in site.names:
                yield Mutation(f"donor/{where}", node.lineno, (site.put(node, other),))
        if isinstance(node, ast.Name):
            continue  # `name` does that
        kind = "constant-to-name" if isinstance(node, ast.Constant) else "expression-to-name"
        for other in site.names:
            change = site.put(node, other, atom=True)
            yield Mutation(f"{kind}/{where}", node.lineno, (change,))


def target(site: Site) -> Iterator[Mutation]:
    """What is assigned to becomes another place that the scope reads or writes."""
    places = [
        site.text(n)
        for n in site.nodes
        if isinstance(n, ast.Subscript | ast.Attribute) and "\n" not in site.text(n)
    ]
    for node in site.nodes:
        if isinstance(node, ast.Assign | ast.AugAssign):
            old = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(old, ast.Tuple | ast.List):
                continue
            for other in dict.fromkeys(places[: 2 * _MAX_DONORS]):
                if other != site.text(old):
                    yield Mutation("target/", node.lineno, (site.code.replace(old, other),))


def operand(site: Site) -> Iterator[Mutation]:
    """An expression gets a small expression of the scope added, taken off, or as a factor."""
    for node, text, where in _replaceable(site):
        whole = where in ("return", "assign", "argument")
        built = isinstance(node, ast.List | ast.ListComp | ast.Tuple | ast.BinOp) and whole
        plain = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
        if not (built or plain):
            continue
        for other in dict.fromkeys((*site.names, *site.donors[:_MAX_DONORS])):
            if other == text or " " in other:
                continue
            for sign in ("+", "-", "*") if plain else ("+",):
                change = site.put(node, f"{text} {sign} {other}")
                yield Mutation(f"add-operand/{where}{sign}", node.lineno, (change,))
            if whole:
                change = site.put(node, f"{other} + {text}")
                yield Mutation(f"add-operand/{where}+", node.lineno, (change,))


def _replaceable(site: Site) -> Iterator[tuple[ast.expr, str, str]]:
    for node in site.each(ast.expr):
        if isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
            continue
        if isinstance(node, ast.Starred | ast.Slice | ast.JoinedStr):
            continue
        where = _where(site, node)
        if where or stands_whole(site, node):
            yield node, site.text(node), where or "other"


def slices(site: Site) -> Iterator[Mutation]:
    """Bounds of a slice, and an index in place of a slice or the other way round."""
    for node in site.each(ast.Subscript):
        if isinstance(node.ctx, ast.Store):
            continue
        old = site.text(node)
        for text, detail in _other_subscripts(site, node):
            if text != old:
                yield Mutation(f"slice/{detail}", node.lineno, (site.code.replace(node, text),))


def _other_subscripts(site: Site, node: ast.Subscript) -> Iterator[tuple[str, str]]:
    value, index = site.text(node.value), node.slice
    if not isinstance(index, ast.Slice):
        inner = site.text(index)
        yield value, "index to value"
        yield inner, "index to key"
        for text in (f"{value}[{inner}:]", f"{value}[:{inner}]", f"{value}[-{inner}]"):
            yield text, "index to slice"
        return
    low = site.text(index.lower) if index.lower else ""
    high = site.text(index.upper) if index.upper else ""
    swapped, rest = f"{value}[{high}:{low}]", f"{value}[{low}:]"
    shorter = (f"{value}[{low or 1}:{high}]", f"{value}[{low}:{high or -1}]")
    for text in (swapped, rest, f"{value}[:{high}]", f"{value}[:]", *shorter, value):
        yield text, "bounds"


def new_slice(site: Site) -> Iterator[Mutation]:
    """A part of a sequence where the whole stood."""
    for node in site.each(ast.Name):
        loaded = isinstance(node.ctx, ast.Load) and node.id in site.names
        if not loaded or not stands_whole(site, node):
            continue
        for part in ("1:", ":-1", ":", "0", "-1", "::-1"):
            change = site.code.replace(node, f"{node.id}[{part}]")
            yield Mutation("slice/new", node.lineno, (change,))
        for index in site.names[:6]:
            if index != node.id:
                one = site.code.replace(node, f"{node.id}[{index}]")
                yield Mutation("slice/by name", node.lineno, (one,))
                rest = site.code.replace(node, f"{node.id}[{index}:]")
                yield Mutation("slice/from name", node.lineno, (rest,))


VALUE_OPERATORS: tuple[Operator, ...] = (
    off_by_one,
    constant,
    name,
    attribute,
    donor,
    target,
    operand,
    slices,
    new_slice,
)
