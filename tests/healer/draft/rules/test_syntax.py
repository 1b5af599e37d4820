"""Scripts that do not parse are mended to what was meant, and others are left alone."""

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from healer.draft.rules.syntax.rule import only_adds, repair_text
from healer.draft.rules.syntax.search import problem_of

BROKEN = [
    ("def f(x)\n    return x\n", "def f(x):\n    return x\n"),
    ("x = [1, 2, 3\ny = 2\n", "x = [1, 2, 3]\ny = 2\n"),
    ("print('hello)\n", "print('hello')\n"),
    ("if x = 3:\n    pass\n", "if x == 3:\n    pass\n"),
    (
        "print 'a', 2\nx = 0777\ntry:\n    pass\nexcept Exception, e:\n    print e\n",
        "print('a', 2)\nx = 0o777\ntry:\n    pass\nexcept Exception as e:\n    print(e)\n",
    ),
    ("def f():\nreturn 1\n", "def f():\n    return 1\n"),
    (
        "def f():\n    a = 1\n   b = 2\n    return a\n",
        "def f():\n    a = 1\n    b = 2\n    return a\n",
    ),
    ("d = {'a': 1 'b': 2}\n", "d = {'a': 1, 'b': 2}\n"),
    ("x = (1, 2]\n", "x = (1, 2)\n"),
    ("improt os\n", "import os\n"),
    ("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n", "x = 1\n"),
    ('x = f"{d["a"]}"\n', "x = f\"{d['a']}\"\n"),
    ("for i in range(3)):\n    pass\n", "for i in range(3):\n    pass\n"),
    ("x = foo(1, bar(2)\nprint(x)\n", "x = foo(1, bar(2))\nprint(x)\n"),
    ("if a && b:\n    pass\n", "if a and b:\n    pass\n"),
    ("x = “hi”\n", 'x = "hi"\n'),
    ("def f():\n    await g()\n", "async def f():\n    await g()\n"),
    ("print(\"it's)\n", 'print("it\'s")\n'),
    ("s = 'it's'\n", "s = 'it\\'s'\n"),
    ("def f(a, b:\n    return a\n", "def f(a, b):\n    return a\n"),
    ("while True\n    break\n", "while True:\n    break\n"),
    (
        "x = {\n  'a': 1,\n  'b': [1, 2,\n  'c': 3,\n}\n",
        "x = {\n  'a': 1,\n  'b': [1, 2],\n  'c': 3,\n}\n",
    ),
    (
        "try:\n    x = 1\nexcept ValueError\n    pass\n",
        "try:\n    x = 1\nexcept ValueError:\n    pass\n",
    ),
    ("class A\n    pass\n", "class A:\n    pass\n"),
    ("from os import path,\n", "from os import path\n"),
    ("raise ValueError, 'bad'\n", "raise ValueError('bad')\n"),
    ("for k, v in d.iteritems():\n    print k\n", "for k, v in d.items():\n    print(k)\n"),
    (
        "total += price * qty\nif total > 10\n    print(total)\nelse\n    print(0)\n",
        "total += price * qty\nif total > 10:\n    print(total)\nelse:\n    print(0)\n",
    ),
]


@pytest.mark.parametrize(("broken", "meant"), BROKEN)
def test_the_first_mended_text_is_what_was_meant(broken: str, meant: str) -> None:
    found = repair_text(broken)
    assert found, "nothing was found"
    assert ast.dump(ast.parse(found[0].text)) == ast.dump(ast.parse(meant))


def test_each_text_that_is_offered_is_another_program() -> None:
    found = repair_text("def f(x)\n    return x\n")
    assert len({ast.dump(ast.parse(m.text)) for m in found}) == len(found)


@pytest.mark.parametrize(
    ("old", "new", "only"),
    [
        ("x = [1, 2", "x = [1, 2]", True),
        ("x = [1, 2", "x = 1, 2", False),
        ("if x\n  y", "if x:\n    y", True),
        ("except A, e:", "except A as e:", False),
    ],
)
def test_a_mend_that_leaves_all_that_was_written_is_known(old: str, new: str, only: bool) -> None:
    assert only_adds(old, new) == only


def test_both_sides_of_a_conflict_are_offered() -> None:
    found = repair_text("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n")
    assert [m.text for m in found][:2] == ["x = 1\n", "x = 2\n"]


def test_line_ends_stay_as_they_were() -> None:
    assert repair_text("if x\r\n    pass\r\n")[0].text == "if x:\r\n    pass\r\n"


def test_a_text_that_parses_is_left_alone() -> None:
    assert repair_text("x = 1\n") == []


def test_text_that_is_no_program_gets_no_fix() -> None:
    assert repair_text("Dear all,\n\nthe report ( is late : sorry ] about that.\nRegards\n") == []


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_text_gives_texts_that_parse_or_none(text: str) -> None:
    assert all(problem_of(found.text) is None for found in repair_text(text))
