"""Edits that need no trial are not offered."""

import ast
import functools

import pytest

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.prefilter import (
    fails_surely,
    find_kept_spans,
    find_names,
    is_idle,
    returns_none,
    takes_one_argument,
)
from healer.draft.search.variants import stream_variants

PROGRAM = """
def total(rows, start):
    found = []
    count = 0
    for row in rows:
        found.append(row - 1)
        count += 1
    return found, count
"""


@functools.cache
def offered() -> frozenset[str]:
    """Every line of every single edit."""
    code = SourceFile("job.py", PROGRAM)
    variants = stream_variants({"job.py": code}, {}, with_pairs=False)
    return frozenset(line for variant in variants for line in variant.content.split("\n"))


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
        ("def f(a):\n    for b in a: pass\n    return b", "def f(a):\n    return b", True),
        ("def f(a):\n    with a as b: pass\n    return b", "def f(a):\n    return b", True),
        ("def f(a):\n    import b\n    return b", "def f(a):\n    return b", True),
        ("def f(a):\n    def b(): pass\n    return b", "def f(a):\n    return b", True),
        ("def f(a):\n    b = a\n    return a", "def f(a):\n    c = a\n    return a", False),
        ("def f(a):\n    a = 1\n    return a", "def f(a):\n    a += 1\n    return a", False),
        ("def f():\n    global a\n    a = 1", "def f():\n    global a\n    a += 1", False),
        ("def f(a):\n    import b\n    return b", "def f(a):\n    import b\n    return a", False),
        ("def f(a):\n    return b", "def f(a):\n    return c", False),
        ("def f(a):\n    b = a\n    return b", "def f(b):\n    return b", False),
        ("def f(a):\n    b = a\n    del b", "def f(a):\n    del b", False),
        ("def f(a):\n    match a:\n        case [*b]: return b",
         "def f(a):\n    match a:\n        case b: return b", False),
        ("def f(a):\n    try: a()\n    except E as b: return b",
         "def f(a):\n    try: a()\n    except E: return b", True),
    ],
)  # fmt: skip
def test_a_name_that_is_no_longer_bound_fails(before: str, after: str, surely: bool) -> None:
    names = [find_names(ast.parse(text).body[0]) for text in (before, after)]
    assert fails_surely(*names) == surely


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


@pytest.mark.parametrize(
    ("call", "one"),
    [
        ("len(a)", True), ("list(a)", True), ("found.append(a)", True), ("x.y.add(a)", True),
        ("sorted(a)", False), ("max(a)", False), ("found.insert(0, a)", False), ("f(a)", False),
        ("found.len(a)", False), ("append(a)", False), ("f()(a)", False),
    ],
)  # fmt: skip
def test_a_second_argument_is_an_error_for_some(call: str, one: bool) -> None:
    node = expression(call)
    assert isinstance(node, ast.Call)
    assert takes_one_argument(node) == one


@pytest.mark.parametrize(
    ("statement", "nothing"),
    [
        ("a.append(b)", True), ("a.sort()", True), ("a.b.update(c)", True),
        ("a.pop()", False), ("append(b)", False), ("a.get(b)", False), ("a < b", False),
        ("a.append", False),
    ],
)  # fmt: skip
def test_a_call_for_its_effect_returns_none(statement: str, nothing: bool) -> None:
    (node,) = ast.parse(statement).body
    assert isinstance(node, ast.Expr)
    assert returns_none(node) == nothing


@pytest.mark.parametrize(
    ("operator", "right", "idle"),
    [
        ("*", "1", True), ("/", "1", True), ("//", "1", True), ("**", "1", True),
        ("%", "1", True), ("+", "1", False), ("-", "1", False), ("*", "2", False),
        ("*", "n", False), ("&", "1", False),
    ],
)  # fmt: skip
def test_a_sign_that_changes_nothing_is_idle(operator: str, right: str, idle: bool) -> None:
    assert is_idle(operator, expression(right)) == idle


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ('if __name__ == "__main__":\n    main()\n', ['__name__ == "__main__"']),
        ("show(sys.argv[1], rows[1])\n", ["sys.argv[1]"]),
        ("main(sys.argv)\n", ["sys.argv"]),
        ("if len(sys.argv) > 1:\n    path = sys.argv[1]\n", ["len(sys.argv) > 1", "sys.argv[1]"]),
        ("def main(argv):\n    return argv[1:]\n", ["argv[1:]"]),
        ("rows[1] = args[1]\n", []),
    ],
)
def test_the_entry_of_a_script_and_its_command_line_are_kept(text: str, parts: list[str]) -> None:
    code = SourceFile("job.py", text)
    assert sorted(text[start:end] for start, end in find_kept_spans(code)) == sorted(parts)
    variants = stream_variants({"job.py": code}, {}, with_pairs=False)
    assert all(part in variant.content for variant in variants for part in parts)
