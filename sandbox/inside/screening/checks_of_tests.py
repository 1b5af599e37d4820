"""A test's checks, seen in place of made.

Belongs here: rewriting them. Does not belong here: what is noted (`notes_of_tests`), or running
tests (`varied_tests`).
"""

from __future__ import annotations

import ast
from types import CodeType
from typing import Any

from .literals_of_tests import is_check

BEGIN, KEEP, KEEP_CALLS, KEEP_ERROR = (
    f"_healer_{name}" for name in ("begin", "keep", "keep_calls", "keep_error")
)
"""Names that the tests' modules must have: methods of `Notes`."""


def parse_file(file: str) -> ast.Module | None:
    """None where it cannot be read."""
    try:
        return ast.parse(_read(file))
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None


def watch_checks(tree: ast.Module, file: str) -> None:
    """Has each check of these tests seen, in place."""
    _Checks(_read(file)).visit(tree)


def compile_tree(tree: ast.Module, file: str) -> CodeType:
    return compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)


def list_codes(code: CodeType) -> list[CodeType]:
    """Of all functions within."""
    inner = [const for const in code.co_consts if isinstance(const, CodeType)]
    return [*inner, *(each for const in inner for each in list_codes(const))]


def _read(file: str) -> str:
    with open(file, encoding="utf-8") as stream:
        return stream.read()


class _Checks(ast.NodeTransformer):
    """Has each check of a test seen, and lets the test go on whatever comes of it."""

    def __init__(self, source: str) -> None:
        self._source = source

    def visit_Assert(self, node: ast.Assert) -> ast.AST:
        return self._try(node, _Values(self._source, node.lineno).visit(node.test))

    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        call = node.value
        if not isinstance(call, ast.Call) or not is_check(call) or _raises(call):
            return self.generic_visit(node)
        values = _Values(self._source, node.lineno)
        parts = [values.visit(each) for each in call.args]
        parts += [values.visit(each.value) for each in call.keywords]
        thing = call.func.value if isinstance(call.func, ast.Attribute) else call.func
        parts.append(values.keep(KEEP_CALLS, values.read(thing), thing))
        return self._try(node, ast.Tuple(parts, ast.Load()))

    def _try(self, node: ast.stmt, value: ast.expr) -> ast.Try:
        words = ast.get_source_segment(self._source, node) or ""
        begin = ast.Expr(_make_call(BEGIN, ast.Constant(node.lineno)))
        crash = ast.Expr(_make_call(KEEP_ERROR, ast.Constant(node.lineno), ast.Constant(words)))
        handler = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [crash])
        body: list[ast.stmt] = [begin, ast.Expr(value)]
        return ast.copy_location(ast.Try(body, [handler], [], []), node)


def _raises(call: ast.Call) -> bool:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    return name.startswith(("assertRaises", "assertWarns", "assertLogs", "assert_raises"))


class _Values(ast.NodeTransformer):
    """Has seen what a check looks at: what its calls give, and the names and parts in it."""

    def __init__(self, source: str, line: int) -> None:
        self._source = source
        self._line = line

    def read(self, node: ast.AST) -> str:
        return ast.get_source_segment(self._source, node) or ""

    def keep(self, name: str, words: str, node: Any) -> ast.Call:
        return _make_call(name, ast.Constant(self._line), ast.Constant(words), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        words = self.read(node)
        if isinstance(node.func, ast.Attribute):
            node.func.value = self.visit(node.func.value)
        node.args = [self.visit(each) for each in node.args]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        return self.keep(KEEP, words, node)

    def visit_Await(self, node: ast.Await) -> ast.AST:
        return self.keep(KEEP, self.read(node), node)

    def _visit_read(self, node: ast.Name | ast.Attribute | ast.Subscript) -> ast.AST:
        words = self.read(node)
        if not isinstance(node.ctx, ast.Load) or not words:
            return node
        return self.keep(KEEP, words, self.generic_visit(node))

    visit_Name = visit_Attribute = visit_Subscript = _visit_read  # noqa: N815 - as `ast` asks


def _make_call(name: str, *values: Any) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), list(values), [])
