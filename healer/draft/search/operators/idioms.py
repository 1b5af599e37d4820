"""Operators for known traps: a default value that is shared, a loop variable bound too late, a
collection that nothing is put into.

Belongs here: edits whose shape is always the same, offered only where the trap is there to see.
Does not belong here: edits that are tried everywhere (`expressions`, `statements`).
"""

import ast
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.mutation import Mutation, Operator, Scope, is_docstring

_EMPTY = ("[]", "{}", "set()", "list()", "dict()")
_FILL_METHODS = {"set": "add", "list": "append", "deque": "append"}
_FILLS = frozenset(
    ("add", "append", "appendleft", "extend", "extendleft", "insert", "update", "push")
)
_READERS = (
    ast.Compare, ast.If, ast.While, ast.BoolOp, ast.UnaryOp, ast.Subscript, ast.For, ast.Return,
)  # fmt: skip
"""Parents of a name that only ask it something."""
_LOAD = ast.Load()


def renew_default(scope: Scope) -> Iterator[Mutation]:
    """`def f(rows=[])`: every call shares the list. Each gets a new one instead."""
    function = scope.node
    if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        return
    parameters = [*function.args.posonlyargs, *function.args.args]
    defaults = function.args.defaults
    pairs = zip(parameters[len(parameters) - len(defaults) :], defaults, strict=True)
    for parameter, default in pairs:
        text = scope.text(default)
        if text not in _EMPTY:
            continue
        first = function.body[0]
        if is_docstring(first) and len(function.body) > 1:
            first = function.body[1]
        start, indent = scope.line_span(first)[0], scope.code.indent(first.lineno)
        newline, name = scope.code.newline, parameter.arg
        body = f"{indent}if {name} is None:{newline}{indent}    {name} = {text}{newline}"
        changes = (scope.code.replace(default, "None"), TextEdit(start, start, body))
        yield Mutation("mutable-default/", first.lineno, changes)


def bind_loop_variable(scope: Scope) -> Iterator[Mutation]:
    """`lambda: name` in a loop sees the loop's last value. It keeps each one instead."""
    loops: list[ast.For | ast.comprehension] = [*scope.nodes_of(ast.For)]
    for loop in [*loops, *scope.nodes_of(ast.comprehension)]:
        names = _read_names(loop.target)
        holder = scope.code.parents.get(loop) if isinstance(loop, ast.comprehension) else loop
        for node in ast.walk(holder) if holder else ():
            if isinstance(node, ast.Lambda):
                yield from _bind(scope, node, names)


def _bind(scope: Scope, function: ast.Lambda, names: set[str]) -> Iterator[Mutation]:
    own = {argument.arg for argument in function.args.args}
    free = sorted(_read_names(function.body) & names - own)
    if not free or function.args.vararg or function.args.kwarg:
        return
    start, body = scope.code.span(function)[0], scope.code.span(function.body)[0]
    colon = scope.code.text.rindex(":", start, body)
    before = scope.code.text[start + len("lambda") : colon].strip()
    parameters = ", ".join([*([before] if before else []), *(f"{n}={n}" for n in free)])
    change = TextEdit(start, colon, f"lambda {parameters}")
    yield Mutation("late-binding/", function.lineno, (change,))


def _read_names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def fill_collection(scope: Scope) -> Iterator[Mutation]:
    """A collection that begins empty and is asked or emptied, and into which nothing is ever put:
    a value goes in, at every place. Inspections of other tools know it as "queried, but never
    updated"."""
    if scope.is_module:
        return
    for name, method in _find_empty_collections(scope):
        if not _is_only_read(scope, name):
            continue
        values = [value for value in scope.names if value != name]
        for statement in scope.nodes_of(ast.stmt):
            indent, newline = scope.code.indent(statement.lineno), scope.code.newline
            start, end = scope.line_span(statement)
            is_last = _is_last(scope, statement)
            for value in values:
                text = f"{indent}{name}.{method}({value}){newline}"
                yield Mutation("never-filled/", statement.lineno, (TextEdit(start, start, text),))
                if is_last:
                    line = statement.end_lineno or statement.lineno
                    yield Mutation("never-filled/", line, (TextEdit(end, end, text),))


def _find_empty_collections(scope: Scope) -> Iterator[tuple[str, str]]:
    """Names that are bound once, to an empty collection, each with the method that fills it."""
    bindings = [n.id for n in scope.nodes_of(ast.Name) if isinstance(n.ctx, ast.Store)]
    for node in scope.nodes_of(ast.Assign):
        target, value = node.targets[0], node.value
        kind = "list" if isinstance(value, ast.List) and not value.elts else ""
        if isinstance(value, ast.Call) and not value.args and isinstance(value.func, ast.Name):
            kind = value.func.id
        if not isinstance(target, ast.Name) or kind not in _FILL_METHODS:
            continue
        if bindings.count(target.id) == 1:
            yield target.id, _FILL_METHODS[kind]


def _is_only_read(scope: Scope, name: str) -> bool:
    """Something asks it, and nothing here, or where it is handed to, may put anything into it."""
    is_read = False
    for node in scope.nodes_of(ast.Name):
        if node.id != name or isinstance(node.ctx, ast.Store):
            continue
        parent = scope.code.parents.get(node)
        if isinstance(parent, ast.Attribute):
            if parent.attr in _FILLS:
                return False
        elif not isinstance(parent, _READERS) or not isinstance(
            getattr(parent, "ctx", _LOAD), ast.Load
        ):
            return False
        is_read = True
    return is_read


def _is_last(scope: Scope, statement: ast.stmt) -> bool:
    """The last of its block, and the end of the block is reached."""
    parent = scope.code.parents.get(statement)
    blocks = (getattr(parent, name, None) for name in ("body", "orelse", "finalbody"))
    ends = isinstance(statement, ast.Return | ast.Raise | ast.Break | ast.Continue)
    return not ends and any(block and block[-1] is statement for block in blocks)


def set_in_place(scope: Scope) -> Iterator[Mutation]:
    """`frame["price"][mask] = 0` sets a copy since pandas 3: `frame.loc[mask, "price"]` is set."""
    for node in scope.nodes:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AugAssign) else targets
        for outer in targets:
            inner = outer.value if isinstance(outer, ast.Subscript) else None
            if not isinstance(outer, ast.Subscript) or not isinstance(inner, ast.Subscript):
                continue
            if isinstance(inner.slice, ast.Constant) and isinstance(inner.slice.value, str):
                frame, column = scope.text(inner.value), scope.text(inner.slice)
                text = f"{frame}.loc[{scope.text(outer.slice)}, {column}]"
                yield scope.set_text("chained-assignment/", outer, text)


IDIOM_OPERATORS: tuple[Operator, ...] = (
    renew_default,
    bind_loop_variable,
    fill_collection,
    set_in_place,
)
