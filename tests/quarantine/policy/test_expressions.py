"""What an expression without variables says, and in how many forms."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quarantine.policy.expressions import (
    all_forms,
    fold,
    form_of,
    is_constant,
    is_data,
    is_telling,
    is_trivial,
    is_word,
    last_name,
    number_of,
    results_of,
)


@pytest.mark.parametrize(
    "expression",
    ["42", "-1", "'a'", "None", "True", "...", "[]", "()", "{}", "{1, 2}", "[1, 'a', [2]]",
     "{'a': (1, -2)}", "b'a'", "1.5", "2j"],
)  # fmt: skip
def test_a_literal_through_and_through_is_one(expression: str) -> None:
    assert is_constant(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    "expression",
    ["a", "[a]", "f(1)", "1 + 2", "not 1", "~1", "1 if 2 else 3", "f'{a}'", "[1, [2, a]]",
     "{'a': b}", "a.b", "a[0]", "lambda: 1", "1 == 1", "1 and 2", "[x for x in (1,)]"],
)  # fmt: skip
def test_anything_that_is_worked_out_is_not(expression: str) -> None:
    assert not is_constant(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize(
    ("expression", "results"),
    [
        ("a", ["a"]),
        ("1 if a else 2", ["1", "2"]),
        ("a or 1", ["a", "1"]),
        ("a and b or c", ["a", "b", "c"]),
        ("1 if a else (2 if b else c or 3)", ["1", "2", "c", "3"]),
        ("f(a or 1)", ["f(a or 1)"]),
        ("[a or 1]", ["[a or 1]"]),
        ("not a", ["not a"]),
        ("a + 1", ["a + 1"]),
    ],
)
def test_each_value_that_may_come_out_is_given(expression: str, results: list[str]) -> None:
    node = ast.parse(expression, mode="eval").body
    assert [ast.unparse(result) for result in results_of(node)] == results


def test_a_return_of_nothing_has_no_result() -> None:
    assert list(results_of(None)) == []


FOLDED = {
    "'ab'": "ab",
    "b'ab'": "ab",
    "'a' 'b'": "ab",
    "'a' + 'b'": "ab",
    "'a' + ('b' + 'c')": "abc",
    "'ba'[::-1]": "ab",
    "'ab'[:]": "ab",
    "''.join(['a', 'b'])": "ab",
    "'-'.join(('a', 'b'))": "a-b",
    "chr(97) + chr(98)": "ab",
    "str('ab')": "ab",
    "f'a{\"b\"}'": "ab",
    "f'ab'": "ab",
    "b'ab'.decode()": "ab",
    "'AB'.lower()": "ab",
    "' ab '.strip()": "ab",
    "'ab'.encode()": "ab",
    "'xb'.replace('x', 'a')": "ab",
    "base64.b64decode('YWI=')": "ab",
    "bytes.fromhex('6162')": "ab",
    "base64.b64decode('YW' + 'I=').decode()": "ab",
}
UNKNOWN = [
    "b", "'a' + b", "a + 'b'", "f'a{b}'", "x.join(['a'])", "''.join(parts)", "''.join(['a', b])",
    "chr(10 ** 9)", "chr(-1)", "chr(1114112)", "chr(n)", "str(b)", "'ab'.upper()", "'a' * 3",
    "'a'.replace(x, 'b')", "'a'.replace('', 'b')", "3", "None", "['a']", "base64.b64decode('a')",
    "bytes.fromhex('zz')", "bytes.fromhex(code)", "b64decode()", "'a' - 'b'",
]  # fmt: skip


def fold_text(expression: str) -> str | None:
    return fold(ast.parse(expression, mode="eval").body)


@pytest.mark.parametrize("expression", FOLDED)
def test_constant_text_is_put_together(expression: str) -> None:
    assert fold_text(expression) == FOLDED[expression]


@pytest.mark.parametrize("expression", UNKNOWN)
def test_what_depends_on_something_or_is_no_text_is_unknown(expression: str) -> None:
    assert fold_text(expression) is None


def test_nothing_gives_nothing() -> None:
    assert fold(None) is None


def test_text_does_not_grow_without_end() -> None:
    assert fold_text("'" + "a" * 9_000 + "' + '" + "b" * 9_000 + "'") is None
    assert fold_text("'" + "a" * 900 + "'.replace('a', '" + "b" * 900 + "')") is None


def test_a_number_that_is_no_text_of_base64_is_unknown() -> None:
    assert fold_text("base64.b64decode('YWI')") is None


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


def test_a_decorators_last_name_is_looked_for_through_calls() -> None:
    names = [
        ast.parse(text, mode="eval").body for text in ("a", "a.b", "a.b(c)", "a(b)(c)", "a[0]")
    ]
    assert [last_name(node) for node in names] == ["a", "b", "b", "a", ""]
