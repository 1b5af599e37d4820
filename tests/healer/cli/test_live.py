"""Progress goes to standard error: lines where nobody watches, a table on a terminal."""

import contextlib
from collections.abc import Iterable

import pytest

from healer.cli.live import MAX_DETAIL, Live
from healer.facts.progress import Progress
from tests.support.terminal import open_terminal


def news(step: str, state: str = "pass", detail: str = "all well") -> Progress:
    return Progress.model_validate({"repair": "r", "step": step, "state": state, "detail": detail})


STEPS = [
    news("baseline", "running"),
    news("baseline"),
    news("draft 1", "running"),
    news("draft 1", "fail", "no fix"),
    news("tests", "unjudged", "the sandbox is away"),
    news("outcome", "note", "healed"),
]


def lines(capsys: pytest.CaptureFixture[str], steps: Iterable[Progress], **how: bool) -> list[str]:
    with Live(**how) as live:
        for step in steps:
            live.show(step)
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err.splitlines()


def test_each_step_that_has_ended_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, STEPS) == [
        "✓ baseline    all well",
        "✗ draft 1     no fix",
        "? tests       the sandbox is away",
    ]


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, STEPS, quiet=True) == []


def test_a_detail_is_one_line_of_bounded_length(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines(capsys, [news("tests", detail="a\nb " + "x" * 5_000)])
    assert len(line) <= MAX_DETAIL + 20
    assert "a b" in line


def on_terminal(monkeypatch: pytest.MonkeyPatch, steps: Iterable[Progress]) -> str:
    """The text of a terminal after the last step."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with (
        open_terminal() as (terminal, screen),
        contextlib.redirect_stderr(terminal),
        Live() as live,
    ):
        for step in steps:
            live.show(step)
    return screen.text


def test_a_terminal_ends_with_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_terminal(monkeypatch, STEPS)
    table = screen[screen.rindex("baseline") :]
    assert "all well" in table
    assert "no fix" in table
    assert "the sandbox is away" in table
    assert "healed" not in table  # the command itself says it


def test_a_step_that_never_ended_is_not_left_spinning(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_terminal(monkeypatch, [news("baseline"), news("draft 1", "running", "asks")])
    assert "asks" not in screen[screen.rindex("baseline") :]
