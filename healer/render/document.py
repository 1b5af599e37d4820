"""What a person reads, as blocks without a look: one document for mail, page and terminal.

Belongs here: the blocks, and the plain-text form. Does not belong here: HTML (`page`), terminals
(`healer.cli.terminal`), and what is said (`mail`, `repair`).
"""

import textwrap
from dataclasses import dataclass

from healer.render.clean import printable
from healer.render.diff import DiffLine
from healer.render.notice import CheckRow, Status
from healer.render.one_line import format_duration

TEXT_WIDTH = 76
"""Columns of the plain-text part: a quoting `> ` still fits into 78."""
STATUS_WORDS: dict[Status, str] = {
    "pass": "pass",
    "fail": "FAIL",
    "unjudged": "unjudged",
    "skipped": "skipped",
}


@dataclass(frozen=True)
class Words:
    """A paragraph; `is_quote` marks untrusted words, `strong` the main sentence."""

    text: str
    is_quote: bool = False
    strong: bool = False
    link: str = ""
    """An address of ours that follows the words; never one that somebody else wrote."""


@dataclass(frozen=True)
class Lines:
    """Preformatted text: a traceback, an output's tail. Never wrapped in the text part."""

    text: str


@dataclass(frozen=True)
class Commands:
    """Commands to type, one a line."""

    commands: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The table of checks."""

    rows: tuple[CheckRow, ...]


@dataclass(frozen=True)
class Diff:
    """A diff, line by line, with marks."""

    lines: tuple[DiffLine, ...]


Block = Words | Lines | Commands | Table | Diff


@dataclass(frozen=True)
class Section:
    """Blocks under a title; an empty title opens the document."""

    title: str
    blocks: tuple[Block, ...]


Document = tuple[Section, ...]


def render_text(document: Document) -> str:
    """The document as plain text, at most `TEXT_WIDTH` columns but for preformatted lines."""
    return "\n\n".join(_section(section) for section in document).rstrip() + "\n"


def _section(section: Section) -> str:
    parts = [_block(block) for block in section.blocks]
    body = "\n\n".join(part for part in parts if part)
    return f"{section.title}\n{'-' * len(section.title)}\n{body}" if section.title else body


def _block(block: Block) -> str:
    match block:
        case Words(text, is_quote=is_quote, link=link):
            return _wrap(f"{text} {link}".rstrip() if link else text, "> " if is_quote else "")
        case Lines(text):
            return textwrap.indent(printable(text), "    ")
        case Commands(commands):
            return "\n".join(f"    {printable(command)}" for command in commands)
        case Table(rows):
            return _table(rows)
        case Diff(lines):
            return "\n".join(_format_line(line) for line in lines)


def _wrap(text: str, margin: str) -> str:
    wrapper = textwrap.TextWrapper(
        TEXT_WIDTH - len(margin), break_long_words=False, break_on_hyphens=False
    )
    paragraphs = (wrapper.wrap(paragraph) or [""] for paragraph in printable(text).split("\n"))
    return "\n".join(f"{margin}{line}".rstrip() for lines in paragraphs for line in lines)


def _table(rows: tuple[CheckRow, ...]) -> str:
    names = max((len(row.name) for row in rows), default=0)
    return "\n".join(_row(row, names) for row in rows)


def _row(row: CheckRow, width: int) -> str:
    took = format_duration(row.seconds) if row.seconds else ""
    start = f"  {STATUS_WORDS[row.status]:<8}  {printable(row.name):<{width}}  "
    detail = textwrap.wrap(printable(row.detail), max(20, TEXT_WIDTH - len(start))) or [""]
    first = f"{start}{detail[0]}" + (f"  ({took})" if took else "")
    return "\n".join([first.rstrip(), *(" " * len(start) + line for line in detail[1:])])


def _format_line(line: DiffLine) -> str:
    return f"{line.text}\n! {line.mark}" if line.mark else line.text
