"""One conversion, where the failing line shows which type was meant; else none."""

import ast

import pytest

from healer.draft.rules.example import Example
from healer.draft.rules.values.type_mismatch import is_text
from tests.support.rule_cases import check_fix, check_guess, check_silence, example_case

MENDED = [
    example_case(
        "a number after a text",
        "text-plus-number",
        """
          n = 3
        - print('items: ' + n)  #! TypeError: can only concatenate str (not "int") to str
        + print('items: ' + str(n))
        """,
    ),
    example_case(
        "a number before a text",
        "text-plus-number",
        """
          n = 3
        - print(n + ' items')  #! TypeError: unsupported operand type(s) for +: 'int' and 'str'
        + print(str(n) + ' items')
        """,
    ),
    example_case(
        "a number between texts",
        "text-plus-number",
        """
          n = 3
        - print("day " + n + " of 7")  #! TypeError: can only concatenate str (not "int") to str
        + print("day " + str(n) + " of 7")
        """,
    ),
    example_case(
        "a length in the text of an error",
        "text-plus-number",
        """
          rows = [1]
        - message = f"{rows}: " + len(rows)
        #! TypeError: can only concatenate str (not "int") to str
        + message = f"{rows}: " + str(len(rows))
        """,
    ),
    example_case(
        "a day after a text",
        "text-plus-number",
        """
          from datetime import date
        - print("day " + date(2024, 1, 31))
        #! TypeError: can only concatenate str (not "datetime.date") to str
        + print("day " + str(date(2024, 1, 31)))
        """,
    ),
    example_case(
        "two texts joined by a stroke",
        "path-and-text",
        """
        + from pathlib import Path
          a, b = 'x', 'y'
        - p = a / b  #! TypeError: unsupported operand type(s) for /: 'str' and 'str'
        + p = Path(a) / b
        """,
    ),
    example_case(
        "three texts joined by strokes",
        "path-and-text",
        """
          from pathlib import Path
          base = "out"
        - print(base / "2024" / "day.csv", Path())
        #! TypeError: unsupported operand type(s) for /: 'str' and 'str'
        + print(Path(base) / "2024" / "day.csv", Path())
        """,
    ),
    example_case(
        "a path with an ending added",
        "path-and-text",
        """
          from pathlib import Path
          path = Path("day")
        - print(path + ".csv")
        #! TypeError: unsupported operand type(s) for +: 'PosixPath' and 'str'
        + print(str(path) + ".csv")
        """,
    ),
    example_case(
        "a path in a message",
        "path-and-text",
        """
          from pathlib import Path
          path = Path("day")
        - print("written: " + path)  #! TypeError: can only concatenate str (not "PosixPath") to str
        + print("written: " + str(path))
        """,
    ),
    example_case(
        "a year in a path",
        "path-and-number",
        """
          from pathlib import Path
        - x = Path('a') / 2024
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'int'
        + x = Path('a') / str(2024)
        """,
    ),
    example_case(
        "a field in a path",
        "path-and-number",
        """
          from datetime import date
          from pathlib import Path
          day = date(2024, 1, 31)
        - print(Path("out") / day.year)
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'int'
        + print(Path("out") / str(day.year))
        """,
    ),
    example_case(
        "the first of a dictionary's keys",
        "lazy-value",
        """
          d = {'a': 1}
        - x = d.keys()[0]  #! TypeError: 'dict_keys' object is not subscriptable
        + x = list(d.keys())[0]
        """,
    ),
    example_case(
        "the length of a map, at its making",
        "lazy-value",
        """
        - x = map(str, [1])
        + x = list(map(str, [1]))
          print(len(x))  #! TypeError: object of type 'map' has no len()
        """,
    ),
    example_case(
        "a filter that is sorted",
        "lazy-value",
        """
        - rows = filter(None, [2, 0, 1])
        + rows = list(filter(None, [2, 0, 1]))
          rows.sort()  #! AttributeError: 'filter' object has no attribute 'sort'
        """,
    ),
    example_case(
        "a range that grows",
        "lazy-value",
        """
        - days = range(3)
        + days = list(range(3))
          days.append(7)  #! AttributeError: 'range' object has no attribute 'append'
        """,
    ),
    example_case(
        "a slice of a zip",
        "lazy-value",
        """
        - print(zip("ab", "cd")[:1])  #! TypeError: 'zip' object is not subscriptable
        + print(list(zip("ab", "cd"))[:1])
        """,
    ),
    example_case(
        "a list as a key",
        "unhashable-key",
        """
          seen = {}
          key = [1, 2]
        - seen[key] = 1  #! TypeError: unhashable type: 'list'
        + seen[tuple(key)] = 1
        """,
    ),
    example_case(
        "a list in a set",
        "unhashable-key",
        """
          seen = set()
        - seen.add(["eur", "usd"])  #! TypeError: unhashable type: 'list'
        + seen.add(tuple(["eur", "usd"]))
        """,
    ),
    example_case(
        "a list as a key that is asked for",
        "unhashable-key",
        """
          rates = {}
          pair = "eur usd".split()
        - print(rates.get(pair))  #! TypeError: unhashable type: 'list'
        + print(rates.get(tuple(pair)))
        """,
    ),
    example_case(
        "half of a number of rounds",
        "whole-number",
        """
          n = 4
        - for i in range(n / 2):  #! TypeError: 'float' object cannot be interpreted as an integer
        + for i in range(n // 2):
              pass
        """,
    ),
    example_case(
        "the middle of a list",
        "whole-number",
        """
          rows = [1, 2, 3]
        - middle = len(rows) / 2
        + middle = len(rows) // 2
          print(rows[middle])  #! TypeError: list indices must be integers or slices, not float
        """,
    ),
    example_case(
        "a line as long as half of another",
        "whole-number",
        """
          width = 10
        - print("-" * (width / 2))  #! TypeError: can't multiply sequence by non-int of type 'float'
        + print("-" * (width // 2))
        """,
    ),
]
GUESSED = [
    example_case(
        "a month with two digits in a path",
        "path-and-number",
        """
          from pathlib import Path
          month = 3
        - print(Path("out") / month)
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'int'
        + print(Path("out") / str(month))
        """,
    ),
    example_case(
        "pages rounded down",
        "whole-number",
        """
          rows = list(range(10))
        - for page in range(len(rows) / 4):
        #! TypeError: 'float' object cannot be interpreted as an integer
        + for page in range(len(rows) // 4):
              print(page)
        """,
    ),
    example_case(
        "the first key that comes, or the smallest",
        "lazy-value",
        """
          days = {"tue": 1, "mon": 2}
        - print(days.keys()[0])  #! TypeError: 'dict_keys' object is not subscriptable
        + print(list(days.keys())[0])
        """,
    ),
    example_case(
        "each item may be the key",
        "unhashable-key",
        """
          rates = {"eur": 1}
          names = ["eur"]
          if names != "":
        -     rates[names] = 2  #! TypeError: unhashable type: 'list'
        +     rates[tuple(names)] = 2
        """,
    ),
    example_case(
        "a number that may have to be formatted",
        "text-plus-number",
        """
          price = 2.5
        - print("EUR " + price)  #! TypeError: can only concatenate str (not "float") to str
        + print("EUR " + str(price))
        """,
    ),
]
SILENT = [
    example_case(
        "a number or a text? nothing shows it",
        "*",
        """
        a, b = '1', 2
        print(a + b)  #! TypeError: can only concatenate str (not "int") to str
        """,
    ),
    example_case(
        "a sum of parameters",
        "*",
        """
        def add(a, b):
            return a + b  #! TypeError: unsupported operand type(s) for +: 'int' and 'str'
        x = add(1, '2')
        """,
    ),
    example_case(
        "a number before what a method gives",
        "*",
        """
        x = 1 + ''.upper()  #! TypeError: unsupported operand type(s) for +: 'int' and 'str'
        """,
    ),
    example_case(
        "None beside a text",
        "text-plus-number",
        """
        name = None
        print("name: " + name)  #! TypeError: can only concatenate str (not "NoneType") to str
        """,
    ),
    example_case(
        "bytes beside a text",
        "text-plus-number",
        """
        print("name: " + b"ann")  #! TypeError: can only concatenate str (not "bytes") to str
        """,
    ),
    example_case(
        "a list beside a text",
        "text-plus-number",
        """
        print(["a"] + "b")  #! TypeError: can only concatenate list (not "str") to list
        """,
    ),
    example_case(
        "a list in the middle of a text",
        "text-plus-number",
        """
        rows = [1]
        print("rows: " + rows)  #! TypeError: can only concatenate str (not "list") to str
        """,
    ),
    example_case(
        "two numbers as text that were to be divided",
        "path-and-number",
        """
        print("6" / "2")  #! TypeError: unsupported operand type(s) for /: 'str' and 'str'
        """,
    ),
    example_case(
        "None in a path",
        "path-and-number",
        """
        from pathlib import Path
        Path("out") / None
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'NoneType'
        """,
    ),
    example_case(
        "a computed number in a path",
        "path-and-number",
        """
        from pathlib import Path
        Path("out") / (2023 + 1)
        #! TypeError: unsupported operand type(s) for /: 'PosixPath' and 'int'
        """,
    ),
    example_case(
        "a path plus a number",
        "path-and-text",
        """
        from pathlib import Path
        Path("out") + 3  #! TypeError: unsupported operand type(s) for +: 'PosixPath' and 'int'
        """,
    ),
    example_case(
        "views that are put together",
        "lazy-value",
        """
        d = {"a": 1}
        d.keys() + ["b"]  #! TypeError: unsupported operand type(s) for +: 'dict_keys' and 'list'
        """,
    ),
    example_case(
        "a set is indexed, which has no order",
        "lazy-value",
        """
        print({"a", "b"}[0])  #! TypeError: 'set' object is not subscriptable
        """,
    ),
    example_case(
        "a dictionary as a key",
        "*",
        """
        x = {}
        x[{}] = 1  #! TypeError: unhashable type: 'dict'
        """,
    ),
    example_case(
        "an own class that cannot be a key",
        "unhashable-key",
        """
        class A:
            __hash__ = None
        {A(): 1}  #! TypeError: unhashable type: 'A'
        """,
    ),
    example_case(
        "a float that was handed in",
        "whole-number",
        """
        def rounds(n):
            return range(n)  #! TypeError: 'float' object cannot be interpreted as an integer
        rounds(2.5)
        """,
    ),
    example_case(
        "a division with a remainder already",
        "whole-number",
        """
        n = 4.0
        range(n // 2)  #! TypeError: 'float' object cannot be interpreted as an integer
        """,
    ),
]


@pytest.mark.parametrize(("rule", "example"), MENDED)
def test_the_one_conversion_is_made(rule: str, example: Example) -> None:
    check_fix(rule, example)


@pytest.mark.parametrize(("rule", "example"), GUESSED)
def test_a_conversion_with_another_reading_is_a_guess(rule: str, example: Example) -> None:
    check_guess(rule, example)


@pytest.mark.parametrize(("rule", "example"), SILENT)
def test_no_conversion_is_made_where_none_is_shown(rule: str, example: Example) -> None:
    check_silence(rule, example)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("'a'", True),
        ("f'{x}'", True),
        ("str(x)", True),
        ("input()", True),
        ("'a' + x", True),
        ("x + repr(y)", True),
        ("3", False),
        ("b'a'", False),
        ("x", False),
        ("'a' * 3", False),
        ("row.format(x)", False),
        ("len('a')", False),
    ],
)
def test_text_is_known_by_its_expression(text: str, expected: bool) -> None:
    assert is_text(ast.parse(text, mode="eval").body) is expected
