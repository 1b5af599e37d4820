"""One value has one form however it is written, and values of every program tell nothing."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.policy.literal_forms import (
    all_forms,
    form_of,
    is_data,
    is_telling,
    is_trivial,
    is_word,
    literals_of,
    number_of,
)


def node(expression: str) -> ast.expr:
    return ast.parse(expression, mode="eval").body


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("31337", "31_337"), ("31337", "0x7a69"), ("'ab'", '"ab"'), ("'ab'", "'a' 'b'"),
        ("12.75", "1275e-2"), ("[1, 2]", "[1,2]"), ("{'a': 1}", '{"a":1}'), ("'ab'", "'\\x61b'"),
    ],
)  # fmt: skip
def test_one_value_has_one_form(first: str, second: str) -> None:
    assert form_of(node(first)) == form_of(node(second)) != ""


@pytest.mark.parametrize("expression", ["a", "f(1)", "[a]", "1 + 2", "f'{a}'"])
def test_what_is_no_literal_has_none(expression: str) -> None:
    assert form_of(node(expression)) == ""


def test_statements_and_nothing_have_none_either() -> None:
    assert form_of(None) == ""
    assert form_of(ast.parse("1")) == ""


def test_a_form_is_no_longer_than_a_line() -> None:
    assert len(form_of(node(repr("a" * 9_000)))) == 2_000


KINDS = {
    # form: (is_trivial, is_word, is_telling, is_data)
    "": (True, False, False, False),
    "None": (True, False, False, False),
    "0": (True, False, False, False),
    "100": (True, False, False, False),
    "''": (True, False, False, False),
    "[]": (True, False, False, False),
    "3": (False, False, False, False),
    "12": (False, False, False, False),
    "13": (False, False, True, True),
    "31337": (False, False, True, True),
    "1024": (False, False, True, False),
    "1000": (False, False, True, False),
    "3600": (False, False, True, False),
    "12.75": (False, False, True, True),
    "0.5": (False, False, True, False),
    "-50": (False, False, True, True),
    "'csv'": (False, True, False, False),
    "'text/plain'": (False, True, False, False),
    "'; '": (False, True, False, False),
    "'mug, large'": (False, False, True, False),
    "'mug 9'": (False, False, True, True),
    "'utf-8'": (False, False, True, False),
    "'python3.11'": (False, False, True, False),
    "'2024-01-05'": (False, False, True, True),
    "'$7.35'": (False, False, True, True),
    "[1, 2]": (False, False, True, False),
}


@pytest.mark.parametrize("form", KINDS)
def test_a_form_is_of_a_kind(form: str) -> None:
    kinds = (is_trivial(form), is_word(form), is_telling(form), is_data(form))
    assert kinds == KINDS[form]


@pytest.mark.parametrize(
    ("expression", "forms"),
    [
        ("12.75", {"12.75"}),
        ("17", {"17", "17.0"}),
        ("17.0", {"17", "17.0"}),
        ("'12.75'", {"'12.75'", "12.75"}),
        ("'[3, 4]'", {"'[3, 4]'", "[3, 4]"}),
        ("\"'deep'\"", {"\"'deep'\"", "'deep'"}),
        ("625 * 2", {"1250", "1250.0"}),
        ("-17", {"-17", "-17.0"}),
        ("'mug'", {"'mug'"}),
        ("'not python('", {"'not python('"}),
        ("True", {"True"}),
    ],
)
def test_a_value_is_known_in_all_forms_that_tests_may_write(
    expression: str, forms: set[str]
) -> None:
    assert set(filter(None, all_forms(node(expression)))) == forms


@pytest.mark.parametrize(
    ("expression", "number"),
    [
        ("42", 42),
        ("-1.5", -1.5),
        ("625.0 * 2", 1250.0),
        ("7 // 2", 3),
        ("7 / 2", 3.5),
        ("-(1 + 2)", -3),
        ("1 - 2 * 3", -5),
        ("1 / 0", None),
        ("2 ** 3", None),
        ("a + 1", None),
        ("1 + a", None),
        ("True", None),
        ("'1'", None),
        ("-a", None),
        ("10000000000000000000", None),
        ("7 % 2", None),
    ],
)
def test_arithmetic_on_numbers_alone_is_worked_out(expression: str, number: float | None) -> None:
    assert number_of(node(expression)) == number


@given(st.integers(-(10**12), 10**12), st.sampled_from("+-*"), st.integers(-(10**3), 10**3))
def test_it_is_worked_out_as_python_does(first: int, sign: str, second: int) -> None:
    expression = f"({first}) {sign} ({second})"
    assert number_of(node(expression)) == eval(expression)


def test_the_literals_of_tests_are_those_of_all_files_without_docstrings() -> None:
    files = [b'"""A docstring."""\nassert f("a, b") == 12.75\n', b"x = [31337]\n"]
    forms = literals_of(files)
    assert {"'a, b'", "12.75", "31337", "[31337]"} <= forms
    assert "'A docstring.'" not in forms
    assert "" not in forms


@pytest.mark.parametrize("data", [b"\xff", b"x = (", b""])
def test_a_file_that_cannot_be_read_adds_nothing(data: bytes) -> None:
    assert literals_of([data]) == frozenset()
