"""Numbers as people write them, and decimals: read as meant, and never as another number."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import (
    check_fix,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

MENDED = [
    example_case(
        "a factor beside a decimal",
        "decimal-and-float",
        """
          from decimal import Decimal
        - x = Decimal('2') * 0.1
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
        + x = Decimal('2') * Decimal("0.1")
        """,
    ),
    example_case(
        "by the module's name",
        "decimal-and-float",
        """
          import decimal
          price = decimal.Decimal("19.99")
        - print(price * 1.19)
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
        + print(price * decimal.Decimal("1.19"))
        """,
    ),
    example_case(
        "a rate in a variable: never the float's own digits",
        "decimal-and-float",
        """
          from decimal import Decimal
          def gross(price, rate):
        -     return price * rate
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
        +     return price * Decimal(str(rate))
        """,
        recorded={"price": "Decimal('19.99')", "rate": "0.21"},
        is_reported=True,
    ),
    example_case(
        "a constant of the module, as it was written",
        "decimal-and-float",
        """
          from decimal import Decimal
        - VAT = 0.21
        + VAT = Decimal("0.21")
          def gross(price):
              return price * (1 + VAT)
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
          gross(Decimal("0.50"))
        """,
        recorded={"price": "Decimal('0.50')", "VAT": "0.21"},
    ),
    example_case(
        "a constant that other functions count with",
        "decimal-and-float",
        """
          from decimal import Decimal
          VAT = 0.21
          def net(price):
              return price / (1.0 + VAT)
          def gross(price):
        -     return price + price * VAT
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
        +     return price + price * Decimal(str(VAT))
        """,
        recorded={"price": "Decimal('0.50')", "VAT": "0.21"},
        is_reported=True,
    ),
]
SILENT = [
    example_case(
        "a decimal beside a text",
        "decimal-and-float",
        """
        from decimal import Decimal
        Decimal("3") + "0.1"
        #! TypeError: unsupported operand type(s) for +: 'decimal.Decimal' and 'str'
        """,
    ),
    example_case(
        "a decimal and a float from elsewhere, of which nothing is recorded",
        "decimal-and-float",
        """
        def gross(price, rate):
            return price * rate
        #! TypeError: unsupported operand type(s) for *: 'decimal.Decimal' and 'float'
        """,
        is_reported=True,
    ),
    example_case(
        "a comma that is a decimal one here and a separator there",
        "*",
        """
        float('1,234')  #! ValueError: could not convert string to float: '1,234'
        """,
    ),
    example_case(
        "a comma where no number has one",
        "*",
        """
        float('1,,2')  #! ValueError: could not convert string to float: '1,,2'
        """,
    ),
    example_case(
        "a decimal comma where a whole number is read",
        "*",
        """
        int('12,5')  #! ValueError: invalid literal for int() with base 10: '12,5'
        """,
    ),
    example_case(
        "a number in the code",
        "number-form",
        """
        for price in ["1,200.51"]:
            list(map(float, [price]))
        #! ValueError: could not convert string to float: '1,200.51'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_a_number_is_read_as_it_is_written(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_text_that_may_be_another_number_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(
    ("reader", "text", "value"),
    [
        ("float", "1,200.51", 1200.51),
        ("float", "-1,234,567", -1234567.0),
        ("float", "12,50", 12.5),
        ("float", " 0,5", 0.5),
        ("float", "1.200,51", 1200.51),
        ("float", "1 200.51", 1200.51),
        ("float", "1\u00a0200,51", 1200.51),
        ("int", "1,200", 1200),
        ("int", "12 000", 12000),
    ],
)
def test_a_form_becomes_its_number_and_what_was_read_before_is_read_as_before(
    reader: str, text: str, value: float
) -> None:
    source = f"def read(text):\n    return {reader}(text)\nbefore = read('1200')\nread({text!r})\n"
    (draft,) = draft_script(source)
    fixed = run_script(content_of(draft))
    assert fixed["read"](text) == value
    assert fixed["before"] == fixed["read"]("1200") == 1200
    if reader == "float":
        assert fixed["read"]("12.5") == 12.5
