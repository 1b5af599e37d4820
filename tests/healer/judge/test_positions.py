"""Addresses in a source are bytes, and a node's place says whether its value goes somewhere."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.judge.positions import Parents, Text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("x = a + b\n", "a + b"),
        ("naïve = 'ü' + 'ö'\n", "'ü' + 'ö'"),
        ("# ü\nx = (a +\n     b)\n", "a +\n     b"),
        ("x = 1; y = a + b\n", "a + b"),
        ("x = '''\n\n''' + b\n", "'''\n\n''' + b"),
        ("a = 1\r\nx = a + b\r\n", "a + b"),
        ("a = '\x0c'\nx = a + b\n", "a + b"),
    ],
)
def test_the_text_of_a_node_is_what_the_parser_read(source: str, text: str) -> None:
    node = next(n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.BinOp))
    at = Text(source)
    assert at.get(*at.span(node)) == text
    assert at.replace(*at.span(node), "0").count("0") == source.count("0") + 1


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=9))
def test_what_stands_around_a_replaced_part_stays(head: str, tail: str, new: str) -> None:
    source = f"{head}|{tail}"
    start = len(head.encode("utf-8", "replace"))
    assert Text(source).replace(start, start + 1, new) == head + new + tail


def name_in(source: str, name: str = "a") -> tuple[Parents, ast.expr]:
    tree = ast.parse(source)
    node = next(n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name)
    return Parents(tree), node


@pytest.mark.parametrize(
    ("source", "is_value"),
    [
        ("x = a", True),
        ("f(a)", True),
        ("f(x=a)", True),
        ("return_ = [a]", True),
        ("x = y[a]", True),
        ("x: int = a", True),
        ("a = 1", False),
        ("a.b = 1", False),
        ("x = a.b", False),
        ("a(1)", False),
        ("x = a[0]", False),
        ("x: a = 1", False),
        ("if a: pass", False),
        ("while a: pass", False),
        ("x = 1 if a else 2", False),
        ("x = a if b else 2", True),
        ("with a: pass", False),
        ("raise a", False),
        ("a", False),
        ("@a\ndef f(): pass", False),
        ("class X(a): pass", False),
        ("def f(x: a): pass", False),
        ("f(*a)", False),
        ("x = y[a:]", False),
        ("del a", False),
    ],
)
def test_a_value_goes_somewhere(source: str, is_value: bool) -> None:
    parents, node = name_in(source)
    assert parents.is_value(node) is is_value


@pytest.mark.parametrize(
    ("source", "is_inside"), [("x = f'{a}'", True), ("x = f'{y}' + a", False), ("x = a", False)]
)
def test_a_part_of_a_formatted_text_is_told(source: str, is_inside: bool) -> None:
    parents, node = name_in(source)
    assert parents.is_inside_text(node) is is_inside


@pytest.mark.parametrize(
    ("source", "is_flag"),
    [
        ("makedirs(p, exist_ok=True)", True),
        ("rmtree(p, True)", False),
        ("f(total=True)", False),
    ],
)
def test_an_option_that_changes_no_result_is_a_flag(source: str, is_flag: bool) -> None:
    tree = ast.parse(source)
    node = next(n for n in ast.walk(tree) if isinstance(n, ast.Constant))
    assert Parents(tree).is_flag(node) is is_flag


def test_the_statement_of_a_node_is_the_innermost() -> None:
    parents, node = name_in("def f():\n    if x:\n        y = [a]\n")
    statement = parents.statement(node)
    assert isinstance(statement, ast.Assign)
    assert parents.statement(statement) is statement
