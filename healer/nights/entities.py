"""Rows that are the same thing from night to night, by a key that the data itself shows.

Belongs here: finding the key, counting rows, and comparing the rows of one thing. Does not belong
here: values without their row (`columns`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise

from healer.nights.columns import FEW, Column, Finding
from healer.nights.tables import Table, Value
from healer.nights.values import is_moment, list_readings, read_number

LEAST_OVERLAP = 0.5
"""Of the rows of one night, the share that must come again for them to be the same things."""
MOST_KEY_COLUMNS = 6
MOST_NAMES = 3
FACTOR = 3.0
"""A value may move so many times as far in a night as it ever did on the good ones."""
LEAST_MOVE = 0.0001
"""Of a value: what rounding alone may do to all."""
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
    columns = [[_spell(value) for value in table.column(name)] for name in key]
    return list(zip(*columns, strict=True))


def _spell(value: Value) -> Value:
    return min(list_readings(value), default=None)


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
    key = find_key(then)
    if not key or any(name not in now.columns for name in key):
        return
    nights = [list_keys(table, key) for table in then]
    if measure_overlap(nights) < LEAST_OVERLAP:
        return
    yield from _things_missing(nights, list_keys(now, key), key)
    rows = [_index_rows(table, key) for table in (*then, now)]
    for name in now.columns:
        if name not in key and all(name in table.columns for table in then):
            history = [{k: row[name] for k, row in night.items()} for night in rows]
            yield from _value_moves(name, history[:-1], history[-1])


def _things_missing(
    nights: Sequence[Sequence[tuple[Value, ...]]], now: Sequence[tuple[Value, ...]], key: Key
) -> Iterator[Finding]:
    """More are gone than ever went in a night."""
    losses = [len(set(a) - set(b)) for a, b in pairwise(nights)]
    losses_now = [each for each in dict.fromkeys(nights[-1]) if each not in set(now)]
    if len(losses_now) > max(losses):
        names = ", ".join(map(_say, losses_now[:MOST_NAMES]))
        more = f" and {len(losses_now) - MOST_NAMES} more" if losses_now[MOST_NAMES:] else ""
        usual = f"at most {max(losses)} a night" if max(losses) else "never one"
        yield (
            "entities",
            f"{names}{more} by {_name(key)} is gone; on {len(nights)} good nights {usual}",
        )


def _index_rows(table: Table, key: Key) -> dict[tuple[Value, ...], Row]:
    rows = (dict(zip(table.columns, row, strict=True)) for row in table.rows)
    return dict(zip(list_keys(table, key), rows, strict=True))


History = dict[tuple[Value, ...], Value]


def _value_moves(name: str, then: Sequence[History], now: History) -> Iterator[Finding]:
    """What a thing's value did from night to night says what it may do in this one."""
    steps = [list(_pair(a, b)) for a, b in pairwise(then)]
    pairs = [pair for step in steps for pair in step]
    news = list(_pair(then[-1], now))
    if len(pairs) < FEW or not news:
        return
    column = Column(name, tuple(tuple(night.values()) for night in then), (), is_text=False)
    if column.is_moment or column.is_random:
        return
    is_steady = all(_same(a, b) for _, a, b in pairs)
    changes = [(k, a, b) for k, a, b in news if not _same(a, b)]
    if is_steady and changes:
        k, a, b = changes[0]
        yield (
            "values",
            f"column `{name}` of {_say(k)} is {b!r} and was {a!r}; on {len(then)} good nights it "
            f"never changed ({len(changes)} of {len(news)} did now)",
        )
    elif column.numbers:
        findings = list(_number_moves(name, pairs, news, len(then)))
        yield from findings or _all_together(name, steps, news, len(then))


Pair = tuple[tuple[Value, ...], Value, Value]


def _number_moves(
    name: str, pairs: Sequence[Pair], news: Sequence[Pair], nights: int
) -> Iterator[Finding]:
    """No thing moves many times as far as any did; and all together not against all others."""
    numbers_then, numbers_now = list(_read_pairs(pairs)), list(_read_pairs(news))
    if not numbers_then or not numbers_now:
        return
    most = max(abs(b - a) / _size(a, b) for _, a, b in numbers_then)
    if most < 1:  # a value that goes through nought may move by any share of itself
        limit = min(FACTOR * most, 1.0 + most)
        for k, a, b in numbers_now:
            if abs(b - a) / _size(a, b) > limit:
                yield (
                    "values",
                    f"column `{name}` of {_say(k)} is {b:g} and was {a:g}; on {nights} good nights "
                    f"none moved by more than {most:.2%}",
                )
                return
    most_far = max(abs(b - a) for _, a, b in numbers_then)
    for k, a, b in numbers_now:
        if abs(b - a) > FACTOR * most_far:
            yield (
                "values",
                f"column `{name}` of {_say(k)} is {b:g} and was {a:g}; on {nights} good nights "
                f"none moved by more than {most_far:g}",
            )
            return
    yield from _one_way(name, numbers_then, numbers_now, nights)


Move = tuple[tuple[Value, ...], float, float]


def _one_way(
    name: str, then: Sequence[Move], now: Sequence[Move], nights: int
) -> Iterator[Finding]:
    """What only ever grew, or always moved, still does."""
    if all(b >= a for _, a, b in then) and any(b > a for _, a, b in then):
        k, a, b = next(((k, a, b) for k, a, b in now if b < a), ((), 0.0, 0.0))
        if k:
            yield (
                "values",
                f"column `{name}` of {_say(k)} falls from {a:g} to {b:g}; "
                f"on {nights} good nights none fell",
            )
            return
    still = [sum(a == b for _, a, b in moves) / len(moves) for moves in (then, now)]
    if still[0] <= 0.25 and still[1] == 1.0 and len(now) >= FEW - 1:  # noqa: PLR2004 - a quarter
        yield (
            "values",
            f"column `{name}` is for all {len(now)} what it was the night before; "
            f"on {nights} good nights for {still[0]:.0%}",
        )


def _all_together(
    name: str, steps: Sequence[Sequence[Pair]], now: Sequence[Pair], nights: int
) -> Iterator[Finding]:
    """Many things move up and down; they do not all move one way at once."""
    then = [_mean_move(step) for step in steps]
    most, mean = max(map(abs, then)), _mean_move(now)
    if len(now) >= FEW and abs(mean) > FACTOR * max(most, LEAST_MOVE):
        yield (
            "values",
            f"column `{name}` moves by {mean:+.2%} for all {len(now)} together; "
            f"on {nights} good nights by at most {most:.2%}",
        )


def _mean_move(pairs: Sequence[Pair]) -> float:
    moves = [(b - a) / _size(a, b) for _, a, b in _read_pairs(pairs)]
    return sum(moves) / len(moves) if moves else 0.0


def _pair(a: History, b: History) -> Iterator[Pair]:
    for key, value in b.items():
        if key in a and a[key] is not None and value is not None:
            yield key, a[key], value


def _read_pairs(pairs: Iterable[Pair]) -> Iterator[Move]:
    for key, a, b in pairs:
        before, after = read_number(a), read_number(b)
        if before is not None and after is not None:
            yield key, before, after


def _size(a: float, b: float) -> float:
    return max(abs(a), abs(b)) or 1.0


def _same(a: Value, b: Value) -> bool:
    return a == b or (not is_moment(a) and _spell(a) == _spell(b) and a is not None)


def _say(key: tuple[Value, ...]) -> str:
    return "/".join(map(str, key))


def _name(key: Key) -> str:
    return " and ".join(f"`{name}`" for name in key)
