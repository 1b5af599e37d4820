"""What a fix changes in place though the unfixed code does not: arguments, and what lies outside.

Belongs here: finding it, and the text that works on a copy instead. Does not belong here: trying
that text (`neighbours`). Pure.

A caller goes on with what it handed in, and others read what a module holds. No test sees a list
sorted or an entry taken out in place that only looks at the answer.
"""

import ast
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from healer.draft.rules.scope import imported_names, module_names, parameter_names
from healer.draft.rules.source_file import (
    FunctionNode,
    SourceFile,
    TextEdit,
    apply_edits,
    body_without_docstring,
)

_CHANGERS = frozenset((
    "add", "append", "appendleft", "clear", "difference_update", "discard", "extend", "extendleft",
    "insert", "intersection_update", "pop", "popitem", "popleft", "remove", "reverse", "rotate",
    "setdefault", "sort", "symmetric_difference_update", "update",
))  # fmt: skip
_OWN = ("self", "cls")
"""An object that owns the function changes by its nature: it is no argument here."""
_LOCAL = "_healer_kept"


class Change(NamedTuple):
    """Something outside of a function that it changes in place."""

    thing: str
    """An argument's name, or what lies outside of the function as it is written."""
    is_inner: bool
    """A part of it is changed, or something made of it, and not the thing itself."""


def copy_first(base: SourceFile, fix: SourceFile) -> Iterator[tuple[int, str]]:
    """For each thing that a function of the fix changes in place and the same function of the base
    does not: the function's line, and the fix with a copy in place of that thing."""
    functions = {_name_of(base, each): each for each in _find_functions(base)}
    for function in _find_functions(fix):
        before = functions.get(_name_of(fix, function))
        if before is not None and ast.dump(before) != ast.dump(function):
            old = find_changes(base, before)
            for change in sorted(find_changes(fix, function) - old):
                if not change.is_inner or Change(change.thing, is_inner=False) not in old:
                    yield function.lineno, _copy_in(fix, function, change)


def find_changes(code: SourceFile, function: FunctionNode) -> set[Change]:
    """What the function's own text changes in place of its arguments and of what lies outside."""
    sources: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        for name, value in _find_sources(node):
            sources.setdefault(name, []).append(value)
    outer = module_names(code) - sources.keys()
    things = {*parameter_names(function), *outer} - {*_OWN}
    return {
        Change(thing, is_inner=is_inner)
        for node in ast.walk(function)
        for holder in _find_holders(code, node)
        for thing, is_inner in _trace(code, holder, sources, things)
    }


def _trace(
    code: SourceFile, node: ast.expr, sources: Mapping[str, list[ast.expr]], things: set[str]
) -> Iterator[Change]:
    """The things that an expression is, is a part of, or was made of."""
    waiting, followed_names, imports = [node], set[str](), imported_names(code)
    while waiting:
        expression = waiting.pop()
        for name in ast.walk(expression):
            if not isinstance(name, ast.Name) or name.id in followed_names:
                continue
            above = code.parents.get(name)
            if name is not node and name.id in imports and isinstance(above, ast.Attribute):
                yield Change(code.segment(above), is_inner=above is not node)
            elif name.id in things and "." in imports.get(name.id, "."):
                yield Change(name.id, is_inner=name is not node)
            if name.id in sources:
                followed_names.add(name.id)
                waiting += sources[name.id]


def _find_holders(code: SourceFile, node: ast.AST) -> Iterator[ast.expr]:
    """What the node itself changes in place."""
    targets = []
    if isinstance(node, ast.Assign | ast.Delete):
        targets = node.targets
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets = [node.target]
    for target in targets:
        for each in ast.walk(target):
            if isinstance(each, ast.Subscript | ast.Attribute) and _is_changed(each):
                yield each.value
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        yield node.target
    if isinstance(node, ast.Call):
        is_alone = isinstance(code.parents.get(node), ast.Expr)
        if isinstance(node.func, ast.Attribute) and (is_alone or node.func.attr in _CHANGERS):
            yield node.func.value
        if is_alone and _is_plain_function(code, node.func):
            yield from node.args


def _is_changed(node: ast.Subscript | ast.Attribute) -> bool:
    return isinstance(node.ctx, ast.Store | ast.Del)


def _is_plain_function(code: SourceFile, function: ast.expr) -> bool:
    """Such as `shuffle`, which may change what it is given; a method rather changes its object."""
    holder = function.value if isinstance(function, ast.Attribute) else function
    is_imported = isinstance(holder, ast.Name) and holder.id in imported_names(code)
    return is_imported or isinstance(function, ast.Name)


def _find_sources(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """The local names that the node gives to something, and what they are made of."""
    pairs: list[tuple[ast.expr, ast.expr]] = []
    if isinstance(node, ast.Assign):
        pairs = [(target, node.value) for target in node.targets]
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        pairs = [(node.target, node.iter)]
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        pairs = [(node.optional_vars, node.context_expr)]
    elif isinstance(node, ast.NamedExpr):
        pairs = [(node.target, node.value)]
    for target, value in pairs:
        for name in ast.walk(target):
            if isinstance(name, ast.Name) and isinstance(name.ctx, ast.Store):
                yield name.id, value


def _find_functions(code: SourceFile) -> Iterator[FunctionNode]:
    """Those of the module and of its classes."""
    for node in code.tree.body if code.tree else ():
        for each in node.body if isinstance(node, ast.ClassDef) else (node,):
            if isinstance(each, FunctionNode):
                yield each


def _name_of(code: SourceFile, function: FunctionNode) -> str:
    holder = code.class_around(function)
    return f"{holder.name}.{function.name}" if holder else function.name


def _copy_in(code: SourceFile, function: FunctionNode, change: Change) -> str:
    """The file with a copy in place of the thing in all of the function."""
    first = body_without_docstring(function)[0]
    way = "deepcopy" if change.is_inner else "copy"
    is_argument = change.thing in parameter_names(function)
    name = change.thing if is_argument else _LOCAL
    is_simple = not hasattr(first, "body")
    end = "; " if is_simple else f"\n{code.indent(first.lineno)}"
    line = f'{name} = __import__("copy").{way}({change.thing}){end}'
    start = code.span(first)[0]
    edits = [TextEdit(start, start, line)]
    if not is_argument:
        edits += [
            code.replace(node, name)
            for statement in function.body
            for node in ast.walk(statement)
            if isinstance(node, ast.Name | ast.Attribute) and code.segment(node) == change.thing
        ]
    return apply_edits(code.text, edits)
