"""A quotation is found in one place, or refused; strings keep their blanks."""

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.locate import (
    FUZZY_MIN_LINES,
    Match,
    detect_unit,
    indentation_of,
    locate,
    reindent,
)

TEXT = """\
def total(rows):
    amount = 0
    for row in rows:
        amount += row["total"]
    return amount


def mean(rows):
    return total(rows) / len(rows)
"""


def found(quotation: str, text: str = TEXT) -> str:
    """What of the text is matched."""
    match = locate(text, quotation)
    return text[match.start : match.end]


def refusal(quotation: str, text: str = TEXT) -> str:
    with pytest.raises(EditRefused) as caught:
        locate(text, quotation)
    return str(caught.value)


@pytest.mark.parametrize(
    "quotation",
    ['row["total"]', "amount = 0\n", "    return amount\n\n\ndef mean", "len(rows)", "0"],
)
def test_an_exact_quotation_is_found_as_it_stands(quotation: str) -> None:
    start = TEXT.index(quotation)
    assert locate(TEXT, quotation) == Match(start, start + len(quotation), exact=True)


@pytest.mark.parametrize(
    ("quotation", "text", "start"),
    [
        ("x = 1", "max = 1\nx = 1\n", 8),
        ("x = 1", "x = 10\nx = 1\n", 7),
        ("x", "x_y = x\n", 6),
        ("rows", "übrows, rows\n", 8),
        ("(a)", "f(a)\n", 1),
    ],
)
def test_an_exact_quotation_begins_and_ends_between_words(
    quotation: str, text: str, start: int
) -> None:
    assert locate(text, quotation).start == start


@pytest.mark.parametrize(
    ("quotation", "lines"),
    [
        ('for row in rows:\n    amount += row["total"]', 2),
        ("\tamount  =  0", 1),
        ("def total(rows):\n\n  amount = 0", 2),
        ("return amount\ndef mean(rows):", 4),
    ],
)
def test_whole_lines_are_found_whatever_blanks_and_empty_lines_they_have(
    quotation: str, lines: int
) -> None:
    match = locate(TEXT, quotation)
    assert not match.exact
    assert len(TEXT[match.start : match.end].split("\n")) == lines


NEARLY = """\
def total(rows):
    amount = 0
    for row in rows:
        amount += row["totals"]
    return amount
"""


def test_a_passage_that_is_nearly_quoted_is_found_by_its_first_and_last_line() -> None:
    assert found(NEARLY) == TEXT[: TEXT.index("\n\n\ndef mean")]
    assert not locate(TEXT, NEARLY).exact


@pytest.mark.parametrize(
    "quotation",
    [
        pytest.param(NEARLY.replace("def total", "def totals"), id="another first line"),
        pytest.param(NEARLY.replace("return amount", "return 0"), id="another last line"),
        pytest.param(NEARLY.replace("for row in rows:", "while others:"), id="another word inside"),
        pytest.param("\n".join(NEARLY.split("\n")[2:4]), id=f"fewer than {FUZZY_MIN_LINES} lines"),
        pytest.param("def total(rows):\n    return amount\n", id="too much left out"),
    ],
)
def test_what_is_not_near_enough_is_nowhere(quotation: str) -> None:
    assert "is not in the file" in refusal(quotation)


PASSAGE = "f(\n    x_of_the_first_line + {},\nend)\n"


@pytest.mark.parametrize(
    ("quotation", "text", "lines"),
    [
        ("a = 1", "a = 1\nb = 2\na = 1\n", "1, 3"),
        ("  a  = 1", "a = 1\nb = 2\na = 1\n", "1, 3"),
        (PASSAGE.format("1.0"), PASSAGE.format("10.") * 2, "1, 4"),
    ],
)
def test_a_second_place_is_a_refusal_and_never_a_choice(
    quotation: str, text: str, lines: str
) -> None:
    said = refusal(quotation, text)
    assert f"found 2 times (lines {lines})" in said
    assert "quote more" in said


@pytest.mark.parametrize("quotation", ["", " ", "\n\n", "\t\n "])
def test_an_empty_quotation_means_nothing(quotation: str) -> None:
    assert "is empty" in refusal(quotation)


def test_a_quotation_that_is_nowhere_is_answered_with_the_nearest_line() -> None:
    said = refusal('amount += row["sum"]')
    assert "line 4" in said
    assert 'amount += row["total"]' in said
    assert "nearest" not in refusal("zzzzzz", "a = 1\n")


@given(st.text(max_size=80), st.text(max_size=30))
def test_any_quotation_of_any_text_is_one_place_or_a_refusal(text: str, quotation: str) -> None:
    try:
        match = locate(text, quotation)
    except EditRefused as refused:
        assert str(refused)
    else:
        assert 0 <= match.start < match.end <= len(text)
        same = "".join(text[match.start : match.end].split()) == "".join(quotation.split())
        assert same or len(quotation.split("\n")) >= FUZZY_MIN_LINES


@given(st.lists(st.sampled_from(["a = 1", "b = 2", "  c()", ""]), max_size=8), st.data())
def test_lines_that_are_quoted_as_they_stand_are_found_or_stand_there_twice(
    lines: list[str], data: st.DataObject
) -> None:
    text = "\n".join(lines)
    first = data.draw(st.integers(0, len(lines)))
    quotation = "\n".join(lines[first : data.draw(st.integers(first, len(lines)))])
    if quotation.strip():
        try:
            assert found(quotation, text) == quotation
        except EditRefused as refused:
            assert "times" in str(refused)


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
