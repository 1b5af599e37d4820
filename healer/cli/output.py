"""What a command prints as its data: one JSON document, or text for a person.

Belongs here: standard output. Does not belong here: progress and errors (standard error). What is
heavy is loaded where it is needed: a command that only lists must not wait.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from healer.render.clean import one_line, printable

if TYPE_CHECKING:
    from rich.console import Console

    from healer.facts.decision import DecisionResult
    from healer.facts.repair import Result

NARROW = 20
"""Characters left for the last column below which it gets lines of its own."""
STYLES = {
    "healed": "bold green",
    "healthy": "bold green",
    "review": "bold yellow",
    "escalated": "bold yellow",
    "gave_up": "bold red",
    "unjudged": "bold red",
}


def print_json(data: Any) -> None:
    """Exactly one JSON document on standard output."""
    if hasattr(data, "model_dump"):  # pydantic's, which not every command has loaded
        data = data.model_dump(mode="json")
    sys.stdout.write(json.dumps(data, indent=2, ensure_ascii=False) + "\n")


def print_result(result: "Result", *, as_json: bool) -> int:
    """A repair's result; gives the exit code that goes with it."""
    from rich.console import Console
    from rich.text import Text

    from healer.facts.repair import EXIT_CODES, MAIL_KEPT

    code = MAIL_KEPT if result.mail_kept else EXIT_CODES[result.outcome]
    if as_json:
        print_json(result)
        return code
    console = Console(highlight=False)
    console.soft_wrap = not console.is_terminal  # a pipe gets whole lines, a terminal whole words
    last = next((a for a in reversed(result.attempts) if a.diff), None)
    if last is not None:
        _print_diff(console, last.diff)
    words = Text()
    words.append(result.outcome.replace("_", " "), style=STYLES[result.outcome])
    words.append(printable(f": {result.script}: {result.reason}"))
    console.print(words)
    for line in _more(result):
        console.print(Text(printable(line), style="dim" if console.is_terminal else ""))
    return code


def print_decision(result: "DecisionResult", *, as_json: bool) -> int:
    """What came of a decision; gives the exit code: 0 when it was carried out."""
    code = 0 if result.done else 1
    if as_json:
        print_json(result)
        return code
    verb = "done" if result.done else "not done"
    print(printable(f"{result.action} {verb}: {result.reason}"))
    if result.merged:
        print(f"the target branch is at {result.merged[:12]}")
    if result.checkout:
        print(printable(result.checkout))
    return code


def print_table(
    header: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    one_line_each: bool = False,
    names_cells: bool = False,
) -> None:
    """Rows under a header, in columns; every text as it is, never as markup. Where a terminal is
    too narrow for columns, a row is some lines, in which `names_cells` puts the column's name
    before each cell but the first.

    Only a terminal cuts the last column, and with `one_line_each` others too: a file or a pipe gets
    the whole text.
    """
    rows = [tuple(one_line(cell, len(cell) + 1_000) for cell in row) for row in rows]
    if not sys.stdout.isatty():
        _print_plain(header, rows)
        return
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    widths = [max(map(cell_len, column)) for column in zip(header, *rows, strict=True)]
    room = console.width - 2 * (len(header) - 1)
    if room - sum(widths[:-1]) < NARROW and not one_line_each:
        names = [f"{name.lower()} " if names_cells else "" for name in header]
        _print_stacked(console, names, rows)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, width in zip(header, _fit(widths, room), strict=True):
        table.add_column(name, overflow="ellipsis", no_wrap=True, width=width)
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    console.print(table)


def _fit(widths: Sequence[int], room: int) -> list[int]:
    """Widths that fit into `room`: the first column, an id, and narrow ones whole, and wide ones
    cut to the same width."""
    result = [widths[0]] + [0] * (len(widths) - 1)
    room -= widths[0]
    columns = sorted(range(1, len(widths)), key=lambda column: widths[column])
    for position, column in enumerate(columns):
        result[column] = max(1, min(widths[column], room // (len(columns) - position)))
        room -= result[column]
    return result


def _print_plain(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    for line in lines:
        print("  ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)).rstrip())


def _print_stacked(console: "Console", names: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """For a narrow terminal: the last column on lines of its own, below the rest."""
    from rich.padding import Padding
    from rich.text import Text

    for first, *row in rows:
        cells = [name + cell if cell else "" for name, cell in zip(names[1:], row, strict=True)]
        console.print(Text("  ".join(filter(None, (first, *cells[:-1]))), style="bold"))
        if cells[-1]:
            console.print(Padding(Text(cells[-1]), (0, 0, 0, 2)))


def _print_diff(console: "Console", diff: str) -> None:
    from healer.cli.terminal import diff_text
    from healer.render.diff import diff_lines

    if console.is_terminal:
        console.print(diff_text(diff_lines(diff)))
    else:
        console.out(printable(diff).rstrip("\n"), highlight=False)


def _more(result: "Result") -> list[str]:
    lines = []
    if result.drafter:
        cost = f", ${result.cost_usd:.4f}" if result.cost_usd else ""
        lines.append(f"drafted by {result.drafter}; {result.seconds:.1f} s in all{cost}")
    if result.merged:
        lines.append(f"merged as {result.merged[:12]}; undo with: healer rollback {result.repair}")
    elif result.branch:
        lines.append(f"branch {result.branch}; see it with: healer show {result.repair}")
    lines += [f"to make it strong: {each}" for each in result.missing[1:]]
    if result.checkout:
        lines.append(f"the working tree was left as it is: {result.checkout}")
    if result.pushed:
        lines.append(f"branch {result.pushed}")
    if result.pull_request:
        lines.append(f"pull request: {result.pull_request}")
    if result.mail:
        lines.append(f"mail: {result.mail}")
    if result.next_step:
        lines.append(f"next: {result.next_step}")
    return lines
