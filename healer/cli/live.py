"""The steps of a repair as they happen: a live table on a terminal, plain lines elsewhere.

Belongs here: standard error only. Does not belong here: the result (`output`).
"""

import sys
import threading
import time
from contextlib import suppress
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


class Live:
    """Shows progress; `quiet` shows nothing. Never writes to standard output."""

    def __init__(self, *, quiet: bool = False, first_word_s: float = FIRST_WORD_S) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._first_word_s = first_word_s
        self._rows: list[Progress] = []
        self._live: RichLive | None = None
        self._spinner = Spinner("dots")
        self._began_s = 0.0
        """When the step that runs began; of no meaning where none does."""
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
            before = self._rows.pop() if self._rows and _is_running(self._rows[-1]) else None
            if progress.step in ("stopped", "outcome"):
                return  # the command itself says it, in its last line
            if before is None or before.step != progress.step:
                self._began_s = time.monotonic()
            self._rows.append(progress)
            if self._live is None and not _is_running(progress):
                mark, _ = MARKS.get(progress.state, (" ", ""))
                _print_line(mark, progress, _describe_duration(progress.seconds))

    def _say_what_runs(self) -> None:
        """Prints a line now and then while a step runs on, until the block ends."""
        began_s = wait_s = next_s = 0.0
        while not self._ended.wait(min(1.0, self._first_word_s / 5)):
            with self._lock, suppress(OSError, ValueError):  # who reads it may have gone
                if not (self._rows and _is_running(self._rows[-1])):
                    continue
                if began_s != self._began_s:  # another step
                    began_s, wait_s = self._began_s, self._first_word_s
                    next_s = began_s + wait_s
                if (now := time.monotonic()) >= next_s:
                    _print_line("·", self._rows[-1], f" (for {now - began_s:.0f} s)")
                    wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                    next_s = now + wait_s

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(justify="right", style="dim", no_wrap=True)
        with self._lock:
            rows, began_s = tuple(self._rows), self._began_s
        for row in rows:
            detail = Text(one_line(row.detail, MAX_DETAIL))
            if _is_running(row):
                if not self._ended.is_set():
                    seconds_s = time.monotonic() - began_s
                    duration = f"{seconds_s:.0f} s" if seconds_s >= SHOWN_FROM_S else ""
                    table.add_row(self._spinner, row.step, detail, duration)
                continue
            mark, style = MARKS.get(row.state, (" ", ""))
            duration = f"{row.seconds:.2f} s" if row.seconds else ""
            table.add_row(Text(mark, style=style), row.step, detail, duration)
        return table


def _print_line(mark: str, progress: Progress, duration: str) -> None:
    detail = one_line(progress.detail, MAX_DETAIL)
    print(f"{mark} {progress.step:<11} {detail}{duration}".rstrip(), file=sys.stderr, flush=True)


def _describe_duration(seconds: float) -> str:
    return f" ({seconds:.1f} s)" if seconds >= SHOWN_FROM_S else ""


def _is_running(progress: Progress) -> bool:
    return progress.state == "running"
