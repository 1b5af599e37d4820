"""A document as HTML: escaped, without anything that fetches or runs, readable without colour."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.render.diff import diff_lines
from healer.render.document import Block, Commands, Diff, Lines, Section, Table, Words
from healer.render.notice import CheckRow
from healer.render.page import render_html
from tests.support.notices import DIFF, HOSTILE


class Reader(HTMLParser):
    """The tags, and the text that a person sees."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self._depth: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag not in ("meta", "br"):
            self._depth.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._depth.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self._depth:
            self.text += data

    def is_closed(self) -> bool:
        return not self._depth


def page_of(*blocks: Block, title: str = "") -> Reader:
    return Reader(render_html((Section(title, blocks),), "A title"))


@pytest.mark.parametrize(
    ("block", "tag", "text"),
    [
        (Words("some words"), "p", "some words"),
        (Words("not ours", is_quote=True), "blockquote", "not ours"),
        (Lines("x = 1"), "pre", "x = 1"),
        (Commands(("healer show r7", "healer log")), "pre", "healer show r7\nhealer log"),
        (Table((CheckRow(name="tests", status="fail", detail="1 failed"),)), "table", "FAIL"),
        (Diff(diff_lines(DIFF)), "div", 'return sum(row["amount"] for row in rows)'),
    ],
)
def test_each_block_has_its_tag_and_its_words(block: Block, tag: str, text: str) -> None:
    page = page_of(block)
    assert tag in page.tags
    assert text in page.text
    assert page.is_closed()


def test_titles_are_headings_and_an_empty_one_is_none() -> None:
    assert "h2" in page_of(Words("x"), title="Checks").tags
    assert "h2" not in page_of(Words("x")).tags


def test_a_mark_stands_below_its_line_and_an_empty_line_keeps_its_height() -> None:
    lines = diff_lines(DIFF, marks={("scripts/report.py", 2): "a sum of money"})
    assert "! a sum of money" in page_of(Diff(lines)).text
    assert "\xa0" in page_of(Diff(diff_lines("\n\n"))).text


def test_a_status_is_told_by_its_word_and_not_by_colour_alone() -> None:
    rows = tuple(
        CheckRow(name="x", status=status) for status in ("pass", "fail", "unjudged", "skipped")
    )
    text = page_of(Table(rows)).text
    assert all(word in text for word in ("pass", "FAIL", "unjudged", "skipped"))


@given(st.text(max_size=300))
def test_any_text_is_text_and_no_tag(text: str) -> None:
    usual = page_of(Words("x"), Lines("x"), Commands(("x",)), title="x")
    page = page_of(Words(text), Lines(text), Commands((text,)), title=text or "x")
    assert set(page.tags) <= {*usual.tags, "br"}
    assert page.is_closed()


def test_hostile_text_neither_runs_nor_fetches() -> None:
    page = render_html((Section(HOSTILE, (Words(HOSTILE), Lines(HOSTILE))),), HOSTILE)
    assert "<script" not in page.lower()
    assert not re.search(r"src=|href=|url\(|@import|<link|<img| on\w+=", page)
    assert "\x1b" not in page
    assert "&lt;script&gt;" in page
