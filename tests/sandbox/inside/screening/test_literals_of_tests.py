"""Which literals of a test are inputs, and what may stand in their place."""

import ast

import pytest

from sandbox.inside.screening.literals_of_tests import (
    find_literals,
    show_change,
    swap,
    vary_value,
)


@pytest.mark.parametrize(
    ("body", "literals"),
    [
        ("assert f(1, [2]) == 3", ["1", "[2]", "2"]),
        ("assert 3 == f('a')", ["'a'"]),
        ("assert f(1) == [2, {'a': 3}]", ["1"]),
        ("assert f(1)['b'][0] == 2", ["1"]),
        ("self.assertEqual(f(1), 2)", ["1"]),
        ("sender.assert_called_with(1)", []),
        ("'''words'''\n    x = 1.5\n    assert f(x)", ["1.5"]),
        ("x: 'int' = 1\n    assert f(f'{x:>3} b')", ["1", "' b'"]),
        ("assert f(True, None)", []),
        ("assert f(b'1')", ["b'1'"]),
        ("assert f([[1, 2], [3, 4]])", ["[[1, 2], [3, 4]]", "1", "2", "3", "4"]),
        ("assert f([[1], [2]])", ["[[1], [2]]", "[1]", "1", "[2]", "2"]),
        ("assert f([[1, 2], 3])", ["[[1, 2], 3]", "[1, 2]", "1", "2", "3"]),
    ],
)
def test_inputs_are_told_from_what_is_expected(body: str, literals: list[str]) -> None:
    tree = ast.parse(f"def test_it():\n    {body}\n")
    assert [ast.unparse(each.node) for each in find_literals(tree, {1})] == literals


def test_variables_that_a_test_reads_are_inputs_and_other_functions_are_not() -> None:
    tree = ast.parse("A = [1]\nB = 2\n\ndef g():\n    f(3)\n\n@mark\ndef test_it():\n    f(A)\n")
    found = [
        (ast.unparse(each.node), each.variable is not None) for each in find_literals(tree, {7})
    ]
    assert found == [("[1]", True), ("1", True)]


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("3", ["4", "0", "9"]),
        ("0", ["1", "3"]),
        ("1.5", ["2.0", "0.0", "6.25"]),
        ("'ab'", ["'a'", "'abb'", "'AB'"]),
        ("'n 3'", ["'n 4'", "'n 9'", "'n  3'", "'n 0'", "'n '", "'n 33'", "'N 3'"]),
        ("'a\\nb\\n'", ["'a\\n b\\n '", "'a\\n'", "'a\\nb\\nb\\n'"]),
        ("' '", ["''", "'  '", "' '"]),
        ("''", []),
        ("[x, y]", ["[x, y, x]", "[x]"]),
        ("[]", ["['']", "[0]"]),
        ("b'\\xff1'", ["b'\\xff'"]),
    ],
)
def test_others_stand_in_its_place(text: str, others: list[str]) -> None:
    tree = ast.parse(f"def test_it():\n    f({text})\n")
    literals = find_literals(tree, {1})
    assert [ast.unparse(other) for each in literals[:1] for other in each.others] == others


def test_a_tree_reads_otherwise_only_within_the_block() -> None:
    tree = ast.parse("def test_it():\n    f(3)\n")
    (literal,) = find_literals(tree, {1})
    with swap(literal.node, literal.others[0]):
        assert "f(4)" in ast.unparse(tree)
    assert "f(3)" in ast.unparse(tree)
    assert show_change(literal.node, literal.others[0]) == "4 for 3"


def test_of_a_long_text_the_part_that_differs_is_shown() -> None:
    one, two = (f"{'a' * 50}{letter}{'b' * 50}" for letter in "xy")
    (old, new) = (ast.Constant(text) for text in (one, two))
    part = f"{'a' * 20}{{}}{'b' * 19}"
    assert show_change(old, new) == f"'{part.format('y')}' for '{part.format('x')}'"
    assert show_change(ast.Constant(b"ab"), ast.Constant(b"abc")) == "b'abc' for b'ab'"


def test_a_value_that_can_be_written_is_varied_and_another_is_not() -> None:
    assert ("4 for 3", [4]) in list(vary_value([3]))
    assert list(vary_value(object())) == []
    assert list(vary_value({3}))[:1] == [("4 for 3", {4})]
