"""What opens without closing, closes without opening, or lacks its separator."""

import ast
import sys

import pytest

from healer.draft.rules.syntax.brackets import (
    BRACKET_EDITS,
    COMMA_EDITS,
    close_bracket,
    extra_bracket,
    missing_comma,
    nested_quotes,
    quotes,
    raw_text,
    wrong_bracket,
)
from healer.draft.rules.syntax.rule import repair_text
from tests.support.broken_texts import broken_case, check_repair, edits_of

MEANT = [
    broken_case("a list, before the next line", "x = [1, 2, 3\ny = 2\n", "x = [1, 2, 3]\ny = 2\n"),
    broken_case(
        "a call within a call",
        "x = foo(1, bar(2)\nprint(x)\n",
        "x = foo(1, bar(2))\nprint(x)\n",
    ),
    broken_case(
        "a function's parameters",
        "def f(a, b:\n    return a\n",
        "def f(a, b):\n    return a\n",
    ),
    broken_case(
        "a list within a dictionary over lines",
        """
        x = {
          'a': 1,
          'b': [1, 2,
          'c': 3,
        }
        """,
        """
        x = {
          'a': 1,
          'b': [1, 2],
          'c': 3,
        }
        """,
    ),
    broken_case(
        "before a comment",
        "print(max(1, 2)  # the larger\n",
        "print(max(1, 2))  # the larger\n",
    ),
    broken_case(
        "one too many",
        "for i in range(3)):\n    pass\n",
        "for i in range(3):\n    pass\n",
    ),
    broken_case("of the wrong kind", "x = (1, 2]\n", "x = (1, 2)\n"),
    broken_case("a quote at the end", "print('hello)\n", "print('hello')\n"),
    broken_case("quotes of two kinds", "print(\"it's)\n", 'print("it\'s")\n'),
    broken_case("an apostrophe", "s = 'it's'\n", "s = 'it\\'s'\n"),
    broken_case("a comma between pairs", "d = {'a': 1 'b': 2}\n", "d = {'a': 1, 'b': 2}\n"),
    broken_case("a comma between arguments", "print(a b)\n", "print(a, b)\n"),
    broken_case(
        "a comma at a line's end",
        """
        days = [
            1
            2,
        ]
        """,
        """
        days = [
            1,
            2,
        ]
        """,
    ),
    broken_case(
        "a path of Windows",
        'path = "C:\\Users\\ann"\n',
        'path = r"C:\\Users\\ann"\n',
    ),
]


# From Python 3.12 on it is no mistake.
if sys.version_info < (3, 12):
    MEANT += [
        broken_case(
            "a quote within an f-string's braces",
            'x = f"{d["a"]}"\n',
            "x = f\"{d['a']}\"\n",
        )
    ]


@pytest.mark.parametrize(("broken", "meant"), MEANT)
def test_the_first_repair_is_what_was_meant(broken: str, meant: str) -> None:
    check_repair(broken, meant)


AMONG = [
    broken_case(
        "a call over lines, whose end is missing",
        """
        total = sum(
            [1, 2],
        print(total)
        """,
        """
        total = sum(
            [1, 2],
        )
        print(total)
        """,
    ),
    broken_case("a condition", "if len(rows > 3:\n    x\n", "if len(rows) > 3:\n    x\n"),
    broken_case("a quote at the beginning", "print(hello')\n", "print('hello')\n"),
    broken_case("brackets crossed", "print(rows[0)]\n", "print(rows[0])\n"),
]


@pytest.mark.parametrize(("broken", "meant"), AMONG)
def test_where_two_readings_parse_the_one_that_was_meant_is_among_them(
    broken: str, meant: str
) -> None:
    programs = [ast.dump(ast.parse(repair.text)) for repair in repair_text(broken)]
    assert ast.dump(ast.parse(meant)) in programs


@pytest.mark.parametrize(
    ("edit", "text", "text_after"),
    [
        (close_bracket, "x = [1, 2\n", "x = [1, 2]\n"),
        (close_bracket, "f(a,\n", "f(a),\n"),
        (close_bracket, "if f(a:\n    pass\n", "if f(a):\n    pass\n"),
        (close_bracket, "x = {\n    'a': 1,\n", "x = {\n    'a': 1,\n\n}"),
        (extra_bracket, "x = 1)\n", "x = 1\n"),
        (extra_bracket, "x = print 1)\n", "x = print( 1)\n"),
        (extra_bracket, "x = print 1)\n", "x = print(1)\n"),
        (wrong_bracket, "x = (1]\n", "x = (1)\n"),
        (wrong_bracket, "x = (1]\n", "x = (1)]\n"),
        (wrong_bracket, "x = [(1]\n", "x = [(1)]\n"),
        (quotes, "x = 'a\n", "x = 'a'\n"),
        (quotes, "x = 'a\"\n", "x = 'a'\n"),
        (quotes, "print('a, b)\n", "print('a', b)\n"),
        (quotes, 'x = """a\ny = 2\n', 'x = """a"""\ny = 2\n'),
        (missing_comma, "x = [1 2]\n", "x = [1, 2]\n"),
        (nested_quotes, "x = f'{d['a']}' y\n", "x = f'{d[\"a\"]}' y\n"),
        (raw_text, 'x = "\\U"\n', 'x = r"\\U"\n'),
    ],
)
def test_an_edit_offers_what_it_is_for(edit: object, text: str, text_after: str) -> None:
    assert callable(edit)
    assert text_after in edits_of(edit, text)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (extra_bracket, "x = (1]\n"),
        (extra_bracket, "def f(x)\n    pass\n"),
        (wrong_bracket, "x = [1, 2\n"),
        (quotes, "x = [1, 2\n"),
        (nested_quotes, "x = f'{d} y = 2\n"),
        (raw_text, "x = 'a\n"),
        (close_bracket, "improt os\n"),
    ],
)
def test_an_edit_that_is_for_something_else_offers_nothing(edit: object, text: str) -> None:
    assert callable(edit)
    assert edits_of(edit, text) == []


def test_a_comma_comes_last_since_it_makes_many_a_wrong_text_parse() -> None:
    assert [name for name, _ in COMMA_EDITS] == ["missing-comma"]
    assert "missing-comma" not in dict(BRACKET_EDITS)
