"""Expectations that good nights suggest, as text for healer.toml.

Belongs here: what of many nights is worth expecting, and how wide; one comment for each line says
where it comes from. Does not belong here: checking them (`expectations`). Nothing proposed counts
until a person commits it.
"""

import json
import re
from collections.abc import Iterator, Sequence
from math import ceil, floor

from healer.nights.documents import read_document
from healer.nights.facts import Night
from healer.nights.sinks import generalise
from healer.nights.tables import Table
from healer.nights.values import describe_kind, is_moment, read_number

LEAST_NIGHTS = 3
_LINE = re.compile(r"^[^\d\s][^\d]{2,60}?(?= ?\d|$)")
"""The words with which a line begins."""


def propose_expectations(script: str, nights: Sequence[Night]) -> str:
    """A `[[job]]` with what all nights have in common; empty where that is nothing. Raises
    ValueError for too few nights."""
    if len(nights) < LEAST_NIGHTS:
        raise ValueError(
            f"{len(nights)} good nights of {script} are recorded, and {LEAST_NIGHTS} are needed; "
            "healer run keeps one of each night"
        )
    parts = [*_propose_files(nights), *_propose_output(nights)]
    if not parts:
        return ""
    return "\n".join([f"[[job]]\nscript = {json.dumps(script)}", *parts]) + "\n"


def _propose_files(nights: Sequence[Night]) -> Iterator[str]:
    names = [{generalise(f.path) for f in n.effects.files if f.size > 0} for n in nights]
    for name in sorted(set.intersection(*names)):
        tables = [_read_tables(night, name) for night in nights]
        common = [part for part in tables[0] if all(part in each for each in tables)]
        if not common:
            lines = [f"file = {_quote(name)}  # written on each of {len(nights)} nights"]
            yield _join(lines)
        for part in common:
            every = [each[part] for each in tables]
            yield _join([*_name_table(name, part, len(common)), *_propose_table(every)])


def _read_tables(night: Night, name: str) -> dict[str, Table]:
    for file in night.effects.files:
        if generalise(file.path) == name and file.data is not None:
            return dict(read_document(file.path, file.data).tables)
    return {}


def _name_table(name: str, part: str, count: int) -> Iterator[str]:
    yield f"file = {_quote(name)}  # written on every night"
    if part or count > 1:
        yield f"table = {_quote(part)}  # one of {count} parts of it"


def _propose_table(tables: Sequence[Table]) -> Iterator[str]:
    counts = [len(table.rows) for table in tables]
    low, high = min(counts), max(counts)
    if low:
        yield (
            f'rows = "{max(1, floor(low / 2))}..{ceil(high * 2)}"  # {_say_counts(low, high)} '
            "so far, with room on both sides"
        )
    names = [c for c in tables[0].columns if all(c in table.columns for table in tables)]
    if tables[0].is_text and names and not all(name.isdigit() for name in names):
        yield f"columns = {_list(names)}  # on every night"
    full = [name for name in names if all(None not in table.column(name) for table in tables)]
    if full and high:
        yield f"not_null = {_list(full)}  # never empty so far"
    unique = [name for name in full if high > 1 and _names_rows(tables, name)]
    if unique:
        yield f"unique = {_list(unique[:1])}  # it named each row so far"
    kinds = {name: kind for name in full if (kind := _find_kind(tables, name))}
    if kinds:
        pairs = ", ".join(f"{_key(name)} = {_quote(kind)}" for name, kind in kinds.items())
        yield f"kinds = {{ {pairs} }}  # as each value was written"
    spans = {name: span for name in full if (span := _find_span(tables, name)) is not None}
    if spans:
        lows = ", ".join(f"{_key(name)} = {span[0]}" for name, span in spans.items())
        highs = ", ".join(f"{_key(name)} = {span[1]}" for name, span in spans.items())
        yield f"min = {{ {lows} }}  # numbers; none was below"
        yield f"max = {{ {highs} }}  # ten times what was seen"


def _names_rows(tables: Sequence[Table], name: str) -> bool:
    columns = [table.column(name) for table in tables]
    if any(len(set(column)) < len(column) for column in columns):
        return False
    values = [value for column in columns for value in column]
    numbers = [read_number(value) for value in values]
    return not any(is_moment(v) for v in values) and all(
        number is None or number == int(number) for number in numbers
    )


def _find_kind(tables: Sequence[Table], name: str) -> str:
    """How all the numbers of a column are written; empty where they differ, or are none."""
    kinds = {describe_kind(v, table.is_text) for table in tables for v in table.column(name)}
    kind = kinds.pop() if len(kinds) == 1 else ""
    return kind if kind.startswith("a number") else ""


def _find_span(tables: Sequence[Table], name: str) -> tuple[int, int] | None:
    """Wide limits of a column that holds nothing but numbers: what it counts may grow."""
    values = [value for table in tables for value in table.column(name)]
    numbers = [n for n in map(read_number, values) if n is not None]
    if not numbers or len(numbers) < len(values) or any(is_moment(value) for value in values):
        return None
    most = ceil(10 * max(abs(number) for number in numbers))
    return (0 if min(numbers) >= 0 else -most), most


def _propose_output(nights: Sequence[Night]) -> Iterator[str]:
    texts = [night.effects.stdout.decode("utf-8", "replace") for night in nights]
    starts = [dict.fromkeys(_list_starts(text)) for text in texts]
    common = [start for start in starts[-1] if all(start in each for each in starts)]
    if common:
        pattern = f"^{re.escape(common[-1])}"
        yield _join([f"stdout = {_quote(pattern)}  # a line of every night begins so"])


def _list_starts(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if match := _LINE.match(line):
            yield match[0].strip()


def _join(lines: Sequence[str]) -> str:
    return "\n".join(["", "[[job.expect]]", *lines])


def _say_counts(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low} to {high}"


def _list(names: Sequence[str]) -> str:
    return "[" + ", ".join(map(_quote, names)) + "]"


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _quote(name)


def _quote(text: str) -> str:
    """As TOML writes a text; JSON's escapes are TOML's too."""
    return json.dumps(text, ensure_ascii=False)
