"""Operators that bring code from elsewhere in the repository: from other functions and files.

Belongs here: choosing what could be meant here, since it speaks of the same names. Material of the
function itself is used by the operators of `values` and `statements`.
"""

import ast
import builtins
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.mutation import Mutation, Operator, Scope

_MOST = 30
_LONGEST = 80
_EXPRESSIONS = (ast.Compare, ast.BinOp, ast.Call, ast.Subscript, ast.BoolOp)
_STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign)
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


DONOR_OPERATORS: tuple[Operator, ...] = (take_expression, take_statement)
