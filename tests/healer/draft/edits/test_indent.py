"""Text moves to another indentation, and what stands in strings stays."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits.indent import detect_unit, indentation_of, reindent


@pytest.mark.parametrize(
    ("line", "blanks"), [("x", ""), ("  x ", "  "), ("\t x", "\t "), ("", ""), ("  ", "  ")]
)
def test_indentation_is_the_blanks_and_tabs_before_a_line(line: str, blanks: str) -> None:
    assert indentation_of(line) == blanks


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("def f():\n    return 1\n", "    "),
        ("if x:\n  if y:\n    z()\n", "  "),
        ("if x:\n\ty()\n", "\t"),
        ("if x:\n\n    y()\n# more\nif z:\n    w()\nif u:\n  v()\n", "    "),
        ("  a\n  b\n", "  "),
        ("x = 1\n", ""),
        ("", ""),
        ("if x:\n \ty()\n", ""),
    ],
)
def test_the_unit_is_what_most_levels_are_made_of(text: str, unit: str) -> None:
    assert detect_unit(text) == unit


@pytest.mark.parametrize(
    ("text", "source", "target", "unit", "expected"),
    [
        ("if x:\n    y()", "", "    ", "    ", "    if x:\n        y()"),
        ("    if x:\n        y()", "    ", "", "    ", "if x:\n    y()"),
        ("if x:\n    y()", "", "\t", "\t", "\tif x:\n\t\ty()"),
        ("if x:\n\ty()", "", "", "  ", "if x:\n  y()"),
        ("if x:\n  if y:\n    z()", "", "", "    ", "if x:\n    if y:\n        z()"),
        ("if x:\n    y()", "", "  ", "", "  if x:\n      y()"),
        ("a\n\n   \nb", "", "  ", "  ", "  a\n\n\n  b"),
        ("  a\nb", "  ", "    ", "", "    a\n  b"),
        ("f(a,\n  b)", "", "", "\t", "f(a,\n\tb)"),
    ],
)
def test_text_moves_with_its_deeper_levels(
    text: str, source: str, target: str, unit: str, expected: str
) -> None:
    assert reindent(text, source=source, target=target, unit=unit) == expected


@pytest.mark.parametrize(
    "text",
    [
        'x = """a\n  b\n"""',
        "x = f'''a\n  {b}\n'''",
        "x = (1,\n'''\n z''')",
    ],
)
def test_lines_inside_a_string_are_data_and_stay(text: str) -> None:
    moved = reindent(text, source="", target="    ", unit="    ")
    assert moved.split("\n")[-1] == text.rsplit("\n", maxsplit=1)[-1]
    assert moved.startswith("    x")


def test_a_docstring_is_no_data_and_moves_along() -> None:
    text = 'def f():\n    """One.\n\n    Two.\n    """'
    moved = reindent(text, source="", target="  ", unit="    ")
    assert moved == textwrap.indent(text, "  ", lambda line: bool(line.strip()))


@pytest.mark.parametrize("broken", ["def f(:\n  x", "x = '''\n  y", "if x:\n      y\n   z", "(\n)"])
def test_text_that_is_no_python_is_moved_all_the_same(broken: str) -> None:
    moved = reindent(broken, source="", target=" ", unit="")
    assert moved.startswith(" ")
    assert [line.strip() for line in moved.split("\n")] == [
        line.strip() for line in broken.split("\n")
    ]


_BLANKS = st.sampled_from(["", " ", "    ", "\t", "\t\t", " \t"])


@given(st.text(max_size=80), _BLANKS, _BLANKS, _BLANKS)
def test_only_blanks_change_in_any_text(text: str, source: str, target: str, unit: str) -> None:
    moved = reindent(text, source=source, target=target, unit=unit)
    assert moved.count("\n") == text.count("\n")
    for before, after in zip(text.split("\n"), moved.split("\n"), strict=True):
        assert before.strip(" \t").rstrip() == after.strip(" \t").rstrip()


@given(st.integers(0, 3), st.sampled_from(["\t", "  ", "    "]))
def test_moving_there_and_back_changes_nothing(depth: int, unit: str) -> None:
    text = f"if x:\n{unit}if y:\n{unit * 2}z()\n{unit}w()"
    there = reindent(text, source="", target=unit * depth, unit=unit)
    assert reindent(there, source=unit * depth, target="", unit=unit) == text
