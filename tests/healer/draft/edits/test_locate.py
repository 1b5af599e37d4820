"""A quotation is found in one place, or refused with the lines that come near."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.draft.edits.errors import EditRefused
from healer.draft.edits.locate import FUZZY_MIN_LINES, Match, locate

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
