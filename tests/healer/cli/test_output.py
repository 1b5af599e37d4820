"""What is printed: one line each on any terminal, and no character that a terminal would obey."""

import contextlib
import io
import sys

import pytest

from healer.cli.live import Live
from healer.cli.output import print_decision, print_table
from healer.facts.decision import DecisionResult
from healer.facts.progress import Progress
from tests.support.terminal import open_terminal

HEADER = ("ID", "AGE", "SCRIPT", "FAILURE", "WHY")
ROW = ("7619631c", "12 min", "scripts/nightly/prices.py", "KeyError: 'te'", "the evidence is weak")
HOSTILE = "\x1b]0;owned\x07\x1b[2Jred\u202e\r\nnext \x9b31m"


def on_terminal(width: int, monkeypatch: pytest.MonkeyPatch, *rows: tuple[str, ...]) -> list[str]:
    """The lines that the table has on a terminal of this width."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    with open_terminal() as (terminal, screen), contextlib.redirect_stdout(terminal):
        print_table(HEADER, rows, one_line_each=True)
    return [line.rstrip() for line in screen.text.splitlines()]


@pytest.mark.parametrize("width", [40, 60, 80, 132])
def test_what_waits_has_one_line_each_that_fits(
    width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = on_terminal(width, monkeypatch, ROW, (*ROW[:-1], "x" * 500))
    assert len(lines) == 3
    assert all(len(line) <= width for line in lines)
    assert "7619631c" in lines[1]
    assert "12 min" in lines[1]
    if width >= 132:
        assert all(cell in lines[1] for cell in ROW)


def test_a_narrow_terminal_names_cells_and_has_no_empty_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    rows = [("a.py", "every 15m", "", "12 min ago", "28 Nov"), ("b.py", "", "1 d ago", "", "")]
    with open_terminal() as (terminal, screen), contextlib.redirect_stdout(terminal):
        print_table(("JOB", "SCHEDULE", "LAST RUN", "LAST GOOD", "NEXT"), rows, names_cells=True)
    lines = [line.rstrip() for line in screen.text.splitlines()]
    assert lines == [
        "a.py  schedule every 15m  last good 12 min ago", "  next 28 Nov", "b.py  last run 1 d ago",
    ]  # fmt: skip


def test_a_pipe_gets_the_whole_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_table(HEADER, [(*ROW[:-1], "x" * 500)], one_line_each=True)
    assert "x" * 500 in capsys.readouterr().out


def test_hostile_text_is_shown_and_obeyed_nowhere(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    decided = DecisionResult(
        repair="r", action="reject", done=True, reason=HOSTILE, checkout=HOSTILE
    )
    print_table(HEADER, [(HOSTILE,) * 5])
    print_decision(decided, as_json=False)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with Live() as live:
        live.show(Progress(repair="r", step="tests", state="fail", detail=HOSTILE))
        said = sys.stderr.getvalue()
    said += capsys.readouterr().out
    assert not set("\x1b\x07\u202e\r\x9b") & set(said)
    assert said.count("red<U+202E>") == 8
