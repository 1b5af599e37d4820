"""`healer show`: everything to decide on one screen, harmless on any terminal."""

import io
import re
from typing import Any

import pytest
from rich.console import Console

from healer.cli.terminal import renderable
from healer.render.document import plain
from healer.render.repair import repair_document
from healer.render.shown import Mark, RepairShown
from tests.support.repairs import attempt, hostile_repair, repair


def printed(shown: RepairShown, *, colour: bool = False, width: int = 80) -> str:
    stream = io.StringIO()
    Console(
        file=stream, force_terminal=colour, no_color=not colour, width=width, highlight=False
    ).print(renderable(repair_document(shown)))
    return stream.getvalue()


WANTED = (
    "scripts/report.py waits for your decision",
    "The evidence is weak: no test covers the changed line.",
    "KeyError: 'amuont'",
    "scripts/report.py:2 in total",
    "The column is called amount.",
    '+    return sum(row["amount"] for row in rows)',
    "! changes a sum of money",
    "test_total did not run",
    "a test that fails before and passes after",
    "2. small-model: fixed, on weak evidence (1.2k + 300 tokens, $0.0004, 3.1 s)",
    "In all $0.0008.",
    "mailed to on@example.com",
    "healer approve r7",
)


@pytest.mark.parametrize("wanted", WANTED)
def test_the_screen_says(wanted: str) -> None:
    assert wanted in printed(repair(), width=120)
    assert wanted in plain(repair_document(repair()))


def test_a_printed_diff_can_be_copied_and_applied() -> None:
    unmarked = repair(marks=())
    assert attempt().diff in printed(unmarked)


def test_an_ordinary_repair_fits_on_one_screen() -> None:
    assert len(printed(repair()).splitlines()) <= 60


def test_colour_is_for_terminals_only() -> None:
    assert "\x1b[" in printed(repair(), colour=True)
    assert "\x1b[" not in printed(repair())


def test_hostile_text_neither_colours_nor_moves_anything() -> None:
    screen = printed(hostile_repair())
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", screen)
    coloured = printed(hostile_repair(), colour=True)
    assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert "owned" not in coloured


@pytest.mark.parametrize("text", ["[bold]x[/bold]", "[/]", "[link=http://x]y[/link]", ":smile:"])
def test_square_brackets_are_not_markup(text: str) -> None:
    assert text in printed(repair(reason=text))


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    lines = printed(repair(reason="word " * 60 + "x" * 300), width=width).splitlines()
    assert max(map(len, lines)) <= width


@pytest.mark.parametrize(
    ("state", "changes", "commands"),
    [
        ("review", {}, ("healer approve r7", "healer reject r7 --reason TEXT")),
        ("healed", {"merged": "abc"}, ("healer rollback r7",)),
        ("healed", {}, ()),
        ("gave_up", {}, ()),
        ("reverted", {"merged": "abc"}, ()),
    ],
)
def test_only_what_can_be_done_is_offered(
    state: Any, changes: dict[str, Any], commands: tuple[str, ...]
) -> None:
    assert repair(state=state, **changes).commands == commands


def test_marks_without_a_place_in_the_diff_are_said_below_it() -> None:
    marks = (
        Mark(path="scripts/report.py", line=99, reason="far away"),
        Mark(path="scripts/report.py", line=0, reason="protected"),
        Mark(path="scripts/report.py", line=2, reason="one"),
        Mark(path="scripts/report.py", line=2, reason="two"),
    )
    screen = printed(repair(marks=marks))
    assert "! scripts/report.py: far away" in screen
    assert "! one; two" in screen
    assert screen.count("! protected") == 1


def test_a_repair_without_facts_has_no_empty_sections() -> None:
    bare = repair(
        failure=None, attempts=(), marks=(), strength="", missing=(), history=(), state="waiting"
    )
    assert [section.title for section in repair_document(bare)] == [""]


def test_many_attempts_are_cut_and_counted() -> None:
    many = repair(attempts=tuple(attempt() for _ in range(20)))
    assert "… 14 earlier" in printed(many)
    assert "20. small-model" in printed(many)
