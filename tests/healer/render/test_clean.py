"""Hostile text is shown and does nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.clean import fence, first_lines, last_lines, one_line, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("naïve – 東京 🙂", "naïve – 東京 🙂"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\x", "x"),
        ("a\x1b", "a"),
        ("win\r\nline", "win\nline"),
        ("over\rwritten", "over<U+000D>written"),
        ("back\x08space", "back<U+0008>space"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("zero\u200bwidth", "zero<U+200B>width"),
        ("lone \ud800", "lone <U+D800>"),
    ],
)
def test_unseen_characters_are_removed_or_spelt_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_what_is_shown_can_be_encoded_and_holds_no_control_character(text: str) -> None:
    shown = printable(text)
    shown.encode()
    assert not any(ord(c) < 32 and c not in "\t\n" for c in shown)
    assert printable(shown) == shown


@given(st.text(), st.integers(2, 40))
def test_one_line_is_one_line_of_at_most_that_width(text: str, width: int) -> None:
    line = one_line(text, width)
    assert len(line) <= width
    assert "\n" not in line


def test_cut_lines_are_counted() -> None:
    text = "a\nb\nc\nd\n"
    assert first_lines(text, 2) == "a\nb\n… 2 more lines"
    assert last_lines(text, 2) == "… 2 lines before\nc\nd"
    assert first_lines(text, 4) == last_lines(text, 4) == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("text", "width", "line"),
    [
        ("", 5, ""),
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("ab cd", 4, "ab…"),
        ("  a \n\t b  ", 9, "a b"),
        ("\x1b[31mred\x1b[0m\n", 9, "red"),
    ],
)
def test_a_line_is_cut_with_a_sign(text: str, width: int, line: str) -> None:
    assert one_line(text, width) == line


@given(st.text(), st.integers(1, 9))
def test_no_more_lines_are_kept_than_were_asked_for(text: str, lines: int) -> None:
    for cut in (first_lines(text, lines), last_lines(text, lines)):
        assert len(cut.split("\n")) <= lines + 1
    if len(printable(text).rstrip().split("\n")) <= lines:
        assert first_lines(text, lines) == last_lines(text, lines) == printable(text).rstrip()


@given(st.text(st.sampled_from("\x1b[]0;mP\\\x07ab\x9b"), max_size=60))
def test_no_sequence_of_pieces_makes_a_terminal_obey(text: str) -> None:
    assert not set(printable(text)) & set("\x1b\x07\x9b")


@pytest.mark.parametrize("lines", [["plain"], ["```", "<b>"], ["a ```` b", "`````"], []])
def test_a_fenced_text_cannot_end_its_block(lines: list[str]) -> None:
    marks, *inside, end = fence(lines).split("\n")
    assert marks == f"{end}text"
    assert inside == (lines or [""])
    assert set(end) == {"`"}
    assert not any(end in line for line in lines)
