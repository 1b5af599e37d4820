"""Whole lines: indentation, colons, merge markers, continuation."""

import pytest

from healer.draft.rules.syntax.indentation import (
    continuation,
    indent_of,
    indentation,
    make_async,
    merge_markers,
    missing_colon,
    stray_marker,
)
from healer.draft.rules.syntax.rule import repair_text
from tests.support.broken_texts import broken_case, check_repair, edits_of

MEANT = [
    broken_case("a function's colon", "def f(x)\n    return x\n", "def f(x):\n    return x\n"),
    broken_case("a loop's colon", "while True\n    break\n", "while True:\n    break\n"),
    broken_case("a class's colon", "class A\n    pass\n", "class A:\n    pass\n"),
    broken_case(
        "a handler's colon",
        """
        try:
            x = 1
        except ValueError
            pass
        """,
        """
        try:
            x = 1
        except ValueError:
            pass
        """,
    ),
    broken_case(
        "two colons, below a line that is no Python without its names",
        """
        total += price * qty
        if total > 10
            print(total)
        else
            print(0)
        """,
        """
        total += price * qty
        if total > 10:
            print(total)
        else:
            print(0)
        """,
    ),
    broken_case(
        "a colon before a comment",
        "if x  # today\n    pass\n",
        "if x:  # today\n    pass\n",
    ),
    broken_case("a sign in the place of the colon", "if x;\n    pass\n", "if x:\n    pass\n"),
    broken_case("a body that is not moved in", "def f():\nreturn 1\n", "def f():\n    return 1\n"),
    broken_case(
        "a body of two lines that is not moved in",
        """
        def f(x):
        y = x
        return y

        print(f(1))
        """,
        """
        def f(x):
            y = x
            return y

        print(f(1))
        """,
    ),
    broken_case(
        "a line that is moved out by one",
        """
        def f():
            a = 1
           b = 2
            return a
        """,
        """
        def f():
            a = 1
            b = 2
            return a
        """,
    ),
    broken_case(
        "a line that is moved in by one",
        """
        a = 1
         b = 2
        """,
        """
        a = 1
        b = 2
        """,
    ),
    broken_case(
        "tabs among spaces",
        "if x:\n    a = 1\n\tb = 2\n",
        "if x:\n    a = 1\n    b = 2\n",
    ),
    broken_case(
        "a return below its function",
        """
        def f(x):
            y = x
        return y
        """,
        """
        def f(x):
            y = x
            return y
        """,
    ),
    broken_case(
        "a waiting function",
        "def f():\n    await g()\n",
        "async def f():\n    await g()\n",
    ),
    broken_case(
        "a conflict of two branches",
        "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n",
        "x = 1\n",
    ),
    broken_case(
        "a conflict with what was before",
        "<<<<<<< HEAD\nx = 1\n||||||| base\nx = 0\n=======\nx = 2\n>>>>>>> b\ny = x\n",
        "x = 1\ny = x\n",
    ),
    broken_case("a left-over marker", "x = 1\n=======\ny = 2\n", "x = 1\ny = 2\n"),
    broken_case(
        "a pasted session", ">>> x = 1\n>>> if x:\n...     y = 2\n", "x = 1\nif x:\n    y = 2\n"
    ),
    broken_case("a fence of a document", "```\nx = 1\n", "x = 1\n"),
    broken_case("a space after a continuation", "x = 1 + \\ \n    2\n", "x = 1 + \\\n    2\n"),
]


@pytest.mark.parametrize(("broken", "meant"), MEANT)
def test_the_first_repair_is_what_was_meant(broken: str, meant: str) -> None:
    check_repair(broken, meant)


def test_both_sides_of_a_conflict_are_offered() -> None:
    repairs = repair_text("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> b\n")
    assert [repair.text for repair in repairs][:2] == ["x = 1\n", "x = 2\n"]


@pytest.mark.parametrize(
    ("edit", "text", "text_after"),
    [
        (missing_colon, "if x\n    pass\n", "if x:\n    pass\n"),
        (missing_colon, "if x:\n    a\nelse b\n", "if x:\n    a\nelse: b\n"),
        (indentation, "if x:\na = 1\n", "if x:\n    a = 1\n"),
        (
            indentation,
            "if x:\n        a = 1\n\tb = 2\n",
            "if x:\n        a = 1\n        b = 2\n",
        ),
        (continuation, "x = 1 + \\ \n2\n", "x = 1 + \\\n2\n"),
        (continuation, "x = a \\ b\n", "x = a / b\n"),
        (make_async, "def f():\n    await g()\n", "async def f():\n    await g()\n"),
        (stray_marker, "x = 1\n=======\n", "x = 1\n"),
    ],
)
def test_an_edit_offers_what_it_is_for(edit: object, text: str, text_after: str) -> None:
    assert callable(edit)
    assert text_after in edits_of(edit, text)


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (missing_colon, "x = [1\n"),
        (indentation, "def f(x)\n    pass\n"),
        (continuation, "def f(x)\n    pass\n"),
        (make_async, "def f(x)\n    pass\n"),
        (make_async, "await g()\n"),
        (merge_markers, "def f(x)\n    pass\n"),
        (merge_markers, "x = 1 <<<<<<< 2\n"),
        (stray_marker, "x = = 1\n"),
    ],
)
def test_an_edit_that_is_for_something_else_offers_nothing(edit: object, text: str) -> None:
    assert callable(edit)
    assert edits_of(edit, text) == []


@pytest.mark.parametrize(
    ("line", "indent"), [("a", ""), ("    a", "    "), ("\ta", "\t"), ("   ", "   "), ("", "")]
)
def test_an_indentation_is_all_that_stands_before_the_first_letter(line: str, indent: str) -> None:
    assert indent_of(line) == indent
