"""Text from outside that is worked with as a number; other text is left as it is."""

import ast

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.values.numbers_from_text import destination
from tests.support.rule_cases import (
    check_fix,
    check_guess,
    check_silence,
    content_of,
    draft_script,
    example_case,
    run_script,
)

MENDED = [
    example_case(
        "a column that is added up",
        "number-from-outside",
        """
          row = {'n': '2'}
          total = 0
        - total += row['n']  #! TypeError: unsupported operand type(s) for +=: 'int' and 'str'
        + total += int(row['n'])
        """,
    ),
    example_case(
        "a column with a fraction",
        "number-from-outside",
        """
          def add(row, total):
        -     total += row['n']  #! TypeError: unsupported operand type(s) for +=: 'int' and 'str'
        +     total += float(row['n'])
              return total
        """,
        recorded={"row": "{'n': '2.5'}", "total": "0"},
        is_reported=True,
    ),
    example_case(
        "a column in a sum over rows",
        "number-from-outside",
        """
          def total(rows):
        -     return sum(row['n'] for row in rows)
        #! TypeError: unsupported operand type(s) for +: 'int' and 'str'
        +     return sum(int(row['n']) for row in rows)
          x = total([{'n': '3'}])
        """,
    ),
    example_case(
        "a field of a line",
        "number-from-outside",
        """
          a, b = '1,2'.split(',')
        - if b > 1:  #! TypeError: '>' not supported between instances of 'str' and 'int'
        + if int(b) > 1:
              pass
        """,
    ),
    example_case(
        "a field of a line, in a loop",
        "number-from-outside",
        """
          for name, amount in (line.split() for line in ["tea 3"]):
        -     print(name, amount * 1.2)
        #! TypeError: can't multiply sequence by non-int of type 'float'
        +     print(name, float(amount) * 1.2)
        """,
        is_reported=False,
    ),
    example_case(
        "a column with a number of digits",
        "number-from-outside",
        """
          def show(row):
        -     return f"{row['v']:.1f}"
        #! ValueError: Unknown format code 'f' for object of type 'str'
        +     return f"{float(row['v']):.1f}"
        """,
        recorded={"row": "{'v': '2.5'}"},
        is_reported=True,
    ),
    example_case(
        "an environment variable, where it is read",
        "number-from-outside",
        """
          import os
          os.environ["HEALER_COUNT"] = "3"
        - count = os.environ.get("HEALER_COUNT")
        + count = int(os.environ.get("HEALER_COUNT"))
          for n in range(count):  #! TypeError: 'str' object cannot be interpreted as an integer
              print(n)
        """,
    ),
    example_case(
        "an argument of the command line",
        "number-from-outside",
        """
          import sys
          sys.argv = ["job", "3"]
        - print(sys.argv[1] - 1)  #! TypeError: unsupported operand type(s) for -: 'str' and 'int'
        + print(int(sys.argv[1]) - 1)
        """,
    ),
    example_case(
        "a group of a match",
        "number-from-outside",
        """
          import re
          match = re.search("([0-9]+)", "day 3")
        - number = match.group(1)
        + number = int(match.group(1))
          print(abs(number))  #! TypeError: bad operand type for abs(): 'str'
        """,
    ),
    example_case(
        "a root of what was read",
        "number-from-outside",
        """
          import math
          row = {"area": "9.0"}
        - print(math.sqrt(row["area"]))  #! TypeError: must be real number, not str
        + print(math.sqrt(float(row["area"])))
        """,
    ),
    example_case(
        "an option of the command line, where it is declared",
        "number-from-outside",
        """
          import argparse
          p = argparse.ArgumentParser()
        - p.add_argument('--n', default='2')
        + p.add_argument('--n', default='2', type=int)
          args = p.parse_args([])
          for i in range(args.n):  #! TypeError: 'str' object cannot be interpreted as an integer
              pass
        """,
    ),
    example_case(
        "an option with a fraction, through a name",
        "number-from-outside",
        """
          import argparse
          parser = argparse.ArgumentParser()
        - parser.add_argument("--rate", default="1.5", help="in percent")
        + parser.add_argument("--rate", default="1.5", help="in percent", type=float)
          rate = parser.parse_args([]).rate
          print(rate / 2.0)  #! TypeError: unsupported operand type(s) for /: 'str' and 'float'
        """,
    ),
    example_case(
        "an option over several lines",
        "number-from-outside",
        """
          import argparse
          parser = argparse.ArgumentParser()
          parser.add_argument(
              "--days",
        -     default="2",
        +     default="2", type=int
          )
          options = parser.parse_args([])
          print(options.days - 1)  #! TypeError: unsupported operand type(s) for -: 'str' and 'int'
        """,
    ),
    example_case(
        "an option's name in another spelling",
        "option-name",
        """
          import argparse
          p = argparse.ArgumentParser()
          p.add_argument('--dry-run')
          args = p.parse_args([])
        - x = args.dryrun  #! AttributeError: 'Namespace' object has no attribute 'dryrun'
        + x = args.dry_run
        """,
    ),
    example_case(
        "an option's own destination",
        "option-name",
        """
          import argparse
          parser = argparse.ArgumentParser()
          parser.add_argument("-o", "--out", dest="output")
          options = parser.parse_args([])
        - print(options.ouptut)  #! AttributeError: 'Namespace' object has no attribute 'ouptut'
        + print(options.output)
        """,
    ),
    example_case(
        "a misspelled argument without a dash",
        "option-name",
        """
          import argparse
          parser = argparse.ArgumentParser()
          parser.add_argument("folder", nargs="?")
          options = parser.parse_args([])
        - print(options.foldr)  #! AttributeError: 'Namespace' object has no attribute 'foldr'
        + print(options.folder)
        """,
    ),
]
GUESSED = [
    example_case(
        "an amount that may have fractions on other days",
        "number-from-outside",
        """
          row = {"amount": "3"}
        - print(row["amount"] / 2)  #! TypeError: unsupported operand type(s) for /: 'str' and 'int'
        + print(int(row["amount"]) / 2)
        """,
    ),
    example_case(
        "one option beside many",
        "option-name",
        """
          import argparse
          parser = argparse.ArgumentParser()
          parser.add_argument("--hosts")
          options = parser.parse_args([])
        - print(options.host)  #! AttributeError: 'Namespace' object has no attribute 'host'
        + print(options.hosts)
        """,
    ),
]
SILENT = [
    example_case(
        "no number: that is data",
        "*",
        """
        row = {'n': 'many'}
        total = 0
        total += row['n']  #! TypeError: unsupported operand type(s) for +=: 'int' and 'str'
        """,
        recorded={"row": "{'n': 'many'}"},
    ),
    example_case(
        "an amount with a thousands separator",
        "*",
        """
        float('1,234')  #! ValueError: could not convert string to float: '1,234'
        """,
    ),
    example_case(
        "a word that is no number",
        "*",
        """
        int('twelve')  #! ValueError: invalid literal for int() with base 10: 'twelve'
        """,
    ),
    example_case(
        "text that was handed in",
        "number-from-outside",
        """
        def half(amount):
            return amount / 2  #! TypeError: unsupported operand type(s) for /: 'str' and 'int'
        half("3")
        """,
    ),
    example_case(
        "text is put together",
        "number-from-outside",
        """
        row = {"n": "2"}
        print("n = " + row["n"] + 3)  #! TypeError: can only concatenate str (not "int") to str
        """,
    ),
    example_case(
        "text of the script's own",
        "number-from-outside",
        """
        count = "3"
        print(count > 2)  #! TypeError: '>' not supported between instances of 'str' and 'int'
        """,
    ),
    example_case(
        "the other operand is a list",
        "number-from-outside",
        """
        row = {"n": "2"}
        print([1] + row["n"])  #! TypeError: can only concatenate list (not "str") to list
        """,
    ),
    example_case(
        "the recorded value is a number already",
        "number-from-outside",
        """
        def half(row, unit):
            amount = row["amount"]
            return amount / unit
        #! TypeError: unsupported operand type(s) for /: 'int' and 'str'
        """,
        recorded={"amount": "3", "unit": "'kg'", "row": "{'amount': 3}"},
        is_reported=True,
    ),
    example_case(
        "an option that has a type",
        "number-from-outside",
        """
        import argparse
        parser = argparse.ArgumentParser()
        parser.add_argument("--days", type=str, default="2")
        options = parser.parse_args([])
        print(options.days - 1)  #! TypeError: unsupported operand type(s) for -: 'str' and 'int'
        """,
    ),
    example_case(
        "an option that does not exist",
        "*",
        """
        import argparse
        p = argparse.ArgumentParser()
        p.add_argument('--n')
        args = p.parse_args([])
        x = args.folder  #! AttributeError: 'Namespace' object has no attribute 'folder'
        """,
    ),
    example_case(
        "another object without such an attribute",
        "option-name",
        """
        class Options:
            dry_run = True
        print(Options().dryrun)  #! AttributeError: 'Options' object has no attribute 'dryrun'
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_text_is_read_as_a_number(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("row = {'n': '2.5'}\ntotal = 0\ntotal += row['n']\n", "float(row['n'])"),
        ("row = {'v': '2.5'}\nx = f\"{row['v']:.1f}\"\n", "float(row['v'])"),
    ],
)
def test_a_text_that_was_seen_to_have_a_fraction_is_read_as_a_float(
    source: str, expected: str
) -> None:
    draft = draft_script(source)[0]
    assert draft.rule == "number-from-outside"
    assert expected in content_of(draft)
    run_script(content_of(draft))


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_number_of_another_kind_may_be_meant(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_text_that_may_be_meant_as_text_is_left_alone(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(
    ("call", "name"),
    [
        ("p.add_argument('--dry-run')", "dry_run"),
        ("p.add_argument('-n', '--dry-run')", "dry_run"),
        ("p.add_argument('-n')", "n"),
        ("p.add_argument('folder')", "folder"),
        ("p.add_argument('--out', dest='output')", "output"),
        ("p.add_argument('--out', dest=NAME)", "out"),
        ("p.add_argument(NAME)", ""),
        ("p.add_argument()", ""),
    ],
)
def test_argparse_keeps_an_option_under_its_longest_name(call: str, name: str) -> None:
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert destination(node) == name
