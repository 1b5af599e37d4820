"""What tests look at, and what the compared function gives them.

Belongs here: keeping it, each note by a place of its own. Does not belong here: rewriting checks
(`checks_of_tests`), or running tests (`varied_tests`).
"""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
import threading
from types import FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Callable

from .descriptions import cut, show

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

OnEvent = Callable[[FrameType, str, object], None]
"""As `sys.setprofile` takes it."""
MOST_NOTES = 160
"""Of one run: the last check of a long test may be the one that tells."""
STARTERS = (subprocess.__file__, runpy.__file__)
"""What tests start programs with."""
_PLAIN = (bool, int, float, str, bytes, list, tuple, dict, set, frozenset)
_UNSEEN = (ModuleType, FunctionType, type)


class Notes:
    """What one run of a test looks at. Each note has a place of its own, so that what another
    program does not come to moves none of the others: the line of the check, how often it was come
    to, and within it how often the same was looked at."""

    def __init__(self, title: str) -> None:
        self.pairs: list[tuple[str, str]] = []
        self.calls = self._calls_before = 0
        """Of the compared function, and of programs."""
        self._title = title
        self._turns: dict[int, int] = {}
        self._counts: dict[tuple[object, ...], int] = {}
        self._is_disturbed = False

    def begin(self, line: int) -> None:
        self._turns[line] = self._turns.get(line, 0) + 1
        self._calls_before = self.calls

    def keep(self, line: int, words: str, value: Any) -> Any:
        """The value, and a note of it; none of what an error that came before may have left."""
        if self._is_disturbed and self.calls == self._calls_before:
            return value
        turn = self._turns.get(line, 1)
        count = self.count(line, turn, words)
        if hasattr(value, "mock_calls"):
            self._add(line, words, (turn, count), f"called as {value.mock_calls!r}")
        elif not isinstance(value, _UNSEEN) and not hasattr(value, "assertEqual"):
            self._add(line, words, (turn, count), show(value))
        return value

    def keep_calls(self, line: int, words: str, thing: Any) -> Any:
        return self.keep(line, words, thing) if hasattr(thing, "mock_calls") else thing

    def keep_error(self, line: int, words: str) -> None:
        kind = sys.exc_info()[0]
        turns = (self._turns.get(line, 1), 1)
        self._add(line, words, turns, f"raises {kind.__name__ if kind else 'an error'}")
        self._is_disturbed = True

    def keep_answer(self, lines: Sequence[int], words: str, count: int, value: Any) -> None:
        """Of a call that the tests' functions lead to by these lines, the test's own last."""
        if isinstance(value, _PLAIN):
            self._add(lines[-1] if lines else 0, words, (count, 1), show(value))

    def count(self, *place: object) -> int:
        count = self._counts[place] = self._counts.get(place, 0) + 1
        return count

    def _add(self, line: int, words: str, turns: tuple[int, int], text: str) -> None:
        if len(self.pairs) < MOST_NOTES:
            turn = "".join(f" ({each})" for each in turns if each > 1)
            self.pairs.append((cut(f"{words} in line {line}{turn} of {self._title}"), cut(text)))


class Profile:
    """Within the block the function sees what this thread and new ones call."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event: Any = on_event

    def __enter__(self) -> None:
        threading.setprofile(self._on_event)
        sys.setprofile(self._on_event)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        threading.setprofile(None)


def watch_calls(file: str, name: str, notes: Notes, files: Container[str]) -> OnEvent:
    """Notes what the function's outermost calls give; `files`: the tests' own."""
    depth, place = 0, ([0], 0)

    def on_event(frame: FrameType, event: str, argument: object) -> None:
        nonlocal depth, place
        code = frame.f_code
        if event == "call" and code.co_filename in STARTERS:
            notes.calls += 1
        is_named = name and code.co_name == name
        if not is_named or os.path.abspath(code.co_filename) != file:
            return
        if event == "call":
            depth += 1
            notes.calls += 1
            if depth == 1:
                lines = _list_lines(frame, files)
                place = (lines, notes.count(*lines))
        elif event == "return":
            depth -= 1
            if depth == 0:
                notes.keep_answer(place[0], f"{name}(…)", place[1], argument)

    return on_event


def _list_lines(frame: FrameType, files: Container[str]) -> list[int]:
    """Where the tests' functions stand that lead to a call, the nearest first."""
    lines: list[int] = []
    outer: FrameType | None = frame
    while outer is not None:
        if os.path.abspath(outer.f_code.co_filename) in files:
            lines.append(outer.f_lineno)
        outer = outer.f_back
    return lines
