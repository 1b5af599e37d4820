"""Operators on statements: delete, move, copy, guard, change the kind.

Belongs here: edits of whole lines. Indentation and line ends are the file's own. Does not belong
here: edits within a line (`expressions`).
"""

import ast
import itertools
import re
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.mutation import (
    Mutation,
    Operator,
    Scope,
    Span,
    is_docstring,
)
from healer.draft.search.prefilter import returns_none

_SIMPLE = (ast.Expr, ast.Assign, ast.AugAssign, ast.Return, ast.Delete, ast.Continue, ast.Break)
_ENDS = (ast.Return, ast.Raise, ast.Break, ast.Continue)
_ENDING_WORDS = ("return", "break", "continue", "raise")
_OTHER_WORDS = {
    ast.If: (("if", "while"), ("elif", "if")),
    ast.While: (("while", "if"),),
    ast.Break: (("break", "continue"), ("break", "return")),
    ast.Continue: (("continue", "break"),),
    ast.Return: (("return", "yield"),),
}
_MAX_NAMES = 6
_MAX_VALUES = 8
_MAX_RESULTS = 4
_LONGEST_DONOR = 60


def _find_blocks(scope: Scope) -> Iterator[list[ast.stmt]]:
    for holder in (scope.node, *scope.nodes):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(holder, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _fills_its_lines(scope: Scope, statement: ast.stmt) -> bool:
    start, end = scope.line_span(statement)
    inside = scope.code.text[start:end].strip()
    return inside == scope.text(statement).strip() or inside.startswith("#")


def delete_statement(scope: Scope) -> Iterator[Mutation]:
    """A statement goes; of an `if` the body may stay."""
    for block in _find_blocks(scope):
        for statement in block:
            if is_docstring(statement) or isinstance(statement, ast.FunctionDef | ast.ClassDef):
                continue
            kind = type(statement).__name__
            if isinstance(statement, ast.If) and not statement.orelse:
                yield Mutation("keep-body/if", statement.lineno, (_unwrap_if(scope, statement),))
            start, end = scope.line_span(statement)
            indent = scope.code.indent(statement.lineno)
            new = f"{indent}pass{scope.code.newline}" if len(block) == 1 else ""
            yield Mutation(f"delete/{kind}", statement.lineno, (TextEdit(start, end, new),))


def _unwrap_if(scope: Scope, node: ast.If) -> TextEdit:
    start, end = scope.line_span(node)
    first = scope.code.line_start(node.body[0].lineno)
    inner = scope.code.indent(node.body[0].lineno)
    outer = scope.code.indent(node.lineno)
    lines = scope.code.text[first:end].splitlines(keepends=True)
    body = (outer + x.removeprefix(inner) if x.startswith(inner) else x for x in lines)
    return TextEdit(start, end, "".join(body))


def move_statement(scope: Scope) -> Iterator[Mutation]:
    """Neighbours change places; a block's last line leaves it; the line after a block enters."""
    for block in _find_blocks(scope):
        for first, second in itertools.pairwise(block):
            if is_docstring(first) or isinstance(first, _ENDS) or isinstance(second, _ENDS):
                continue  # what follows an end is never reached
            yield from _swap_lines(scope, first, second)
            yield from _indent(scope, first, second)
        for holder in block:
            yield from _dedent(scope, holder)


def _swap_lines(scope: Scope, first: ast.stmt, second: ast.stmt) -> Iterator[Mutation]:
    (start, first_end), (second_start, end) = scope.line_span(first), scope.line_span(second)
    if first_end <= second_start:
        text = scope.code.text
        swap = text[second_start:end] + text[first_end:second_start] + text[start:first_end]
        yield Mutation("swap-statements/", first.lineno, (TextEdit(start, end, swap),))


def _indent(scope: Scope, holder: ast.stmt, following: ast.stmt) -> Iterator[Mutation]:
    body = _last_block(holder)
    if body is None or not isinstance(following, _SIMPLE):
        return
    start, end = scope.line_span(following)
    text = scope.code.indent(body[-1].lineno) + scope.code.text[start:end].lstrip()
    yield Mutation("indent/", following.lineno, (TextEdit(start, end, text),))


def _dedent(scope: Scope, holder: ast.stmt) -> Iterator[Mutation]:
    body = _last_block(holder)
    if not body or body[0] is body[-1] or not isinstance(body[-1], _SIMPLE):
        return
    start, end = scope.line_span(body[-1])
    text = scope.code.indent(holder.lineno) + scope.code.text[start:end].lstrip()
    yield Mutation("dedent/", body[-1].lineno, (TextEdit(start, end, text),))


def _last_block(statement: ast.stmt) -> list[ast.stmt] | None:
    if not isinstance(statement, ast.If | ast.For | ast.While | ast.With):
        return None
    return getattr(statement, "orelse", None) or statement.body


def change_kind(scope: Scope) -> Iterator[Mutation]:
    """`if` for `while`, `break` for `continue`, `return` for `yield`, a forgotten `return`."""
    for node in scope.nodes_of(ast.stmt):
        start, _ = scope.code.span(node)
        for old, new in _OTHER_WORDS.get(type(node), ()):
            if scope.code.text.startswith(old, start):
                yield _replace_word(f"kind/{old} to {new}", node.lineno, start, old, new)
        if isinstance(node, ast.Expr) and _has_result(node):
            shape = "kind/end loop" if _is_in_loop(scope, node) else "kind/add return"
            yield _replace_word(shape, node.lineno, start, "", "return ")
    for value in scope.nodes_of(ast.Yield):
        start, _ = scope.code.span(value)
        yield _replace_word("kind/yield from", value.lineno, start, "yield", "yield from")
    for source in scope.nodes_of(ast.YieldFrom):
        start, _ = scope.code.span(source)
        yield _replace_word("kind/yield", source.lineno, start, "yield from", "yield")
    for branch in scope.nodes_of(ast.If):
        if branch.orelse and not isinstance(branch.orelse[0], ast.If):
            yield _swap_branches(scope, branch)


def _has_result(statement: ast.Expr) -> bool:
    computes = isinstance(statement.value, ast.Call | ast.Compare | ast.BinOp)
    return computes and not returns_none(statement)


def _is_in_loop(scope: Scope, node: ast.AST) -> bool:
    """A `return` there would end the loop on its first turn."""
    while node is not scope.node and node in scope.code.parents:
        node = scope.code.parents[node]
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            return True
    return False


def _replace_word(shape: str, line: int, start: int, old: str, new: str) -> Mutation:
    return Mutation(shape, line, (TextEdit(start, start + len(old), new),))


def _swap_branches(scope: Scope, branch: ast.If) -> Mutation:
    body, other = _block_span(scope, branch.body), _block_span(scope, branch.orelse)
    text = scope.code.text
    changes = (TextEdit(*body, text[slice(*other)]), TextEdit(*other, text[slice(*body)]))
    return Mutation("swap-branches/statement", branch.lineno, changes)


def _block_span(scope: Scope, block: list[ast.stmt]) -> Span:
    return scope.line_span(block[0])[0], scope.line_span(block[-1])[1]


def insert_statement(scope: Scope) -> Iterator[Mutation]:
    """A statement of the scope, also with one of its names changed, at every other place."""
    donors = _make_statements(scope)
    for block in _find_blocks(scope):
        for index, statement in enumerate(block):
            if is_docstring(statement):
                continue
            start, end = scope.line_span(statement)
            indent = scope.code.indent(statement.lineno)
            is_last = index == len(block) - 1 and not isinstance(statement, _ENDS)
            for text, detail in donors:
                new = f"{indent}{text}{scope.code.newline}"
                if not text.startswith(_ENDING_WORDS):  # the rest would never be reached
                    change = TextEdit(start, start, new)
                    yield Mutation(f"insert/{detail}", statement.lineno, (change,))
                if is_last:
                    line = statement.end_lineno or 0
                    yield Mutation(f"insert/{detail}", line, (TextEdit(end, end, new),))


def _make_statements(scope: Scope) -> list[tuple[str, str]]:
    """Texts of statements to insert, each with the detail that the prior counts."""
    details: dict[str, str] = {}
    for node in scope.nodes:
        if isinstance(node, _SIMPLE) and not is_docstring(node):
            text = scope.text(node)
            if "\n" not in text and len(text) <= _LONGEST_DONOR:
                details[text] = f"copy {type(node).__name__}"
                for new in _rename(scope, node, text):
                    details.setdefault(new, f"varied {type(node).__name__}")
    for holder in scope.names:
        method = _find_growing_method(scope, holder)
        for value in scope.names[:_MAX_VALUES] if method else ():
            if value != holder:
                details.setdefault(f"{holder}.{method}({value})", "grow")
    for one, other in itertools.permutations(scope.names[:_MAX_NAMES], 2):
        details.setdefault(f"{one} = {other}", "assign")
    for word in ("continue", "break", "return"):
        details.setdefault(word, word)
    return list(details.items())


def _rename(scope: Scope, node: ast.stmt, text: str) -> Iterator[str]:
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} & set(scope.names)
    for name in sorted(names):
        for other in scope.names[:_MAX_NAMES]:
            if other != name:
                yield re.sub(rf"\b{name}\b", other, text)


def _find_growing_method(scope: Scope, name: str) -> str:
    """The method that adds to a local collection, by how it was made; empty when unknown."""
    for node in scope.nodes_of(ast.Assign):
        if any(isinstance(t, ast.Name) and t.id == name for t in node.targets):
            value = scope.text(node.value)
            if value.startswith(("set(", "{*")) or isinstance(node.value, ast.Set | ast.SetComp):
                return "add"
            if value.startswith(("[", "list(", "deque(", "Queue(")):
                return "append"
    return ""


def add_guard(scope: Scope) -> Iterator[Mutation]:
    """An early end for the edge case: at the top of the scope, and around single statements."""
    body = [statement for statement in scope.body if not is_docstring(statement)]
    if not body or scope.is_module:
        return
    yield from _guard_top(scope, body[0])
    for node in scope.nodes_of(ast.stmt):
        simple = isinstance(node, ast.Expr | ast.Assign | ast.AugAssign)
        if simple and not is_docstring(node) and _fills_its_lines(scope, node):
            yield from _guard_statement(scope, node)


def _guard_top(scope: Scope, first: ast.stmt) -> Iterator[Mutation]:
    indent, newline = scope.code.indent(first.lineno), scope.code.newline
    start, _ = scope.line_span(first)
    returns = (node.value for node in scope.nodes_of(ast.Return) if node.value)
    results = list(dict.fromkeys(map(scope.text, returns)))[:_MAX_RESULTS]
    ends = [f"return {value}" for value in (*results, "0", "[]", "None", "False", "True", "''")]
    for name in scope.parameters[:4]:
        for test in (f"not {name}", f"{name} == 0", f"{name} is None", f"len({name}) < 2"):
            for end in dict.fromkeys(ends):
                text = f"{indent}if {test}:{newline}{indent}{_deeper(indent)}{end}{newline}"
                yield Mutation("guard/top", first.lineno, (TextEdit(start, start, text),))


def _guard_statement(scope: Scope, node: ast.stmt) -> Iterator[Mutation]:
    start, end = scope.line_span(node)
    indent, newline = scope.code.indent(node.lineno), scope.code.newline
    line = scope.code.text[start:end].lstrip()
    names = scope.names[:_MAX_NAMES]
    tests = [*scope.conditions, *names, *(f"{name} is not None" for name in names)]
    for test in dict.fromkeys(tests):
        text = f"{indent}if {test}:{newline}{indent}{_deeper(indent)}{line}"
        yield Mutation("guard/statement", node.lineno, (TextEdit(start, end, text),))


def _deeper(indent: str) -> str:
    return "\t" if "\t" in indent else "    "


STATEMENT_OPERATORS: tuple[Operator, ...] = (
    delete_statement,
    move_statement,
    change_kind,
    insert_statement,
    add_guard,
)
