"""A repair on a terminal: everything to decide on one screen, harmless whatever is in it."""

import io
import re

import pytest
from rich.console import Console

from healer.cli.terminal import renderable
from healer.render.repair import repair_document
from healer.render.repair_view import RepairView
from tests.support.repairs import attempt, hostile_repair, repair


def printed(view: RepairView, *, colour: bool = False, width: int = 80) -> str:
    stream = io.StringIO()
    Console(
        file=stream, force_terminal=colour, no_color=not colour, width=width, highlight=False
    ).print(renderable(repair_document(view)))
    return stream.getvalue()


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
