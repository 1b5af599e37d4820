"""Edits that need no trial are not offered."""

import ast

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.candidates import stream
from healer.draft.search.prefilter import fails_surely

PROGRAM = """
def total(rows, start):
    found = []
    count = 0
    for row in rows:
        found.append(row - 1)
        count += 1
    return found, count
"""


def offered() -> set[str]:
    code = SourceFile("job.py", PROGRAM)
    return {line for c in stream({"job.py": code}, {}) for line in c.content.split("\n")}


@pytest.mark.parametrize(
    "senseless",
    [
        "        return found.append(row - 1)",
        "        found.append(row - 1, start)",
        "        count *= 1",
        "        found.append(row ** 1)",
        "    count += 0",
        "    for start in rows:",
    ],
)
def test_an_edit_that_nobody_writes_is_not_offered(senseless: str) -> None:
    assert senseless not in offered()


@pytest.mark.parametrize(
    "sensible",
    [
        "        found.append(row + 1)",
        "        count -= 1",
        "    for row in found:",
        "        found.append(row - start)",
    ],
)
def test_other_edits_are_still_offered(sensible: str) -> None:
    assert sensible in offered()


@pytest.mark.parametrize(
    ("before", "after", "surely"),
    [
        ("def f(a):\n    b = a\n    return b", "def f(a):\n    a = a\n    return b", True),
        ("def f(a):\n    b = a\n    return b", "def f(a):\n    b += a\n    return b", True),
        ("def f(a):\n    b = a\n    return a", "def f(a):\n    c = a\n    return a", False),
        ("def f(a):\n    a = 1\n    return a", "def f(a):\n    a += 1\n    return a", False),
        ("def f():\n    global a\n    a = 1", "def f():\n    global a\n    a += 1", False),
        ("def f(a):\n    import b\n    return b", "def f(a):\n    import b\n    return a", False),
    ],
)
def test_a_name_that_is_no_longer_bound_fails(before: str, after: str, surely: bool) -> None:
    assert fails_surely(ast.parse(before).body[0], ast.parse(after).body[0]) == surely
