"""What the value of one thing does from night to night, and what of it is otherwise now.

Belongs here: laws about a value that has a history of its own. Does not belong here: which rows are
the same thing (`entities`), or values without their row (`columns`).
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from healer.nights.columns import FEW, Column, Finding
from healer.nights.tables import Value
from healer.nights.values import is_moment, list_readings, read_number

FACTOR = 3.0
"""A value may move so many times as far in a night as it ever did on the good ones."""
LEAST_MOVE = 0.0001
"""Of a value: what rounding alone may do to all."""
History = dict[tuple[Value, ...], Value]


def find_value_moves(name: str, then: Sequence[History], now: History) -> Iterator[Finding]:
    """What a thing's value did from night to night says what it may do in this one."""
    steps = [list(_pair(a, b)) for a, b in pairwise(then)]
    pairs = [pair for step in steps for pair in step]
    news = list(_pair(then[-1], now))
    if len(pairs) < FEW or not news:
        return
    column = Column(name, tuple(tuple(night.values()) for night in then), (), is_text=False)
    if column.is_moment or column.is_random:
        return
    is_steady = all(is_same(a, b) for _, a, b in pairs)
    changes = [(k, a, b) for k, a, b in news if not is_same(a, b)]
    if is_steady and changes:
        k, a, b = changes[0]
        yield (
            "values",
            f"column `{name}` of {say_key(k)} is {b!r} and was {a!r}; "
            f"on {len(then)} good nights it never changed ({len(changes)} of {len(news)} did now)",
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
                    f"column `{name}` of {say_key(k)} is {b:g} and was {a:g}; "
                    f"on {nights} good nights none moved by more than {most:.2%}",
                )
                return
    most_far = max(abs(b - a) for _, a, b in numbers_then)
    for k, a, b in numbers_now:
        if abs(b - a) > FACTOR * most_far:
            yield (
                "values",
                f"column `{name}` of {say_key(k)} is {b:g} and was {a:g}; on {nights} good nights "
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
                f"column `{name}` of {say_key(k)} falls from {a:g} to {b:g}; "
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


def is_same(a: Value, b: Value) -> bool:
    return a == b or (not is_moment(a) and spell(a) == spell(b) and a is not None)


def spell(value: Value) -> Value:
    return min(list_readings(value), default=None)


def say_key(key: tuple[Value, ...]) -> str:
    return "/".join(map(str, key))
