"""Operators on values: off by one, constants, names, attributes, slices, donors.

Belongs here: edits that put another value in a value's place. Does not belong here: values from
other functions (`donors`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.mutation import (
    Mutation,
    Operator,
    Scope,
    is_stored,
    stands_whole,
)
from healer.draft.search.operators.twins import TWINS

_MAX_DONORS = 12
_MAX_NAMES = 6
_POSITIONS = {
    ast.Slice: "slice",
    ast.Compare: "compare",
    ast.Return: "return",
    ast.BinOp: "operand",
    ast.Tuple: "element",
    ast.List: "element",
    ast.keyword: "argument",
}


def shift_by_one(scope: Scope) -> Iterator[Mutation]:
    """`n` becomes `n + 1` and `n - 1` where it may count something."""
    for node in scope.nodes_of(ast.expr):
        if not _is_countable(scope, node):
            continue
        is_sum = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub)
        text = scope.text(node) if is_sum else scope.tight_text(node)
        position = _position_of(scope, node)
        for sign in ("+", "-"):
            yield scope.put(f"off-by-one/{position}{sign}", node, f"{text} {sign} 1")


def _is_countable(scope: Scope, node: ast.expr) -> bool:
    kinds = ast.Name | ast.BinOp | ast.Call | ast.Attribute | ast.Subscript
    if is_stored(node) or not isinstance(node, kinds):
        return False
    return _position_of(scope, node) != ""


def _position_of(scope: Scope, node: ast.AST) -> str:
    """What kind of place a value stands in; empty for one that no operator changes."""
    parent = scope.code.parents.get(node)
    if isinstance(parent, ast.Tuple) and isinstance(scope.code.parents.get(parent), ast.Subscript):
        return "index"
    if isinstance(parent, ast.Subscript):
        return "index" if parent.slice is node else ""
    if isinstance(parent, ast.Assign | ast.AugAssign):
        return "assign" if parent.value is node else ""
    if isinstance(parent, ast.Call):
        in_range = isinstance(parent.func, ast.Name) and parent.func.id == "range"
        return ("range" if in_range else "argument") if node in parent.args else ""
    return next((word for kind, word in _POSITIONS.items() if isinstance(parent, kind)), "")


def replace_constant(scope: Scope) -> Iterator[Mutation]:
    """A literal becomes a neighbouring one; an empty list or dict gets a first element."""
    for node in scope.nodes_of(ast.Constant):
        if isinstance(scope.code.parents.get(node), ast.Expr):
            continue
        for new, detail in _other_constants(node.value):
            yield scope.put(f"constant/{detail}", node, new, atom=not new.startswith("-"))
    for empty in (*scope.nodes_of(ast.List), *scope.nodes_of(ast.Dict)):
        text = scope.text(empty)
        if text == "[]":
            yield scope.set_text("constant/[] to [[]]", empty, "[[]]")
            for name in scope.names[:_MAX_NAMES]:
                yield scope.set_text("constant/[] to [x]", empty, f"[{name}]")
        elif text == "[[]]":
            yield scope.set_text("constant/[[]] to []", empty, "[]")


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


def replace_name(scope: Scope) -> Iterator[Mutation]:
    """A local name becomes another one, or an attribute."""
    callees = {id(call.func) for call in scope.nodes_of(ast.Call)}
    for node in scope.nodes_of(ast.Name):
        if id(node) in callees or node.id not in scope.names:
            continue
        is_store = isinstance(node.ctx, ast.Store)
        position = "store" if is_store else _position_of(scope, node) or "other"
        for other in scope.names:
            if other != node.id:
                yield scope.set_text(f"name/{position}", node, other)
        if not is_store:
            for other in scope.attributes[:_MAX_DONORS]:
                yield scope.set_text("name-to-attribute/", node, other)


def replace_attribute(scope: Scope) -> Iterator[Mutation]:
    """Another attribute of the file, one less, one more."""
    attributes = (n.attr for n in scope.code.nodes if isinstance(n, ast.Attribute))
    in_file = list(dict.fromkeys(attributes))
    callees = {id(call.func) for call in scope.nodes_of(ast.Call)}
    for node in scope.nodes_of(ast.Attribute):
        _, end = scope.code.span(node)
        start = end - len(node.attr)
        if scope.code.text[start:end] != node.attr:
            continue
        twins = TWINS.get(node.attr, ()) if id(node) in callees else ()
        for other in dict.fromkeys((*twins, *in_file[:_MAX_DONORS])):
            if other != node.attr:
                shape = "attribute/twin" if other in twins else "attribute/known"
                yield Mutation(shape, node.lineno, (TextEdit(start, end, other),))
        if isinstance(node.ctx, ast.Load) and id(node) not in callees:
            yield scope.set_text("drop-attribute/", node, scope.text(node.value))
    for value in scope.nodes_of(ast.Name):
        if value.id in scope.names and isinstance(value.ctx, ast.Load):
            for other in in_file[:_MAX_NAMES]:
                yield scope.set_text("add-attribute/", value, f"{value.id}.{other}")


def use_donor(scope: Scope) -> Iterator[Mutation]:
    """An expression becomes another expression of the same scope."""
    for node, text, position in _find_replaceable(scope):
        for other in scope.donors[: 2 * _MAX_DONORS]:
            if other != text and other not in scope.names:
                yield scope.put(f"donor/{position}", node, other)
        if isinstance(node, ast.Name):
            continue  # `replace_name` does that
        kind = "constant-to-name" if isinstance(node, ast.Constant) else "expression-to-name"
        for other in scope.names:
            yield scope.put(f"{kind}/{position}", node, other, atom=True)


def replace_target(scope: Scope) -> Iterator[Mutation]:
    """What is assigned to becomes another place that the scope reads or writes."""
    nodes = (n for n in scope.nodes if isinstance(n, ast.Subscript | ast.Attribute))
    texts = [text for text in map(scope.text, nodes) if "\n" not in text]
    for node in scope.nodes:
        if isinstance(node, ast.Assign | ast.AugAssign):
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            if isinstance(target, ast.Tuple | ast.List):
                continue
            for other in dict.fromkeys(texts[: 2 * _MAX_DONORS]):
                if other != scope.text(target):
                    yield scope.set_text("target/", target, other)


def add_operand(scope: Scope) -> Iterator[Mutation]:
    """An expression gets a small expression of the scope added, taken off, or as a factor."""
    for node, text, position in _find_replaceable(scope):
        is_value = position in ("return", "assign", "argument")
        is_sequence = isinstance(node, ast.List | ast.ListComp | ast.Tuple | ast.BinOp)
        is_plain = isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript)
        if not (is_plain or (is_sequence and is_value)):
            continue
        for other in dict.fromkeys((*scope.names, *scope.donors[:_MAX_DONORS])):
            if other == text or " " in other:
                continue
            for sign in ("+", "-", "*") if is_plain else ("+",):
                yield scope.put(f"add-operand/{position}{sign}", node, f"{text} {sign} {other}")
            if is_value:
                yield scope.put(f"add-operand/{position}+", node, f"{other} + {text}")


def _find_replaceable(scope: Scope) -> Iterator[tuple[ast.expr, str, str]]:
    """Expressions with their text and the kind of place they stand in."""
    for node in scope.nodes_of(ast.expr):
        if is_stored(node) or isinstance(node, ast.Starred | ast.Slice | ast.JoinedStr):
            continue
        position = _position_of(scope, node)
        if position or stands_whole(scope, node):
            yield node, scope.text(node), position or "other"


def change_subscript(scope: Scope) -> Iterator[Mutation]:
    """Bounds of a slice, and an index in place of a slice or the other way round."""
    for node in scope.nodes_of(ast.Subscript):
        if isinstance(node.ctx, ast.Store):
            continue
        old = scope.text(node)
        for text, detail in _other_subscripts(scope, node):
            if text != old:
                yield scope.set_text(f"slice/{detail}", node, text)


def _other_subscripts(scope: Scope, node: ast.Subscript) -> Iterator[tuple[str, str]]:
    value, index = scope.text(node.value), node.slice
    if not isinstance(index, ast.Slice):
        inner = scope.text(index)
        yield value, "index to value"
        if not isinstance(index, ast.Constant):
            yield inner, "index to key"
        for text in (f"{value}[{inner}:]", f"{value}[:{inner}]", f"{value}[-{inner}]"):
            yield text, "index to slice"
        return
    low = scope.text(index.lower) if index.lower else ""
    high = scope.text(index.upper) if index.upper else ""
    reverse, rest = f"{value}[{high}:{low}]", f"{value}[{low}:]"
    shorter = (f"{value}[{low or 1}:{high}]", f"{value}[{low}:{high or -1}]")
    for text in (reverse, rest, f"{value}[:{high}]", f"{value}[:]", *shorter, value):
        yield text, "bounds"


def add_subscript(scope: Scope) -> Iterator[Mutation]:
    """A part of a sequence where the whole stood."""
    for node in scope.nodes_of(ast.Name):
        is_local = isinstance(node.ctx, ast.Load) and node.id in scope.names
        if not is_local or not stands_whole(scope, node):
            continue
        for part in ("1:", ":-1", ":", "0", "-1", "::-1"):
            yield scope.set_text("slice/new", node, f"{node.id}[{part}]")
        for index in scope.names[:_MAX_NAMES]:
            if index != node.id:
                yield scope.set_text("slice/by name", node, f"{node.id}[{index}]")
                yield scope.set_text("slice/from name", node, f"{node.id}[{index}:]")


VALUE_OPERATORS: tuple[Operator, ...] = (
    shift_by_one,
    replace_constant,
    replace_name,
    replace_attribute,
    use_donor,
    replace_target,
    add_operand,
    change_subscript,
    add_subscript,
)
