"""What was written or read, as tables: one form for CSV, JSON, XML, SQLite, Parquet and text.

Belongs here: from bytes to a `Document`, for any bytes at all; CSV, JSON, XML. Does not belong
here: the other formats (`databases`, `lines`), what a value means (`values`), or what tables say
about each other (`compare`, `continuity`).
"""

import csv
import io
import json
import re
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any
from xml.etree import ElementTree

from healer.nights.databases import read_parquet, read_sqlite
from healer.nights.lines import read_lines
from healer.nights.tables import (
    LEAST_ALIKE,
    LONGEST_TEXT,
    MOST_ROWS,
    Document,
    Table,
    Value,
    make_table,
)

LONGEST_LINE = 10_000


def read_document(name: str, data: bytes) -> Document:
    """By its content, and where that says nothing, by the name's ending."""
    if not data:
        return Document("empty")
    for magic, read in _BINARY.items():
        if data.startswith(magic):
            return _try(read, data) or Document("bytes")
    if b"\0" in data:
        return Document("bytes")
    bom = "utf-8 with BOM" if data.startswith(b"\xef\xbb\xbf") else ""
    try:
        text, encoding = data.decode("utf-8-sig"), bom or "utf-8"
    except UnicodeDecodeError:
        text, encoding = data.decode("latin-1"), "not utf-8"
    suffix = name.rpartition(".")[2].lower()
    document = _read_text(text, suffix)
    note = "" if encoding == "utf-8" or (text.isascii() and not bom) else f", {encoding}"
    return Document(document.form + note, document.tables)


def _read_text(text: str, suffix: str) -> Document:
    start = text.lstrip()[:1]
    readers: list[Callable[[str], Document | None]] = []
    if start in ("{", "["):
        readers += [_read_json, _read_json_lines]
    if start == "<":
        readers.append(_read_xml)
    if suffix in ("csv", "tsv") or start not in ("{", "[", "<"):
        readers.append(_read_csv)
    for read in readers:
        document = _try(read, text)
        if document is not None:
            return document
    return read_lines(text)


def _try(read: Callable[[Any], Document | None], content: Any) -> Document | None:
    """None for what is not of that form, however it is broken."""
    with suppress(
        ValueError, TypeError, RecursionError, csv.Error, sqlite3.Error, ElementTree.ParseError
    ):
        return read(content)
    return None


# -- CSV -------------------------------------------------------------------------------------------

_DECIMAL_COMMA = re.compile(r"-?\d+,\d+")


def _read_csv(text: str) -> Document | None:
    """A header and rows as wide as it; None where no delimiter gives that."""
    lines = text.splitlines()
    if not lines or len(lines[0]) > LONGEST_LINE:
        return None
    for delimiter in sorted(",;\t|", key=lines[0].count, reverse=True):
        if delimiter not in lines[0]:
            return None
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]
        header = [name.strip() for name in rows[0]]
        is_header = len(set(header)) == len(header) and all(map(_is_name, header))
        if is_header and all(len(row) == len(header) for row in rows):
            break
    else:
        return None
    cells = [[cell.strip() for cell in row] for row in rows[1 : MOST_ROWS + 1]]
    decimal = ""
    if delimiter != "," and any(_DECIMAL_COMMA.fullmatch(cell) for row in cells for cell in row):
        decimal = ", decimal comma"
        cells = [
            [c.replace(",", ".") if _DECIMAL_COMMA.fullmatch(c) else c for c in row]
            for row in cells
        ]
    table = Table(tuple(header), tuple(tuple(c or None for c in row) for row in cells), True)
    return Document(f"csv with {delimiter!r}{decimal}", {"": table})


def _is_name(text: str) -> bool:
    return any(c.isalpha() for c in text) and len(text) <= LONGEST_TEXT


# -- JSON ------------------------------------------------------------------------------------------


def _read_json(text: str) -> Document:
    tree = json.loads(text)
    tables: dict[str, list[dict[str, Value]]] = {}
    _collect(tree, "", tables)
    return Document("json", {name: make_table(rows) for name, rows in tables.items()})


def _read_json_lines(text: str) -> Document:
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    tables: dict[str, list[dict[str, Value]]] = {}
    _collect(rows, "", tables)
    return Document("json lines", {name: make_table(rows) for name, rows in tables.items()})


def _collect(tree: Any, name: str, tables: dict[str, list[dict[str, Value]]]) -> None:
    """A list of objects, and an object whose values are objects alike, are tables; what else there
    is makes one row."""
    if isinstance(tree, list):
        for item in tree:
            _collect_row(item if isinstance(item, dict) else {"value": item}, name, tables)
    elif isinstance(tree, dict) and _holds_entities(tree):
        for key, item in tree.items():
            row = item if isinstance(item, dict) else {"value": item}
            _collect_row({"key": key, **row}, name, tables)
    elif isinstance(tree, dict):
        _collect_row(tree, name, tables)
    else:
        tables.setdefault(name, []).append({"value": tree})


def _holds_entities(tree: Mapping[str, Any]) -> bool:
    """Whether its keys are data: they name things of one form."""
    values = list(tree.values())
    if len(values) < LEAST_ALIKE:
        return False
    if all(isinstance(value, dict) for value in values):
        names = set(values[0])
        return bool(names) and all(
            len(names & set(value)) * 2 >= len(names | set(value)) for value in values
        )
    return False


def _collect_row(
    tree: Mapping[str, Any], name: str, tables: dict[str, list[dict[str, Value]]]
) -> None:
    row: dict[str, Value] = {}
    tables.setdefault(name, [])
    stack = [("", tree)]
    while stack:
        prefix, part = stack.pop()
        for key, value in part.items():
            path = f"{prefix}{key}"
            if isinstance(value, dict) and not _holds_entities(value):
                stack.append((f"{path}.", value))
            elif isinstance(value, dict | list):
                _collect(value, f"{name}.{path}".lstrip("."), tables)
            else:
                row[path] = value
    tables[name].append(row)


# -- XML -------------------------------------------------------------------------------------------


def _read_xml(text: str) -> Document | None:
    """None for one with its own entities: they can grow without end."""
    if "<!ENTITY" in text or "<!DOCTYPE" in text:
        return None
    root = ElementTree.fromstring(text)  # noqa: S314 - without entities, as asked above
    tables: dict[str, list[dict[str, Value]]] = {}
    _collect_element(root, _name_of(root), tables)
    return Document("xml", {name: make_table(rows) for name, rows in tables.items() if rows})


def _collect_element(
    element: ElementTree.Element, name: str, tables: dict[str, list[dict[str, Value]]]
) -> None:
    """Children without children are fields of their parent; the others are rows of their own."""
    row: dict[str, Value] = dict(element.attrib)
    for child in element:
        if len(child) or child.attrib:
            _collect_element(child, _name_of(child), tables)
        else:
            row[_name_of(child)] = (child.text or "").strip() or None
    text = (element.text or "").strip()
    if text:
        row["text"] = text
    if row:
        tables.setdefault(name, []).append(row)


def _name_of(element: ElementTree.Element) -> str:
    """Without its namespace: the same field is the same in a new one."""
    return element.tag.rpartition("}")[2]


_BINARY: dict[bytes, Callable[[bytes], Document | None]] = {
    b"SQLite format 3\0": read_sqlite,
    b"PAR1": read_parquet,
}
