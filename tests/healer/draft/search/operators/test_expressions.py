"""Each operator makes the edits of its kind, and no others: source, expression, set of edits."""

import pytest

from healer.draft.search.operators.expressions import (
    change_arguments,
    change_assignment,
    change_order,
    clamp_value,
    move_bound,
    replace_arithmetic,
    replace_comparison,
    replace_function,
    wrap_value,
)
from tests.support.search_cases import apply_operator, apply_to_value


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a < b", {"a <= b", "a > b", "a >= b", "a == b", "a != b"}),
        ("a == b", {"a < b", "a <= b", "a > b", "a >= b", "a != b"}),
        ("a is b", {"a is not b", "a == b"}),
        ("a is not b", {"a is b", "a != b"}),
        ("a in b", {"a not in b"}),
        ("a not in b", {"a in b"}),
        ("a  <  b", {"a  <=  b", "a  >  b", "a  >=  b", "a  ==  b", "a  !=  b"}),
        ("a + b", set()),
        ("a and b", set()),
    ],
)
def test_comparisons(expression: str, edits: set[str]) -> None:
    assert apply_to_value(replace_comparison, expression) == edits


def test_each_sign_of_a_chain_is_replaced_alone() -> None:
    edits = apply_to_value(replace_comparison, "0 < a < b")
    assert {"0 <= a < b", "0 < a <= b"} <= edits
    assert len(edits) == 10
    assert "0 <= a <= b" not in edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a - b", {"a + b", "a * b", "a / b", "a // b", "a % b", "a ** b", "a & b", "a | b",
                   "b - a", "a", "b"}),
        ("a + 1", {"a - 1", "a & 1", "a | 1", "1 + a", "a", "1"}),
        ("a ^ b", {"a & b", "a | b", "a << b", "a >> b", "b ^ a", "a", "b"}),
        ("a % 2", {"a + 2", "a - 2", "a * 2", "a / 2", "a // 2", "a ** 2", "a & 2", "a | 2",
                   "2 % a", "a", "2"}),
        ("a @ b", set()),
        ("a < b", set()),
        ("-a", set()),
    ],
)  # fmt: skip
def test_arithmetic(expression: str, edits: set[str]) -> None:
    assert apply_to_value(replace_arithmetic, expression) == edits


def test_an_operand_alone_takes_the_place_of_the_whole() -> None:
    edits = apply_to_value(replace_arithmetic, "(a + b) * 2")
    assert {"(a) * 2", "(b) * 2", "a + b", "2"} <= edits


def statements(operator: object, line: str) -> set[str]:
    """What becomes of one line of a function."""
    head, tail = "def f(a, b, c):\n    ", "\n    return a\n"
    texts = apply_operator(operator, f"{head}{line}{tail}")  # type: ignore[arg-type]  # an operator
    return {text.removeprefix(head).removesuffix(tail) for text in texts if text.endswith(tail)}


@pytest.mark.parametrize(
    ("line", "edits"),
    [
        ("a += 2", {"a -= 2", "a *= 2", "a /= 2", "a //= 2", "a %= 2", "a **= 2", "a &= 2",
                    "a |= 2", "a = 2"}),
        ("a += 1", {"a -= 1", "a &= 1", "a |= 1", "a = 1"}),
        ("a = b", {"a += b", "a -= b"}),
        ("a[0] = b", {"a[0] += b", "a[0] -= b"}),
        ("a.b = c", {"a.b += c", "a.b -= c"}),
        ("a, b = c", set()),
        ("a = b = c", set()),
        ("a @= b", set()),
        ("a: int = b", set()),
    ],
)  # fmt: skip
def test_assignments(line: str, edits: set[str]) -> None:
    assert statements(change_assignment, line) == edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("min(a)", {"max(a)", "a"}),
        ("min(a, b)", {"max(a, b)"}),
        ("g(a, h(b))", {"h(a, h(b))", "g(a, g(b))", "g(a, b)"}),
        ("a.strip()", {"a"}),
        ("a.get(b)", {"a", "b"}),
        ("g(*a)", set()),
        ("g(a=b)", set()),
        ("a + b", set()),
    ],
)
def test_functions(expression: str, edits: set[str]) -> None:
    assert apply_to_value(replace_function, expression) == edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("g(a, b)", {"g(b, a)", "g(a)", "g(b)", "g(a, b, a)", "g(a, b, b)", "g(a, b, 1)",
                     "g(a, b, 0)", "g(a, b, True)"}),
        ("g(a)", {"g(a, a)", "g(a, b)", "g(a, 1)", "g(a, 0)", "g(a, True)"}),
        ("len(a)", set()),
        ("a.append(b)", set()),
        ("g()", set()),
        ("g(a, k=b)", set()),
        ("g(a, b, k=b)", {"g(b, a, k=b)", "g(a, k=b)", "g(b, k=b)"}),
        ("g(a, *b)", {"g(a, a, *b)", "g(a, b, *b)", "g(a, 1, *b)", "g(a, 0, *b)",
                      "g(a, True, *b)"}),
    ],
)  # fmt: skip
def test_arguments(expression: str, edits: set[str]) -> None:
    assert apply_to_value(change_arguments, expression) == edits


@pytest.mark.parametrize(
    ("expression", "some", "none"),
    [
        ("a", {"len(a)", "sorted(a)", "int(a)", "[a]"}, {"max(a)"}),
        ("max(a, 1)", {"len(max(a, 1))", "max(len(a), 1)", "max(max(a), 1)"}, {"max(len(1))"}),
        ("a + b", {"len(a) + b", "a + int(b)", "float(a + b)"}, set()),
        ("a[0]", {"str(a[0])"}, {"len(a)[0]"}),
        ("1", set(), {"int(1)"}),
        ("g(*a)", {"list(g(*a))"}, {"g(list(*a))", "g(*list(a))"}),
    ],
)
def test_wraps(expression: str, some: set[str], none: set[str]) -> None:
    edits = apply_to_value(wrap_value, expression)
    assert some <= edits
    assert not none & edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("(a, b)", {"(b, a)"}),
        ("a, b, 1", {"b, a, 1", "1, b, a", "a, 1, b"}),
        ("a if b else 1", {"1 if b else a"}),
        ("-a", {"a"}),
        ("not a", {"a"}),
        ("~a", {"a"}),
        ("+a", set()),
        ("a", {"-a"}),
        ("g(a)", {"-g(a)"}),
        ("a.b", {"-a.b"}),
        ("a + b", set()),
        ("[a, b]", set()),
    ],
)
def test_order_and_signs(expression: str, edits: set[str]) -> None:
    assert apply_to_value(change_order, expression) == edits


@pytest.mark.parametrize(
    ("expression", "count", "some"),
    [
        ("a < 3", 8, {"a <= 2", "a < 4", "a >= 4", "a > 2"}),
        ("a + b < 0", 8, {"(a + b) <= -1", "(a + b) > 1"}),
        ("a < b", 0, set()),
        ("a < True", 0, set()),
        ("a < 1.5", 0, set()),
        ("0 < a < 3", 0, set()),
        ("3 < a", 0, set()),
    ],
)
def test_moved_bounds(expression: str, count: int, some: set[str]) -> None:
    edits = apply_to_value(move_bound, expression)
    assert len(edits) == count
    assert some <= edits


@pytest.mark.parametrize(
    ("expression", "edits"),
    [
        ("a", {"max(0, a)", "min(0, a)"}),
        ("a - b", {"max(0, a - b)", "min(0, a - b)", "max(0, a) - b", "min(0, a) - b",
                   "a - max(0, b)", "a - min(0, b)"}),
        ("g(1)", set()),
        ("a[0]", set()),
        ("1", set()),
    ],
)  # fmt: skip
def test_clamps(expression: str, edits: set[str]) -> None:
    assert apply_to_value(clamp_value, expression) == edits


def test_edits_keep_the_files_formatting_and_its_comments() -> None:
    source = "def f(a,b):\r\n    return a+b  # the sum\r\n"
    assert source.replace("+", "-") in apply_operator(replace_arithmetic, source)


def test_nothing_inside_an_f_string_is_edited() -> None:
    assert apply_to_value(replace_arithmetic, "f'{a + b}'") == set()
