"""What operators know of the function or module that they edit."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile, TextEdit
from healer.draft.search.operators.mutation import (
    Mutation,
    Scope,
    find_scopes,
    is_docstring,
    is_stored,
    stands_whole,
)

SOURCE = '''\
import os
LIMIT = 3


def total(rows, *more, scale=1, **options):
    """Sums."""
    found = [row.price for row in rows if row.price > LIMIT]
    for item in more:
        found.append(item.price)
    return sum(found) * scale


class Report:
    @property
    def name(self):
        def inner(x):
            return x
        return inner(self.title)
'''


def scopes(source: str = SOURCE) -> list[Scope]:
    return find_scopes(SourceFile("job.py", source))


def names_of(found: list[Scope]) -> list[str]:
    return [getattr(scope.node, "name", "module") for scope in found]


def test_scopes_are_outermost_functions_and_methods_and_then_the_module() -> None:
    assert names_of(scopes()) == ["total", "name", "module"]
    assert names_of(scopes("if X:\n    def f(): pass\nasync def g(): pass\n")) == [
        "g", "f", "module",
    ]  # fmt: skip


def test_a_scope_knows_its_lines_and_a_module_claims_none() -> None:
    total, name, module = scopes()
    assert total.lines == range(5, 11)
    assert name.lines == range(15, 19)
    assert list(module.lines) == []
    assert [s.is_module for s in (total, name, module)] == [False, False, True]


def test_a_modules_nodes_stop_at_its_functions() -> None:
    module = scopes()[-1]
    assert "rows" not in {n.id for n in module.nodes_of(ast.Name)}
    assert [n.name for n in module.nodes_of(ast.FunctionDef)] == ["total"]


def test_nodes_inside_an_f_string_have_no_usable_position() -> None:
    (scope, _) = scopes("def f(a):\n    return f'{a + 1}' + a\n")
    assert [n.id for n in scope.nodes_of(ast.Name)] == ["a"]


def test_names_are_parameters_and_local_names_in_order() -> None:
    total, name, module = scopes()
    assert total.parameters == ["rows", "scale", "more", "options"]
    assert total.names == ["rows", "scale", "more", "options", "found", "row", "item"]
    assert name.names == ["x"]
    assert module.names == ["LIMIT"]


def test_outer_names_are_those_of_the_module() -> None:
    assert scopes()[0].outer_names == {"LIMIT", "total", "Report"}


def test_donors_are_short_expressions_most_frequent_first() -> None:
    donors = scopes()[0].donors
    assert donors[:2] == ["found", "row.price"] or set(donors[:2]) <= {"found", "row", "row.price"}
    assert "item.price" in donors
    assert "scale" in donors
    assert "found.append" not in donors
    assert "1" not in donors


def test_attributes_and_conditions_are_texts_of_the_scope() -> None:
    total = scopes()[0]
    assert set(total.attributes) == {"row.price", "item.price"}
    assert total.conditions == ["row.price > LIMIT"]


def test_a_statement_of_several_lines_has_its_decorators_and_its_end() -> None:
    name = scopes()[1]
    assert isinstance(name.node, ast.stmt)
    start, end = name.line_span(name.node)
    assert SOURCE[start:end] == SOURCE[SOURCE.index("    @property") :]


def expression(source: str) -> tuple[Scope, ast.expr]:
    """The scope of a function that returns this, and the expression."""
    scope = scopes(f"def f(a, b):\n    return {source}\n")[0]
    (result,) = scope.nodes_of(ast.Return)
    assert result.value is not None
    return scope, result.value


@pytest.mark.parametrize(
    ("source", "tight"),
    [
        ("a", "a"), ("a.b", "a.b"), ("a[0]", "a[0]"), ("g(a)", "g(a)"), ("[a]", "[a]"),
        ("a + b", "(a + b)"), ("a and b", "(a and b)"), ("-a", "(-a)"), ("a < b", "(a < b)"),
        ("a if b else 1", "(a if b else 1)"), ("lambda: a", "(lambda: a)"),
    ],
)  # fmt: skip
def test_what_does_not_bind_tightly_gets_brackets(source: str, tight: str) -> None:
    scope, node = expression(source)
    assert scope.tight_text(node) == tight


@pytest.mark.parametrize(
    ("source", "put", "expected"),
    [
        ("a * b", "x + y", "(x + y) * b"),
        ("a < b", "x + y", "(x + y) < b"),
        ("a.c", "x + y", "(x + y).c"),
        ("a[b]", "x + y", "(x + y)[b]"),
        ("a(b)", "x + y", "(x + y)(b)"),
        ("[a]", "x + y", "[x + y]"),
        ("g(a)", "x + y", "g(x + y)"),
    ],
)
def test_an_expression_is_put_in_brackets_where_its_parent_binds_tightly(
    source: str, put: str, expected: str
) -> None:
    scope, _ = expression(source)
    node = next(n for n in scope.nodes_of(ast.Name) if n.id == "a")
    (change,) = scope.put("shape", node, put).changes
    text = scope.code.text
    assert f"return {expected}\n" in text[: change.start] + change.text + text[change.end :]
    (bare,) = scope.put("shape", node, put, atom=True).changes
    assert bare.text == put


def test_two_expressions_change_places() -> None:
    scope, node = expression("a - b")
    assert isinstance(node, ast.BinOp)
    mutation = scope.swap("swap/", node.left, node.right)
    assert mutation == Mutation("swap/", 2, (TextEdit(24, 25, "b"), TextEdit(28, 29, "a")))
    assert scope.between(node.left, node.right) == (25, 28)
    assert mutation.operator == "swap"


@pytest.mark.parametrize(
    ("source", "whole"),
    [
        ("a", True), ("g(a)", True), ("a + b", True), ("a < b", True), ("[c for c in a]", True),
        ("a(b)", False), ("a.b", False), ("a[b]", False), ("[a]", False), ("g(x=a)", False),
    ],
)  # fmt: skip
def test_where_a_value_is_used_as_a_whole(source: str, whole: bool) -> None:
    scope, _ = expression(source)
    node = next(n for n in scope.nodes_of(ast.Name) if n.id == "a")
    assert stands_whole(scope, node) == whole


def test_what_is_stored_and_what_is_a_docstring() -> None:
    store, load, doc = ast.parse("a = b\na\n'doc'\n").body
    assert isinstance(store, ast.Assign)
    assert is_stored(store.targets[0])
    assert not is_stored(store.value)
    assert [is_docstring(s) for s in (store, load, doc)] == [False, False, True]
