"""One document as plain text: narrow, quoted where words are not ours, and code never wrapped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.diff import diff_lines
from healer.render.document import (
    TEXT_WIDTH,
    Block,
    Commands,
    Diff,
    Lines,
    Section,
    Table,
    Words,
    render_text,
)
from healer.render.notice import CheckRow
from tests.support.notices import DIFF, HOSTILE


def text_of(*blocks: Block, title: str = "") -> str:
    return render_text((Section(title, blocks),))


def test_a_section_has_its_title_underlined() -> None:
    assert text_of(Words("x"), title="What failed") == "What failed\n-----------\nx\n"


def test_sections_and_blocks_stand_apart() -> None:
    document = (Section("", (Words("a"), Words("b"))), Section("T", (Words("c"),)))
    assert render_text(document) == "a\n\nb\n\nT\n-\nc\n"


def test_nothing_is_nothing() -> None:
    assert render_text(()) == "\n"


@pytest.mark.parametrize(
    ("block", "text"),
    [
        (Words("two\nlines"), "two\nlines"),
        (Words("not ours", is_quote=True), "> not ours"),
        (Words("not\nours", is_quote=True), "> not\n> ours"),
        (Lines("x = 1\n  y"), "    x = 1\n      y"),
        (Commands(("healer show r7", "healer log")), "    healer show r7\n    healer log"),
        (Table(()), ""),
        (Words("a\x1b[31m\u202eb"), "a<U+202E>b"),
    ],
)
def test_a_block_as_text(block: Block, text: str) -> None:
    assert text_of(block) == f"{text}\n"


def test_a_table_has_its_columns_below_each_other() -> None:
    rows = (
        CheckRow(name="syntax", status="pass", seconds=0.011),
        CheckRow(name="tests", status="fail", detail="word " * 30, seconds=3.2),
        CheckRow(name="policy", status="skipped"),
    )
    lines = text_of(Table(rows)).splitlines()
    assert lines[0] == "  pass      syntax    (11 ms)"
    assert lines[1].startswith("  FAIL      tests   word word")
    assert lines[1].endswith("(3.2 s)")
    assert lines[2].startswith(" " * 20 + "word")
    assert lines[-1] == "  skipped   policy"


def test_a_diff_is_kept_as_it_is_with_marks_below_their_lines() -> None:
    assert text_of(Diff(diff_lines(DIFF))) == DIFF
    lines = diff_lines(DIFF, marks={("scripts/report.py", 2): "a sum of money"})
    added = '+    return sum(row["amount"] for row in rows)'
    assert f"{added}\n! a sum of money\n" in text_of(Diff(lines))


@given(st.text(max_size=400))
def test_our_own_words_are_never_wider_than_the_page(text: str) -> None:
    for is_quote in (False, True):
        for line in text_of(Words(text, is_quote=is_quote)).splitlines():
            words = line.removeprefix("> ").split(" ")
            assert len(line) <= TEXT_WIDTH or len(words) == 1  # a long word is not broken


@given(st.text(max_size=300))
def test_any_text_in_any_block_is_printable_text(text: str) -> None:
    blocks = (
        Words(text),
        Lines(text),
        Commands((text,)),
        Table((CheckRow(name=text, status="fail", detail=text),)),
        Diff(diff_lines(text)),
    )
    page = text_of(*blocks)
    assert not any(ord(c) < 32 and c not in "\n\t" for c in page)


def test_hostile_words_change_nothing_around_them() -> None:
    page = text_of(Words(HOSTILE), Commands(("healer show r7",)))
    assert page.endswith("    healer show r7\n")
    assert "\x1b" not in page
