"""Data of another type is read in both forms, in all places, where both nights' data show it."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_silence, run_script

READ = (
    '{"rates": {"USD": 1.07, "GBP": 0.85}}',
    '{"rates": [{"code": "USD", "rate": 1.08}, {"code": "GBP", "rate": 0.86}]}',
)
COUNTS = ('[{"count": 4}, {"count": 11}]', '[{"count": "3"}, {"count": "12"}]')
RECORDS = '[{"code": "USD", "rate": 1.08}, {"code": "GBP", "rate": 0.86}]'


def test_an_object_within_another_is_made_in_its_place() -> None:
    example = Example(
        """
          def show(data):
        -     return data["rates"]["USD"]
        +     return ({each["code"]: each["rate"] for each in data["rates"]} if isinstance(data["rates"], list) else data["rates"])["USD"]
        #! TypeError: list indices must be integers or slices, not str
        """,  # noqa: E501 - it is written on one line
        is_reported=True,
        read=READ,
    )
    check_fix("records-for-object", example)
    show = run_script(example.after)["show"]
    assert show({"rates": {"USD": 1.07}}) == 1.07
    assert show({"rates": [{"code": "USD", "rate": 1.08}]}) == 1.08


@pytest.mark.parametrize(
    "read",
    [
        ("", READ[1]),  # nothing is known of the good night
        (READ[0], READ[0]),
    ],
)
def test_without_both_nights_no_object_is_made(read: tuple[str, str]) -> None:
    example = Example(
        """
        def show(rates):
            return rates["USD"]
        #! TypeError: list indices must be integers or slices, not str
        """,
        is_reported=True,
        read=read,
    )
    check_silence("records-for-object", example)


def test_a_place_that_reads_text_already_is_left_as_it_is() -> None:
    example = Example(
        """
          def most(rows):
              first = int(rows[0]["count"])
        -     return first < rows[1]["count"]
        +     return first < int(rows[1]["count"])
        #! TypeError: '<' not supported between instances of 'int' and 'str'
        """,
        is_reported=True,
        read=COUNTS,
    )
    check_fix("text-for-number", example)


@pytest.mark.parametrize(
    "line",
    [
        'return 0 + row["count"] + len(f"{row[\'count\']}")',  # a place that cannot be edited
        'return 0 + row["count"] + row.get("count")',
    ],
)
def test_where_not_all_places_can_be_read_as_numbers_none_is(line: str) -> None:
    text = f"""
        def count(row):
            {line}
        #! TypeError: unsupported operand type(s) for +: 'int' and 'str'
        """
    check_silence("text-for-number", Example(text, is_reported=True, read=COUNTS))
