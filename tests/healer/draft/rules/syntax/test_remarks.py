"""What is no code becomes a comment: nothing that was written is lost, and code stays code."""

import pytest

from healer.draft.rules.syntax.remarks import foreign_comment, stray_words
from healer.draft.rules.syntax.rule import MOST_REMARKS, repair_text
from tests.support.broken_texts import broken_case, check_repair, edits_of

MEANT = [
    broken_case("a block", "/* of\n * the day\n */\nx = 1\n", "# of\n# the day\n#\nx = 1\n"),
    broken_case("a block in one line", "/* of the day */\nx = 1\n", "# of the day\nx = 1\n"),
    broken_case("behind code", "x = 1  /* one */\n", "x = 1  # one\n"),
    broken_case("two strokes", "if x:\n    // add\n    y = 1\n", "if x:\n    # add\n    y = 1\n"),
    broken_case("of a page", "<!-- head -->\nx = 1\n", "# head\nx = 1\n"),
    broken_case("of SQL", "-- load rows\nx = 1\n", "# load rows\nx = 1\n"),
    broken_case("of a settings file", "; load rows\nx = 1\n", "# load rows\nx = 1\n"),
    broken_case("a line of words", "x = 1\nfoo bar\n", "x = 1\n# foo bar\n"),
    broken_case("a note", "TODO: mend this later\nx = 1\n", "# TODO: mend this later\nx = 1\n"),
    broken_case("a word behind a line", "x = 1 asdf\n", "x = 1  # asdf\n"),
]


@pytest.mark.parametrize(("text", "meant"), MEANT)
def test_a_remark_becomes_a_comment(text: str, meant: str) -> None:
    check_repair(text, meant)


def test_a_block_that_is_never_closed_is_left() -> None:
    assert edits_of(foreign_comment, "x = (1\n/* of the day\ny = 2\n") == []


@pytest.mark.parametrize("text", ["return x y\n", "if a b:\n    pass\n", "for n in\n"])
def test_words_of_the_language_are_no_remark(text: str) -> None:
    assert not [each for each in edits_of(stray_words, text) if each.lstrip().startswith("#")]


def test_an_else_finds_its_header_again() -> None:
    deep = "for x in y:\n    if x:\n        print(1)\n        else:\n        print(2)\n"
    assert repair_text(deep)[0].text == deep.replace("        else", "    else")
    out = "def f(x):\n    if x:\n        y = 1\nelse:\n        y = 2\n    return y\n"
    assert repair_text(out)[0].text == out.replace("else", "    else")


def test_a_text_that_is_remarks_alone_or_many_of_them_is_no_program() -> None:
    assert "# see you\n" not in [repair.text for repair in repair_text("see you\n")]
    letter = "dear all!\nwe are late!\nsee you soon!\nx = 1\n"
    assert all(repair.text.count("#") <= MOST_REMARKS for repair in repair_text(letter))
