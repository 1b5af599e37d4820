"""A document as HTML for mail clients: everything escaped, nothing fetched, no script. Pure.

Belongs here: the HTML form of the blocks, with styles inline, because many mail clients drop
style sheets. Does not belong here: what is said (`mail`).
"""

from html import escape

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

_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_CODE = (
    "font-family:ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:13px;"
    "line-height:1.45;white-space:pre-wrap;overflow-wrap:anywhere;word-break:break-word"
)
_BOX = f"{_CODE};margin:0;padding:10px 12px;border:1px solid #8884;border-radius:6px"
# Mid-tone colours that keep a contrast of 4.5 on white and on the near-black of dark mail clients,
# which invert backgrounds but not always text: so meaning is in the sign or word as well.
_LINE_STYLES: dict[LineKind, str] = {
    "file": "font-weight:bold",
    "hunk": "color:#7b6fd0",
    "added": "background:#2da44e2e",
    "removed": "background:#d1242f2e",
    "context": "",
    "note": "font-style:italic",
}
_STATUS_COLOURS: dict[Status, str] = {
    "pass": "#1f9254",
    "fail": "#e0454f",
    "unjudged": "#b7791f",
    "skipped": "#7a828e",
}
_DARK = (
    "@media (prefers-color-scheme:dark){"
    "body,.page{background:#16181d!important;color:#e6e8eb!important}}"
)


def render_html(document: Document, title: str) -> str:
    """The whole HTML part. `title` is plain text."""
    sections = "".join(_section(section) for section in document)
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        '<meta name="color-scheme" content="light dark">'
        f"<title>{_text(title)}</title><style>{_DARK}</style></head>"
        f'<body style="margin:0;{_FONT};font-size:15px;line-height:1.5">'
        '<div class="page" style="max-width:720px;margin:0 auto;padding:16px">'
        f"{sections}</div></body></html>\n"
    )


def _text(text: str) -> str:
    return escape(printable(text), quote=True)


def _section(section: Section) -> str:
    title = (
        f'<h2 style="font-size:15px;margin:22px 0 6px">{_text(section.title)}</h2>'
        if section.title
        else ""
    )
    return title + "".join(_block(block) for block in section.blocks)


def _block(block: Block) -> str:
    match block:
        case Words():
            return _words(block)
        case Lines(text):
            return f'<pre style="{_BOX}">{_text(text)}</pre>'
        case Commands(commands):
            return f'<pre style="{_BOX};border-color:#3b82f6">{_text(chr(10).join(commands))}</pre>'
        case Table(rows):
            body = "".join(_row(row) for row in rows)
            return f'<table style="border-collapse:collapse;width:100%">{body}</table>'
        case Diff(lines):
            return f'<div style="{_BOX}">{"".join(_line(line) for line in lines)}</div>'


def _words(words: Words) -> str:
    tag = "blockquote" if words.is_quote else "p"
    style = "margin:0 0 8px;overflow-wrap:anywhere"
    if words.is_quote:
        style += ";padding-left:10px;border-left:3px solid #8888"
    if words.strong:
        style += ";font-size:18px;line-height:1.35;font-weight:600"
    lines = _text(words.text).replace("\n", "<br>")
    if words.link:
        address = _text(words.link)
        lines += f' <a href="{address}">{address}</a>'
    return f'<{tag} style="{style}">{lines}</{tag}>'


def _row(row: CheckRow) -> str:
    cell = "padding:3px 10px 3px 0;vertical-align:top"
    took = f" ({format_duration(row.seconds)})" if row.seconds else ""
    return (
        f'<tr><td style="{cell};color:{_STATUS_COLOURS[row.status]};font-weight:600">'
        f'{STATUS_WORDS[row.status]}</td><td style="{cell};white-space:nowrap">'
        f'{_text(row.name)}</td><td style="{cell};width:100%;overflow-wrap:anywhere">'
        f"{_text(row.detail)}{took}</td></tr>"
    )


def _line(line: DiffLine) -> str:
    mark = (
        f'<div style="border-left:3px solid #b7791f;padding-left:6px">! {_text(line.mark)}</div>'
        if line.mark
        else ""
    )
    return f'<div style="{_LINE_STYLES[line.kind]}">{_text(line.text) or "&nbsp;"}</div>{mark}'
