"""The steps of a repair as they happen: a live table on a terminal, plain lines elsewhere.

Belongs here: standard error only. Does not belong here: the result (`output`).
"""

import sys
from types import TracebackType

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


class Live:
    """Shows progress; `quiet` shows nothing. Never writes to standard output."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._console = Console(stderr=True, highlight=False)
        self._quiet = quiet
        self._rows: list[Progress] = []
        self._live: RichLive | None = None

    def __enter__(self) -> "Live":
        if self._console.is_terminal and not self._quiet:
            self._live = RichLive(
                self._table(), console=self._console, refresh_per_second=12, transient=False
            )
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.update(self._table(is_final=True))
            self._live.__exit__(kind, error, trace)

    def show(self, progress: Progress) -> None:
        """Takes one step's news; a running step is replaced by its end."""
        if self._quiet:
            return
        if self._rows and _is_running(self._rows[-1]):
            self._rows.pop()
        if progress.step in ("stopped", "outcome"):
            return  # the command itself says it, in its last line
        self._rows.append(progress)
        if self._live is not None:
            self._live.update(self._table())
        elif not _is_running(progress):
            mark, _ = MARKS.get(progress.state, (" ", ""))
            detail = one_line(progress.detail, MAX_DETAIL)
            print(f"{mark} {progress.step:<11} {detail}", file=sys.stderr, flush=True)

    def _table(self, *, is_final: bool = False) -> Table:
        table = Table.grid(padding=(0, 1))
        table.add_column(width=1)
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        table.add_column(justify="right", style="dim", no_wrap=True)
        for row in self._rows:
            if _is_running(row):
                if not is_final:
                    table.add_row(
                        Spinner("dots"), row.step, Text(one_line(row.detail, MAX_DETAIL)), ""
                    )
                continue
            mark, style = MARKS.get(row.state, (" ", ""))
            seconds = f"{row.seconds:.2f} s" if row.seconds else ""
            table.add_row(
                Text(mark, style=style), row.step, Text(one_line(row.detail, MAX_DETAIL)), seconds
            )
        return table


def _is_running(progress: Progress) -> bool:
    return progress.state == "running"
