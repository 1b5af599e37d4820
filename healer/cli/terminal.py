"""A document for terminals, through rich: colours where there are some, plain text where not.

Belongs here: the terminal look of the blocks. Does not belong here: what is said (`repair`).
Every text becomes a `Text`, never markup, and loses its control sequences: what a traceback or a
model says cannot colour, move or retitle anything.
"""

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table as Grid
from rich.text import Text

from healer.render.clean import printable
from healer.render.diff import DiffLine, LineKind
from healer.render.document import (
    STATUS_WORDS,
    Block,
    Commands,
    Diff,
    Document,
    Lines,
    Section,
    Table,
    Words,
)
from healer.render.notice import CheckRow, Status
from healer.render.one_line import format_duration

_LINE_STYLES: dict[LineKind, str] = {
    "file": "bold",
    "hunk": "cyan",
    "added": "green",
    "removed": "red",
    "context": "",
    "note": "dim italic",
}
_STATUS_STYLES: dict[Status, str] = {
    "pass": "green",
    "fail": "bold red",
    "unjudged": "yellow",
    "skipped": "dim",
}


def renderable(document: Document) -> RenderableType:
    """What a rich console prints for the document."""
    parts: list[RenderableType] = []
    for section in document:
        if parts:
            parts.append(Text())
        parts.extend(_section(section))
    return Group(*parts)


def checks_table(rows: tuple[CheckRow, ...]) -> Grid:
    """The table of checks: status, name, detail, time."""
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold", ratio=1)
    grid.add_column(justify="right", no_wrap=True)
    for row in rows:
        took = format_duration(row.seconds) if row.seconds else ""
        grid.add_row(
            Text(STATUS_WORDS[row.status], style=_STATUS_STYLES[row.status]),
            Text(printable(row.name)),
            Text(printable(row.detail)),
            Text(took, style="dim"),
        )
    return grid


def diff_text(lines: tuple[DiffLine, ...]) -> Text:
    """The diff in colour, its marks on lines of their own."""
    text = Text(no_wrap=False, overflow="fold")
    for position, line in enumerate(lines):
        text.append("\n" if position else "")
        text.append(line.text, style=_LINE_STYLES[line.kind])
        if line.mark:
            text.append(f"\n  ! {printable(line.mark)}", style="bold yellow")
    return text


def _section(section: Section) -> list[RenderableType]:
    title: list[RenderableType] = [Text(section.title, style="bold")] if section.title else []
    return title + [_block(block, indent=2 if section.title else 0) for block in section.blocks]


def _block(block: Block, indent: int) -> RenderableType:
    if isinstance(block, Diff):
        return _inner(block)  # at the margin, and without padding: it may be copied and applied
    return Padding(_inner(block), (0, 0, 0, indent), expand=False)


def _inner(block: Block) -> RenderableType:
    match block:
        case Words(text, is_quote=is_quote, strong=strong):
            style = "bold" if strong else "italic" if is_quote else ""
            return Text(printable(text), style=style)
        case Lines(text):
            return Text(printable(text), overflow="fold")
        case Commands(commands):
            return Text(printable("\n".join(commands)), style="bold cyan")
        case Table(rows):
            return checks_table(rows)
        case Diff(lines):
            return diff_text(lines)
