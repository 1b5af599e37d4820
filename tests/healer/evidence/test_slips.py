"""The smallest mends of one slip."""

import ast
from collections.abc import Callable, Iterator

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.evidence.hunks import find_hunks
from healer.evidence.slips import find_misspellings, is_misspelling, mend_slip, move_index, retype


def readings(
    source: str, part: str, read: Callable[[SourceFile, ast.expr], Iterator[str]]
) -> list[str]:
    """What is put in place of the part of a function's source with this text."""
    code = SourceFile("job.py", source)
    node = next(n for n in code.nodes if isinstance(n, ast.expr) and code.segment(n) == part)
    return list(read(code, node))


@pytest.mark.parametrize(
    ("source", "part", "mend"),
    [
        ("def f(key, value):\n    return kye\n", "kye", "key"),
        ("def f(n):\n    return n + l\n", "l", "1"),
        ("x = max([], key=lambda row: len(rwo))\n", "rwo", "row"),
        ("def f(c):\n    return c.isdigt()\n", "c.isdigt", "c.isdigit"),
        ("import math\nx = math.cel(2)\n", "math.cel", "math.ceil"),
        ("from datetime import date\nx = date.tody()\n", "date.tody", "date.today"),
        ("x = sorted([], revers=True)\n", "sorted([], revers=True)", "sorted([], reverse=True)"),
        ("x = 2 % '360'\n", "'360'", "360"),
        (
            "from datetime import date\nx = (a - b).total\n",
            "(a - b).total",
            "(a - b).total_seconds()",
        ),
        ("from pathlib import Path\nx = Path(a).file_name\n", "Path(a).file_name", "Path(a).name"),
        ("import re\nx = f(a).grp(1)\n", "f(a).grp", "f(a).group"),
        ("def f(c):\n    return c.strip\n", "c.strip", "c.strip()"),
        ("x = day.month()\n", "day.month()", "day.month"),
        ("def f(month):\n    return (month - 1) // tree + 1\n", "tree", "3"),
        ("f('--top', type=number)\n", "number", "int"),
    ],
)
def test_a_misspelt_word_is_spelt_right(source: str, part: str, mend: str) -> None:
    assert mend in readings(source, part, mend_slip)


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("def f(key):\n    return key\n", "key"),
        ("def f(c):\n    return c.upper()\n", "c.upper"),
        ("x = sorted([], reverse=True)\n", "sorted([], reverse=True)"),
        ("x = 'a'\n", "'a'"),
        ("x = max([], key=lambda row: len(row))\n", "row"),
    ],
)
def test_what_is_spelt_right_is_left(source: str, part: str) -> None:
    assert readings(source, part, mend_slip) == []


@pytest.mark.parametrize(
    ("source", "part", "readings_of_it"),
    [
        ("x = row.amount\n", "row.amount", ["row['amount']"]),
        ("x = names[-1:]\n", "names[-1:]", ["names[-1]"]),
        ("x = names[:1]\n", "names[:1]", []),
        ("x = f(a)\n", "a", ["str(a)", "int(a)"]),
        ("x = 'n: ' + a\n", "a", ["str(a)", "int(a)"]),
        ("x = a\n", "a", []),
        ("a, b = f()\n", "f()", ["map(int, f())", "map(float, f())", "map(str, f())"]),
        ("a, b = c, d\n", "c, d", []),
        ("a = f()\n", "f()", []),
    ],
)
def test_the_same_may_be_another_type_of_thing(
    source: str, part: str, readings_of_it: list[str]
) -> None:
    assert readings(source, part, retype) == readings_of_it


def test_a_named_argument_may_have_another_plain_value() -> None:
    assert "quote(w, safe='')" in readings(
        "x = quote(w, safe=None)\n", "quote(w, safe=None)", retype
    )


@pytest.mark.parametrize(
    ("word", "name", "is_one"),
    [
        ("othr", "other", True),
        ("siz", "size", True),
        ("sufffix", "suffix", True),
        ("cuont", "count", True),
        ("price", "prices", False),
        ("rows", "row", False),
        ("rate", "date", False),
        ("cuotn", "count", False),
        ("n1", "n", False),
        ("day1", "day", False),
        ("total", "total", False),
    ],
)
def test_a_word_with_a_letter_too_few_too_many_or_in_the_wrong_place_is_misspelt(
    word: str, name: str, *, is_one: bool
) -> None:
    assert is_misspelling(word, name) is is_one


@pytest.mark.parametrize(
    ("base", "fix", "count"),
    [
        ("def f(one, other):\n    return one - othr\n", "other", 1),
        ("def f(one, other):\n    return one - othr\n", "one", 0),
        ("def f(size, side):\n    return siz\n", "size", 1),
        ("def f(size, sixze):\n    return sizze\n", "size", 1),
        ("def f(start, stair):\n    return satrt\n", "start", 1),
        ("def f(start, stair):\n    return star\n", "start", 0),
        ("def f(start):\n    'From its star.'\n    return star\n", "start", 0),
        ("def f(a, tot):\n    return a.toot + toot\n", "tot", 0),
        ("toot = 1\ndef f(tot):\n    return toot\n", "tot", 0),
    ],
)
def test_a_misspelt_name_leaves_no_choice_where_nothing_else_is_like_it(
    base: str, fix: str, count: int
) -> None:
    text = f"{base.rpartition(' ')[0]} {fix}\n"
    files = SourceFile("job.py", base), SourceFile("job.py", text)
    spans = find_misspellings(*files, find_hunks(base, text))
    assert [text[span.start : span.end] for span in spans] == [fix] * count


@pytest.mark.parametrize(
    ("source", "part", "places"),
    [
        ("x = a[n // 2]\n", "a[n // 2]", ["a[(n // 2) - 1]", "a[(n // 2) + 1]"]),
        ("x = a[2]\n", "a[2]", []),
        ("x = a[n:]\n", "a[n:]", []),
        ("a[n] = 1\n", "a[n]", []),
    ],
)
def test_what_lies_at_a_computed_place_may_have_been_meant_beside_it(
    source: str, part: str, places: list[str]
) -> None:
    assert readings(source, part, move_index) == places
