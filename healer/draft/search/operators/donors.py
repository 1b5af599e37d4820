"""Operators that bring code from elsewhere in the repository: from other functions and files.

Belongs here: choosing what could be meant here, since it speaks of the same names. Material of the
function itself is used by the operators of `values` and `statements`.
"""

import ast
import builtins
from collections.abc import Iterator

from healer.draft.rules.rule import literal_of
from healer.draft.rules.scope import module_names
from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.mutation import Mutation, Operator, Scope

_MOST = 30
_LONGEST = 80
_EXPRESSIONS = (ast.Compare, ast.BinOp, ast.Call, ast.Subscript, ast.BoolOp)
_STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign)
_TAKERS = (ast.Subscript, ast.Compare, ast.Return, ast.Call)
_NAMED = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.ExceptHandler, ast.MatchAs,
    ast.MatchStar,
)  # fmt: skip
_BUILTINS = frozenset(dir(builtins))


def take_expression(scope: Scope) -> Iterator[Mutation]:
    """An expression becomes one of its kind from another function that reads the same names."""
    donors = [(n, text) for n, text in _find_donors(scope) if isinstance(n, _EXPRESSIONS)]
    for node in scope.nodes_of(ast.expr):
        if not isinstance(node, _EXPRESSIONS):
            continue
        names, own = _read_names(node), scope.text(node)
        texts = [
            text
            for donor, text in donors
            if type(donor) is type(node) and names & _read_names(donor) and text != own
        ]
        for text in dict.fromkeys(texts[:_MOST]):
            yield scope.put("distant-donor/expression", node, text)


def take_statement(scope: Scope) -> Iterator[Mutation]:
    """A statement of another function that needs nothing unknown here, before every statement."""
    if scope.is_module:
        return
    donors = _find_donors(scope)
    texts = [text for n, text in donors if isinstance(n, _STATEMENTS) and _read_names(n)]
    for node in scope.nodes_of(ast.stmt):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        start = scope.code.line_start(node.lineno)
        indent = scope.code.indent(node.lineno)
        for text in dict.fromkeys(texts[:_MOST]):
            change = TextEdit(start, start, f"{indent}{text}{scope.code.newline}")
            yield Mutation("distant-donor/statement", node.lineno, (change,))


def name_undefined(scope: Scope) -> Iterator[Mutation]:
    """A name that nothing binds becomes one that is bound here."""
    known_names = {*scope.names, *module_names(scope.code), *_BUILTINS}
    bound_inside = {name for node in scope.nodes for name in _list_bound(node)}
    for node in scope.nodes_of(ast.Name):
        if isinstance(node.ctx, ast.Load) and node.id not in known_names | bound_inside:
            for other in dict.fromkeys((*scope.names, *sorted(scope.outer_names))):
                yield scope.set_text("name/undefined", node, other)


def _list_bound(node: ast.AST) -> Iterator[str]:
    """What an import, a handler or a definition within the scope binds."""
    if isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, _NAMED) and node.name:
        yield node.name


def take_literal(scope: Scope) -> Iterator[Mutation]:
    """A text or a number that something is asked for, compared with or that is given becomes
    another one of the file, of its tests or of its data."""
    constants = (n for n in scope.code.nodes if isinstance(n, ast.Constant))
    own = [scope.text(n) for n in constants if _is_literal(n) and "\n" not in scope.text(n)]
    donors = list(dict.fromkeys((*own, *scope.literals)))[:_MOST]
    kinds = {text: _kind_of(text) for text in donors}
    for node in scope.nodes_of(ast.Constant):
        if not _is_literal(node) or not isinstance(scope.code.parents.get(node), _TAKERS):
            continue
        text = scope.text(node)
        for other in donors:
            if other != text and kinds[other] is type(node.value):
                yield scope.put("literal-donor/", node, other, atom=True)


def _is_literal(node: ast.Constant) -> bool:
    return type(node.value) in (str, int, float)


def _kind_of(text: str) -> type:
    return type(literal_of(text))


def _find_donors(scope: Scope) -> list[tuple[ast.AST, str]]:
    """Short code of other functions of which every name is known here, nearest file first."""
    known_names = {*scope.names, *scope.outer_names, *_BUILTINS, "self"}
    donors: list[tuple[ast.AST, str]] = []
    for code in (scope.code, *scope.others):
        for node in code.nodes:
            if not isinstance(node, _EXPRESSIONS + _STATEMENTS):
                continue
            if code is scope.code and (scope.is_module or node.lineno in scope.lines):
                continue
            names = _read_names(node)
            if names and names <= known_names:
                text = code.segment(node)
                if len(text) <= _LONGEST and "\n" not in text:
                    donors.append((node, text))
    return donors


def _read_names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


DONOR_OPERATORS: tuple[Operator, ...] = (
    name_undefined,
    take_literal,
    take_expression,
    take_statement,
)
