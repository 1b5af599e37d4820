"""The steps of a repair as they happen: a live table on a terminal, plain lines elsewhere.

Belongs here: standard error only. Does not belong here: the result (`output`).
"""

import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.live import Live as RichLive
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from healer.facts.progress import Progress
from healer.render.clean import one_line

MAX_DETAIL = 2_000

MARKS = {
    "pass": ("✓", "green"),
    "fail": ("✗", "red"),
    "unjudged": ("?", "yellow"),
    "skipped": ("–", "dim"),
    "note": ("·", "cyan"),
}

SHOWN_FROM_S = 1.0
"""A step that took less is quick enough to need no figure."""
FIRST_WORD_S = 5.0
LONGEST_WAIT_S = 60.0
"""Where nobody watches, a step that runs on says so after the first, then each time after twice as
long, and at least as often as the second: a log stays short, and nobody takes it for hung."""


@dataclass
class _RunningStep:
    """A step that has not ended."""

    progress: Progress
    began_s: float
    wait_s: float
    """How long until it is said again that it runs."""
    next_s: float


class Live:
    """Shows progress; `quiet` shows nothing. Never writes to standard output."""

    def __init__(
        self, *, quiet: bool = False, is_of_many: bool = False, first_word_s: float = FIRST_WORD_S
    ) -> None:
        """`is_of_many`: of several repairs at once, so that each line says of which it is, and how
        that ended."""
        self._console = Console(stderr=True, highlight=False)
        self._quiet, self._is_of_many = quiet, is_of_many
        self._first_word_s = first_word_s
        self._rows: list[Progress] = []
        self._running: dict[str, _RunningStep] = {}
        """By its repair."""
        self._live: RichLive | None = None
        self._spinner = Spinner("dots")
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._quiet:
            return self
        if self._console.is_terminal:
            self._live = RichLive(
                console=self._console,
                refresh_per_second=12,
                transient=False,
                get_renderable=self._table,
            )
            self._live.__enter__()
        else:
            self._thread = threading.Thread(target=self._say_what_runs, daemon=True)
            self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def show(self, progress: Progress) -> None:
        """Takes one step's news; what a running step says next, and its end, take its place."""
        if self._quiet:
            return
        with self._lock:
            before = self._running.pop(progress.repair, None)
            if progress.step in ("stopped", "outcome") and not self._is_of_many:
                return  # the command itself says it, in its last line
            if _is_running(progress):
                if before is None or before.progress.step != progress.step:
                    now, wait_s = time.monotonic(), self._first_word_s
                    before = _RunningStep(progress, now, wait_s, now + wait_s)
                before.progress = progress
                self._running[progress.repair] = before
                return
            self._rows.append(progress)
            if self._live is None:
                mark, _ = MARKS.get(progress.state, (" ", ""))
                self._print_line(mark, progress, _describe_duration(progress.seconds))

    def _say_what_runs(self) -> None:
        """Prints a line now and then while a step runs on, until the block ends."""
        while not self._ended.wait(min(1.0, self._first_word_s / 5)):
            with self._lock, suppress(OSError, ValueError):  # who reads it may have gone
                now = time.monotonic()
                for each in self._running.values():
                    if now >= each.next_s:
                        words = f" (for {now - each.began_s:.0f} s)"
                        self._print_line("·", each.progress, words)
                        each.wait_s = min(2 * each.wait_s, LONGEST_WAIT_S)
                        each.next_s = now + each.wait_s

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(justify="right", style="dim", no_wrap=True)
        with self._lock:
            rows, running = tuple(self._rows), tuple(self._running.values())
        for row in rows:
            mark, style = MARKS.get(row.state, (" ", ""))
            duration = f"{row.seconds:.2f} s" if row.seconds else ""
            detail = Text(one_line(row.detail, MAX_DETAIL))
            table.add_row(Text(mark, style=style), self._name_step(row), detail, duration)
        for each in () if self._ended.is_set() else running:
            seconds_s = time.monotonic() - each.began_s
            duration = f"{seconds_s:.0f} s" if seconds_s >= SHOWN_FROM_S else ""
            detail = Text(one_line(each.progress.detail, MAX_DETAIL))
            table.add_row(self._spinner, self._name_step(each.progress), detail, duration)
        return table

    def _name_step(self, progress: Progress) -> str:
        if not self._is_of_many:
            return progress.step
        return f"{progress.repair:<8} {progress.step}"

    def _print_line(self, mark: str, progress: Progress, duration: str) -> None:
        detail, width = one_line(progress.detail, MAX_DETAIL), 20 if self._is_of_many else 11
        line = f"{mark} {self._name_step(progress):<{width}} {detail}{duration}"
        print(line.rstrip(), file=sys.stderr, flush=True)


def _describe_duration(seconds: float) -> str:
    return f" ({seconds:.1f} s)" if seconds >= SHOWN_FROM_S else ""


def _is_running(progress: Progress) -> bool:
    return progress.state == "running"
