"""Lines with nothing on them are left out; lines that are cut off still stop the run."""

import pytest

from healer.draft.rules.example import Example
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "words of a blank line",
        "blank-line",
        """
          for line in ["eur 1.1", " "]:
        +     if not line.strip():
        +         continue
              name, rate = line.split()
        #! ValueError: not enough values to unpack (expected 2, got 0)
        """,
        recorded={"line": "' '"},
    ),
    example_case(
        "the line itself was not recorded",
        "blank-line",
        """
          for line in ["eur 1.1", " "]:
        +     if not line.strip():
        +         continue
              name, rate = line.split()
        #! ValueError: not enough values to unpack (expected 2, got 0)
        """,
    ),
    example_case(
        "a number on each line",
        "blank-line",
        """
          total = 0
          for line in ["3", ""]:
        +     if not line.strip():
        +         continue
              total += int(line)
        #! ValueError: invalid literal for int() with base 10: ''
        """,
        recorded={"line": "''"},
    ),
    example_case(
        "in a comprehension",
        "blank-line",
        """
          lines = ["3", ""]
        - print([int(n) for n in lines])
        #! ValueError: invalid literal for int() with base 10: ''
        + print([int(n) for n in lines if n.strip()])
        """,
        recorded={"n": "''", "lines": "['3', '']"},
        is_reported=True,
    ),
    example_case(
        "a row of a CSV file",
        "blank-line",
        """
          import csv
          for row in csv.reader(["a,1", ""]):
        +     if not row:
        +         continue
              print(row[1])  #! IndexError: list index out of range
        """,
        recorded={"row": "[]"},
    ),
]
SILENT = [
    example_case(
        "a line that was cut off",
        "*",
        """
        for line in ["a\\t1", "b"]:
            parts = line.split("\\t")
            print(parts[1])  #! IndexError: list index out of range
        """,
        recorded={"parts": "['b']"},
    ),
    example_case(
        "a blank line that the loop looks at itself",
        "blank-line",
        """
        for line in ["3", ""]:
            if not line.strip():
                print("end")
            print(int(line))  #! ValueError: invalid literal for int() with base 10: ''
        """,
        recorded={"line": "''"},
    ),
    example_case(
        "a field that is empty on a line that is not",
        "blank-line",
        """
        for line in ["a;3", "b;"]:
            name, count = line.split(";")
            print(int(count))  #! ValueError: invalid literal for int() with base 10: ''
        """,
        recorded={"count": "''"},
    ),
    example_case(
        "a list that is empty, and no line",
        "blank-line",
        """
        for day in ["mon"]:
            rows = [r for r in ["x"] if r == day]
            print(rows[0])  #! IndexError: list index out of range
        """,
        recorded={"rows": "[]", "day": "'mon'"},
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_a_blank_line_is_left_out(rule: str, example: Example) -> None:
    check_guess(rule, example)
    if not example.is_reported:
        check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_a_line_with_something_on_it_is_not_left_out(rule: str, example: Example) -> None:
    check_silence(rule, example)
