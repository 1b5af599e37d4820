"""Tables: the one form that all written and read content is brought to.

Belongs here: the shapes, and rows of unlike keys as a table. Does not belong here: reading a format
(`documents`, `databases`, `lines`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice

Value = str | int | float | bool | None
"""What a cell holds. None: nothing, an empty cell, or a key that this row does not have."""
MOST_ROWS = 20_000
"""Rows of one table that are looked at."""
MOST_COLUMNS = 500
LONGEST_TEXT = 100
"""Characters of a name, or of a value beside its name."""
LEAST_ALIKE = 3
"""So many lines of one form are a table."""


@dataclass(frozen=True)
class Table:
    """Rows that belong together."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    is_text: bool = False
    """Its cells are text whatever they mean, as in CSV."""

    def column(self, name: str) -> list[Value]:
        """Raises ValueError for one that it has not."""
        at = self.columns.index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True)
class Document:
    """One file, output, request or mail, as tables by name."""

    form: str
    """`csv`, `json`, …, with what belongs to it such as the delimiter; two of one form are read by
    the same program."""
    tables: Mapping[str, Table] = field(default_factory=dict)


def make_table(rows: Iterable[Mapping[str, Value]]) -> Table:
    """Columns in the order in which they first come."""
    every = list(islice(rows, MOST_ROWS))
    names = tuple(dict.fromkeys(name for row in every for name in row))[:MOST_COLUMNS]
    return Table(names, tuple(tuple(none_for_empty(row.get(n)) for n in names) for row in every))


def none_for_empty(value: Value) -> Value:
    """An empty text is nothing."""
    return None if value == "" else value
