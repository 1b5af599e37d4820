"""Plain text as tables: lines of one form belong together.

Belongs here: telling which lines are alike. Does not belong here: formats with a grammar
(`documents`).
"""

import re

from healer.nights.tables import (
    LEAST_ALIKE,
    LONGEST_TEXT,
    MOST_ROWS,
    Document,
    Table,
    Value,
    make_table,
)

_WORD_WITH_DIGIT = re.compile(r"[^\s,;|=()\[\]\"']*\d[^\s,;|=()\[\]\"']*")
_FIELD = re.compile(r"\s*([^\W\d][\w ./()-]{0,60}?)\s*[:=]\s+?(\S.*?)\s*")


def read_lines(text: str) -> Document:
    """Lines of one form make a table; `name: value` lines make one row together."""
    lines = [line.strip() for line in text.splitlines() if line.strip()][:MOST_ROWS]
    tables: dict[str, list[dict[str, Value]]] = {}
    groups: dict[tuple[str, int], list[str]] = {}
    for line in lines:
        separator = next((each for each in ("|", "\t", ";", ",") if each in line), "")
        groups.setdefault((separator, line.count(separator or line) + 1), []).append(line)
    for (separator, width), group in groups.items():
        if separator and len(group) >= LEAST_ALIKE:
            cells = ([cell.strip() for cell in line.split(separator)] for line in group)
            tables[f"lines of {width} by {separator!r}"] = [
                {str(n): cell or None for n, cell in enumerate(row, 1)} for row in cells
            ]
        else:
            for line in group:
                _collect_line(line, tables)
    every = {name: make_table(rows) for name, rows in tables.items()}
    return Document("text", {n: Table(t.columns, t.rows, True) for n, t in every.items()})


def _collect_line(line: str, tables: dict[str, list[dict[str, Value]]]) -> None:
    match = _FIELD.fullmatch(line)
    if match and len(match[2]) <= LONGEST_TEXT:
        fields = tables.setdefault("", [{}])[0]
        if match[1] not in fields:
            words = match[2].split()
            if len(words) > 2 and _WORD_WITH_DIGIT.search(match[2]):  # noqa: PLR2004 - with its unit
                fields |= {f"{match[1]} {n}": word for n, word in enumerate(words, 1)}
            else:
                fields[match[1]] = match[2]
            return
    words = _WORD_WITH_DIGIT.findall(line)
    form = _WORD_WITH_DIGIT.sub("#", line)[:120]
    tables.setdefault(form, []).append({str(n): word for n, word in enumerate(words, 1)})
