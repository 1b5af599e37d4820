"""A half is rounded the other way where the docstring speaks of one."""

import ast
from decimal import Decimal

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.roundings import round_otherwise


def others(text: str, docstring: str = "Half a cent is rounded up.") -> list[str]:
    code = SourceFile("job.py", f'def f(x):\n    """{docstring}"""\n    return {text}\n')
    value = next(node.value for node in code.nodes if isinstance(node, ast.Return))
    assert value is not None
    return list(round_otherwise(code, value))


@pytest.mark.parametrize(
    ("text", "x", "before", "after"),
    [
        ("round(x, 2)", Decimal("0.125"), Decimal("0.12"), Decimal("0.13")),
        ("round(x, 1)", 0.25, 0.2, 0.3),
        ("round(x)", 2.5, 2, 3),
        ("x.quantize(Decimal('0.01'))", Decimal("0.125"), Decimal("0.12"), Decimal("0.13")),
        ("x.quantize(Decimal('0.1'), 'ROUND_HALF_UP')", Decimal("0.25"), Decimal("0.3"),
         Decimal("0.2")),
        ("x.quantize(Decimal('0.1'), rounding='ROUND_HALF_UP')", Decimal("0.25"), Decimal("0.3"),
         Decimal("0.2")),
    ],
)  # fmt: skip
def test_a_half_goes_the_other_way_and_all_else_stays(
    text: str, x: object, before: object, after: object
) -> None:
    (other,) = others(text)
    names = {"x": x, "Decimal": Decimal}
    plain = {**names, "x": Decimal("0.7") if isinstance(x, Decimal) else 0.7}
    assert (eval(text, names), eval(other, names)) == (before, after)
    assert eval(text, plain) == eval(other, plain)


@pytest.mark.parametrize("text", ["int(x)", "x.round(2)", "round(x, ndigits=1)", "x.quantize()"])
def test_what_rounds_nothing_or_in_another_way_stays(text: str) -> None:
    assert others(text) == []


def test_where_no_docstring_speaks_of_halves_nothing_is_tried() -> None:
    assert others("round(x, 2)", "The amount in cents.") == []
