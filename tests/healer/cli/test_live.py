"""Progress goes to standard error: lines where nobody watches, a table on a terminal."""

import contextlib
import time
from collections.abc import Callable, Iterable

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


def test_a_step_of_over_a_second_says_what_it_took(capsys: pytest.CaptureFixture[str]) -> None:
    slow = news("tests").model_copy(update={"seconds": 2.34})
    quick = news("lint").model_copy(update={"seconds": 0.4})
    assert lines(capsys, [slow, quick]) == [
        "✓ tests       all well (2.3 s)",
        "✓ lint        all well",
    ]


def wait_for(is_there: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 20
    while not is_there():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_where_nobody_watches_a_step_that_runs_on_says_so_with_its_last_count(
    capfd: pytest.CaptureFixture[str],
) -> None:
    said: list[str] = []

    def has_said(words: str) -> bool:
        said.append(capfd.readouterr().err)
        return words in "".join(said)

    with Live(first_word_s=0.02) as live:
        live.show(news("draft", "running", "search"))
        wait_for(lambda: has_said("· draft       search (for 0 s)"))
        live.show(news("draft", "running", "search: 120 edits tried, 1 s of 30"))
        wait_for(lambda: has_said("· draft       search: 120 edits tried, 1 s of 30 (for 0 s)"))
        live.show(news("draft", "pass", "wrong-key"))
        wait_for(lambda: has_said("✓ draft       wrong-key"))
        time.sleep(0.1)
        assert not has_said("wrong-key (for")
    assert "".join(said).count("✓") == 1


def test_a_terminal_shows_how_long_the_running_step_has_taken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with (
        open_terminal() as (terminal, screen),
        contextlib.redirect_stderr(terminal),
        Live() as live,
    ):
        live.show(news("draft", "running", "search: 120 edits tried"))
        wait_for(lambda: "1 s" in screen.text.partition("120 edits tried")[2])


def test_quiet_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(capsys, STEPS, quiet=True) == []


def test_a_detail_is_one_line_of_bounded_length(capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = lines(capsys, [news("tests", detail="a\nb " + "x" * 5_000)])
    assert len(line) <= MAX_DETAIL + 20
    assert "a b" in line


def on_terminal(monkeypatch: pytest.MonkeyPatch, steps: Iterable[Progress], **how: bool) -> str:
    """The text of a terminal after the last step."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    with (
        open_terminal() as (terminal, screen),
        contextlib.redirect_stderr(terminal),
        Live(**how) as live,
    ):
        for step in steps:
            live.show(step)
    return screen.text


def test_of_several_repairs_each_line_says_whose_it_is_and_how_that_ended(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def of(repair: str, *facts: str) -> Progress:
        return news(*facts).model_copy(update={"repair": repair})

    said: list[str] = []

    def count(words: str) -> int:
        said.append(capfd.readouterr().err)
        return "".join(said).count(words)

    with Live(is_of_many=True, first_word_s=0.02) as live:
        live.show(of("aaaa1111", "draft", "running", "search"))
        live.show(of("bbbb2222", "baseline", "running", "in the sandbox"))
        wait_for(lambda: count("· aaaa1111 draft       search (for 0 s)") > 0)
        wait_for(lambda: count("· bbbb2222 baseline    in the sandbox (for 0 s)") > 0)
        live.show(of("bbbb2222", "baseline"))
        wait_for(lambda: count("✓ bbbb2222 baseline    all well") > 0)
        before = count("· aaaa1111 draft")
        wait_for(lambda: count("· aaaa1111 draft") > before)
        live.show(of("aaaa1111", "outcome", "note", "gave_up: no draft"))
        wait_for(lambda: count("· aaaa1111 outcome     gave_up: no draft") > 0)


def test_a_terminal_ends_with_the_whole_table(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_terminal(monkeypatch, STEPS)
    table = screen[screen.rindex("baseline") :]
    assert "all well" in table
    assert "no fix" in table
    assert "the sandbox is away" in table
    assert "healed" not in table  # the command itself says it


def test_a_terminal_shows_the_steps_of_several_repairs_with_their_ids(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = news("tests").model_copy(update={"repair": "bbbb2222"})
    screen = on_terminal(monkeypatch, [*STEPS, other], is_of_many=True)
    table = screen[screen.rindex("baseline") :]
    assert "healed" in table
    assert "bbbb2222 tests" in table


def test_a_step_that_never_ended_is_not_left_spinning(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = on_terminal(monkeypatch, [news("baseline"), news("draft 1", "running", "asks")])
    assert "asks" not in screen[screen.rindex("baseline") :]
