"""Another value in a value's place: which, and where none is put."""

import pytest

from healer.draft.search.operators.values import (
    add_operand,
    add_subscript,
    change_subscript,
    replace_attribute,
    replace_constant,
    replace_name,
    replace_target,
    shift_by_one,
    use_donor,
)
from tests.support.search_cases import apply_operator, apply_to_value


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a", {"a + 1", "a - 1"}),
        ("a + b", {"a + b + 1", "a + b - 1", "(a + 1) + b", "(a - 1) + b", "a + (b + 1)",
                   "a + (b - 1)"}),
        ("a * b", {"(a * b) + 1", "(a * b) - 1", "(a + 1) * b", "(a - 1) * b", "a * (b + 1)",
                   "a * (b - 1)"}),
        ("a[b]", {"a[b] + 1", "a[b] - 1", "a[b + 1]", "a[b - 1]"}),
        ("a[b:]", {"a[b:] + 1", "a[b:] - 1", "a[b + 1:]", "a[b - 1:]"}),
        ("a.b", {"a.b + 1", "a.b - 1"}),
        ("range(a)", {"range(a) + 1", "range(a) - 1", "range(a + 1)", "range(a - 1)"}),
        ("1", set()),
        ("not a", set()),
        ("{a: b}", set()),
    ],
)  # fmt: skip
def test_off_by_one(expression: str, edits: set[str]) -> None:
    assert apply_to_value(shift_by_one, expression) == edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("5", {"6", "4", "0", "1", "2", "-5"}),
        ("0", {"1", "-1", "2", "None"}),
        ("1", {"2", "0", "-1", "None"}),
        ("True", {"False"}),
        ("2.5", {"3.5", "-2.5"}),
        ("None", {"0", "[]", "''", "False"}),
        ("''", {"' '"}),
        ("' '", {"''"}),
        ("'x'", set()),
        ("b'x'", set()),
        ("[]", {"[[]]", "[a]", "[b]"}),
        ("[[]]", {"[]", "[[[]]]", "[[a]]", "[[b]]"}),
        ("{}", set()),
        ("a", set()),
    ],
)
def test_constants(expression: str, edits: set[str]) -> None:
    assert apply_to_value(replace_constant, expression) == edits


def test_a_negative_constant_is_put_in_brackets_where_it_must_be() -> None:
    assert {"a ** (-2)", "a ** 3"} <= apply_to_value(replace_constant, "a ** 2")


def test_a_docstring_is_no_constant() -> None:
    assert apply_operator(replace_constant, "def f():\n    ''\n") == []


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a", {"b"}),
        ("a + b", {"b + b", "a + a"}),
        ("a(b)", {"a(a)"}),
        ("len(a)", {"len(b)"}),
        ("c", set()),
        ("1", set()),
    ],
)
def test_names(expression: str, edits: set[str]) -> None:
    assert apply_to_value(replace_name, expression) == edits


def test_a_name_becomes_an_attribute_of_the_scope_and_a_stored_one_does_not() -> None:
    source = "def f(self, a):\n    b = self.x\n    return a\n"
    texts = apply_operator(replace_name, source)
    assert source.replace("return a", "return self.x") in texts
    assert source.replace("b = ", "a = ") in texts
    assert source.replace("b = ", "self.x = ") not in texts


@pytest.mark.parametrize(
    ("expression", "some", "none"),
    [
        ("a.x + b.y", {"a.y + b.y", "a.x + b.x", "a + b.y", "a.x + b", "a.x.x + b.y"}, set()),
        ("a.keys()", {"a.values()", "a.items()"}, {"a()", "a.keys"}),
        ("a.lower(b.upper())", {"a.upper(b.upper())", "a.lower(b.lower())"}, {"a(b.upper())"}),
        ("a", set(), {"a.x"}),
    ],
)
def test_attributes(expression: str, some: set[str], none: set[str]) -> None:
    edits = apply_to_value(replace_attribute, expression)
    assert some <= edits
    assert not none & edits


@pytest.mark.parametrize(
    ("expression", "some", "none"),
    [
        (
            "a[b] + len(a)",
            {"a[b] + (a[b])", "(len(a)) + len(a)", "a + len(a)", "b + len(a)"},
            {"b[b]"},
        ),
        ("g(a, 0)", {"g(a, a)", "g(a, b)", "a", "b"}, {"g(b, 0)"}),
        ("a", set(), {"b"}),
    ],
)
def test_donors_are_other_expressions_of_the_scope(
    expression: str, some: set[str], none: set[str]
) -> None:
    edits = apply_to_value(use_donor, expression)
    assert some <= edits
    assert not none & edits


@pytest.mark.parametrize(
    ("line", "edits"),
    [
        ("a = b[0]", {"b[0] = b[0]"}),
        ("a[0] = b[1]", {"b[1] = b[1]"}),
        ("a.x += b[1]", {"b[1] += b[1]"}),
        ("a, b = b[0]", set()),
        ("a = b", set()),
    ],
)
def test_targets(line: str, edits: set[str]) -> None:
    head = "def f(a, b):\n    "
    texts = apply_operator(replace_target, f"{head}{line}\n")
    assert {text.removeprefix(head).rstrip("\n") for text in texts} == edits


@pytest.mark.parametrize(
    ("expression", "some", "none"),
    [
        ("a", {"a + b", "a - b", "a * b", "b + a"}, {"a + a", "b - a"}),
        ("[a]", {"[a] + b", "b + [a]", "[a + b]"}, {"[a] - b", "[a] * b"}),
        ("a[b]", {"a[b + a]", "a[b] + a"}, {"a[a + b]"}),
        ("a < b", {"(a + b) < b", "a < (b + a)", "a < (b - a)"}, {"a < b + a"}),
        ("1", set(), {"1 + a"}),
        ("a < 1", set(), {"a < (1 + b)"}),
    ],
)
def test_operands(expression: str, some: set[str], none: set[str]) -> None:
    edits = apply_to_value(add_operand, expression)
    assert some <= edits
    assert not none & edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a[b]", {"a", "b", "a[b:]", "a[:b]", "a[-b]"}),
        ("a[1:b]", {"a[b:1]", "a[1:]", "a[:b]", "a[:]", "a"}),
        ("a[:]", {"a[1:]", "a[:-1]", "a"}),
        ("a[b:]", {"a[:b]", "a[:]", "a[b:-1]", "a"}),
        ("a.b", set()),
    ],
)
def test_subscripts(expression: str, edits: set[str]) -> None:
    assert apply_to_value(change_subscript, expression) == edits


def test_a_subscript_that_is_written_to_stays() -> None:
    assert apply_operator(change_subscript, "def f(a, b):\n    a[b] = 1\n") == []


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a", {"a[1:]", "a[:-1]", "a[:]", "a[0]", "a[-1]", "a[::-1]", "a[b]", "a[b:]"}),
        ("a.b", set()),
        ("c", set()),
        ("not a", set()),
    ],
)
def test_new_subscripts(expression: str, edits: set[str]) -> None:
    assert apply_to_value(add_subscript, expression) == edits
