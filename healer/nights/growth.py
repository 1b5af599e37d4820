"""What a night added to a table that it found: rows of logs, archives and ledgers.

Belongs here: telling what was added from what was there. Does not belong here: a law about what
was added (`columns`, `entities`, `sources`).
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from healer.nights.tables import Table, Value


class Growth(NamedTuple):
    """A table that every good night added to."""

    then: tuple[Table, ...]
    """What each good night added."""
    now: Table
    """What this night added."""
    losses: int
    """Rows that this night found and that are gone after it; no good night took any."""


def find_growth(then: Sequence[Table], now: Table, before: Sequence[Table | None]) -> Growth | None:
    """`before`: what each night found in its place, this one the last; None: nothing. None where a
    good night took a row away or had other columns, or no night found any row."""
    if len(before) != len(then) + 1 or not any(each and each.rows for each in before):
        return None
    additions: list[Table] = []
    for table, old in zip(then, before, strict=False):
        rows, losses = _take_away(table, old)
        if losses or (old and old.rows and old.columns != table.columns):
            return None
        additions.append(Table(table.columns, rows, table.is_text))
    rows, losses = _take_away(now, before[-1])
    return Growth(tuple(additions), Table(now.columns, rows, now.is_text), losses)


def _take_away(table: Table, old: Table | None) -> tuple[tuple[tuple[Value, ...], ...], int]:
    """The rows that are not among the old ones, and how many of those are gone."""
    rest = Counter(old.rows if old else ())
    rows = []
    for row in table.rows:
        if rest[row] > 0:
            rest[row] -= 1
        else:
            rows.append(row)
    return tuple(rows), rest.total()
