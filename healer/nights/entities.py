"""Rows that are the same thing from night to night, by a key that the data itself shows.

Belongs here: finding the key, counting rows, and comparing the rows of one thing. Does not belong
here: values without their row (`columns`).
"""

from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from healer.nights.columns import FEW, Finding
from healer.nights.moves import find_value_moves, is_same, say_key, spell
from healer.nights.tables import Table, Value
from healer.nights.values import is_moment, read_number

LEAST_OVERLAP = 0.5
"""Of the rows of one night, the share that must come again for them to be the same things."""
MOST_KEY_COLUMNS = 6
MOST_NAMES = 3
Key = tuple[str, ...]
Row = dict[str, Value]


def find_key(tables: Sequence[Table]) -> Key:
    """Columns that name a row: unique and never empty on every night. Of several the one whose
    values come again the most; empty where there is none."""
    names = [c for c in tables[0].columns if all(c in table.columns for table in tables)]
    usable = [name for name in names if _can_be_key(tables, name)][:MOST_KEY_COLUMNS]
    options: list[Key] = [key for n in (1, 2) for key in combinations(usable, n)]
    best: tuple[float, Key] = (-1.0, ())
    for key in options:
        if len(key) > 1 and best[1]:
            break
        nights = [list_keys(table, key) for table in tables]
        if all(len(set(night)) == len(night) for night in nights) and any(nights):
            best = max(best, (measure_overlap(nights), key), key=lambda pair: pair[0])
    return best[1]


def _can_be_key(tables: Sequence[Table], name: str) -> bool:
    for table in tables:
        for value in table.column(name):
            number = read_number(value)
            if value is None or (number is not None and number != int(number)):
                return False
    if not is_moment(tables[0].rows[0][tables[0].columns.index(name)] if tables[0].rows else None):
        return True
    nights = [list_keys(table, (name,)) for table in tables]  # days that only ever become more
    return not any(set(a) - set(b) for a, b in pairwise(nights))


def list_keys(table: Table, key: Key) -> list[tuple[Value, ...]]:
    """The key of each row, as it is spelt nowhere else."""
    columns = [[spell(value) for value in table.column(name)] for name in key]
    return list(zip(*columns, strict=True))


def measure_overlap(nights: Sequence[Sequence[tuple[Value, ...]]]) -> float:
    """The smallest share of a night's rows that were there the night before."""
    shares = [len(set(a) & set(b)) / len(b) if b else 0.0 for a, b in pairwise(nights)]
    return min(shares, default=0.0)


def find_row_changes(then: Sequence[Table], now: Table, *, is_counted: bool) -> Iterator[Finding]:
    """What is otherwise about rows; `is_counted`: their number follows from what was read."""
    counts = [len(table.rows) for table in then]
    since = f"on {len(then)} good nights"
    count = len(now.rows)
    if not count and min(counts):
        yield "rows", f"no rows; {since} {_span(counts)}"
        return
    yield from _rows_twice(then, now, since)
    if not is_counted and not _is_usual(counts, count):
        yield "rows", f"{count} rows; {since} {_span(counts)}"


def _is_usual(counts: Sequence[int], count: int) -> bool:
    low, high = min(counts), max(counts)
    if low == high:
        return count == low
    step = max(abs(a - b) for a, b in pairwise(counts))
    return low - max(step, low / 3) <= count <= high + max(step, high / 2)


def _span(counts: Sequence[int]) -> str:
    low, high = min(counts), max(counts)
    return f"always {low}" if low == high else f"{low} to {high}"


def _rows_twice(then: Sequence[Table], now: Table, since: str) -> Iterator[Finding]:
    key = find_key(then) if len(then[0].columns) > 1 else ()
    names = [name for name in key if name in now.columns]
    if key and len(names) == len(key) and sum(len(t.rows) for t in then) >= FEW:
        keys = list_keys(now, key)
        twice = (
            next((each for each in keys if keys.count(each) > 1), None)
            if _has_twice(keys)
            else None
        )
        if twice is not None:
            text = ", ".join(map(str, twice))
            yield (
                "twice",
                f"{text} is there {keys.count(twice)} times by {_name(key)}; {since} once",
            )
    elif (
        _has_twice(now.rows) and len(now.columns) > 1 and not any(_has_twice(t.rows) for t in then)
    ):
        yield "twice", f"rows are there more than once; {since} never"


def _has_twice(rows: Sequence[tuple[Value, ...]]) -> bool:
    return len(set(rows)) < len(rows)


def find_entity_changes(then: Sequence[Table], now: Table) -> Iterator[Finding]:
    """What is otherwise about the same things: one is missing, one has a value that it cannot have
    got in a night. Nothing where rows are new each night."""
    key = _find_lasting_key(then, now)
    if not key:
        return
    yield from _things_missing([list_keys(t, key) for t in then], list_keys(now, key), key)
    rows = [_index_rows(table, key) for table in (*then, now)]
    for name in now.columns:
        if name not in key and all(name in table.columns for table in then):
            history = [{k: row[name] for k, row in night.items()} for night in rows]
            yield from find_value_moves(name, history[:-1], history[-1])


def list_steady_columns(then: Sequence[Table], now: Table) -> frozenset[str]:
    """The columns in which most rows of now are things of the night before, with the values that
    they had."""
    key = _find_lasting_key(then, now)
    if not key:
        return frozenset()
    last, rows = _index_rows(then[-1], key), _index_rows(now, key)
    pairs = [(last[each], row) for each, row in rows.items() if each in last]
    return frozenset(
        name
        for name in set(now.columns) & set(then[-1].columns)
        if sum(is_same(a[name], b[name]) for a, b in pairs) >= max(FEW, len(now.rows) / 2)
    )


def _find_lasting_key(then: Sequence[Table], now: Table) -> Key:
    """A key of things that come again from night to night; empty where there is none."""
    key = find_key(then)
    if not key or any(name not in now.columns for name in key):
        return ()
    overlap = measure_overlap([list_keys(table, key) for table in then])
    return key if overlap >= LEAST_OVERLAP else ()


def _things_missing(
    nights: Sequence[Sequence[tuple[Value, ...]]], now: Sequence[tuple[Value, ...]], key: Key
) -> Iterator[Finding]:
    """More are gone than ever went in a night."""
    losses = [len(set(a) - set(b)) for a, b in pairwise(nights)]
    losses_now = [each for each in dict.fromkeys(nights[-1]) if each not in set(now)]
    if len(losses_now) > max(losses):
        names = ", ".join(map(say_key, losses_now[:MOST_NAMES]))
        more = f" and {len(losses_now) - MOST_NAMES} more" if losses_now[MOST_NAMES:] else ""
        usual = f"at most {max(losses)} a night" if max(losses) else "never one"
        yield (
            "entities",
            f"{names}{more} by {_name(key)} is gone; on {len(nights)} good nights {usual}",
        )


def _index_rows(table: Table, key: Key) -> dict[tuple[Value, ...], Row]:
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return dict(zip(list_keys(table, key), rows, strict=True))


def _name(key: Key) -> str:
    return " and ".join(f"`{name}`" for name in key)
