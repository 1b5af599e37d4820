"""Operators that bring code from elsewhere in the repository: from other functions and files.

Belongs here: choosing what could be meant here, since it speaks of the same names. Material of the
function itself is used by the operators of `values` and `statements`.
"""

import ast
import builtins
from collections.abc import Iterator

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.operators.site import Mutation, Operator, Site

_MOST = 30
_LONGEST = 80
_EXPRESSIONS = (ast.Compare, ast.BinOp, ast.Call, ast.Subscript, ast.BoolOp)
_STATEMENTS = (ast.Expr, ast.Assign, ast.AugAssign)
_BUILTINS = frozenset(dir(builtins))


def distant_expression(site: Site) -> Iterator[Mutation]:
    """An expression becomes one of its kind from another function that reads the same names."""
    donors = [(n, t) for n, t in _distant(site) if isinstance(n, _EXPRESSIONS)]
    for node in site.each(ast.expr):
        if not isinstance(node, _EXPRESSIONS):
            continue
        names = _names(node)
        own = site.text(node)
        fitting = [t for n, t in donors if type(n) is type(node) and names & _names(n) and t != own]
        for text in dict.fromkeys(fitting[:_MOST]):
            yield Mutation("distant-donor/expression", node.lineno, (site.put(node, text),))


def distant_statement(site: Site) -> Iterator[Mutation]:
    """A statement of another function that needs nothing unknown here, before every statement."""
    if isinstance(site.scope, ast.Module):
        return
    texts = [t for n, t in _distant(site) if isinstance(n, _STATEMENTS) and _names(n)]
    for node in site.each(ast.stmt):
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            continue
        start = site.code.line_start(node.lineno)
        indent = site.code.indent(node.lineno)
        for text in dict.fromkeys(texts[:_MOST]):
            new = f"{indent}{text}{site.code.newline}"
            change = TextEdit(start, start, new)
            yield Mutation("distant-donor/statement", node.lineno, (change,))


def _distant(site: Site) -> list[tuple[ast.AST, str]]:
    """Short code of other functions of which every name is known here, nearest file first."""
    known = {*site.names, *site.outer_names, *_BUILTINS, "self"}
    found: list[tuple[ast.AST, str]] = []
    for code in (site.code, *site.others):
        for node in code.nodes:
            if not isinstance(node, _EXPRESSIONS + _STATEMENTS):
                continue
            if code is site.code and _inside(site.scope, node):
                continue
            names = _names(node)
            if names and names <= known:
                text = code.segment(node)
                if len(text) <= _LONGEST and "\n" not in text:
                    found.append((node, text))
    return found


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def _inside(scope: ast.AST, node: ast.AST) -> bool:
    low, high = getattr(scope, "lineno", 0), getattr(scope, "end_lineno", 0)
    return isinstance(scope, ast.Module) or low <= getattr(node, "lineno", 0) <= high


DONOR_OPERATORS: tuple[Operator, ...] = (distant_expression, distant_statement)
