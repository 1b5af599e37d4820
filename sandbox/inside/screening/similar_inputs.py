"""New inputs like the ones that tests used: the same types, order, signs and lengths, other values.

Belongs here: what is kept (`Habits`, read from all recorded values of one argument) and how a
value is varied. Does not belong here: calling anything with them.
"""

from __future__ import annotations

import datetime
import decimal
import itertools
import math
import random
from typing import TYPE_CHECKING, Any

from . import object_graphs
from .call_copies import copy_call
from .object_graphs import read_items

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

MAX_INPUTS = 400
_FAR = 3
_LARGE = 9
"""From here on a number is a quantity and no count of steps: twice as much may be tried."""
_LONGEST = 60
_DIGITS = "0123456789"
_FEWEST_LISTS = 2
"""Different lists that must be in order before order is a habit: one alone may be so by chance."""
_SELDOM = 6
"""One in so many varied dicts lacks a key."""


class Habits:
    """What every recorded value of one argument had in common."""

    def __init__(self, values: list[Any]) -> None:
        numbers = [v for value in values for v in _numbers(value)]
        lists = [read_items(v.__iter__, _LONGEST) for v in values if isinstance(v, (list, tuple))]
        texts = [v for value in values for v in _texts(value)]
        finite = [n for n in numbers if isinstance(n, int) or math.isfinite(n)]
        self.least = min(finite, default=0)
        self.most = max(finite, default=0)
        self.shortest = min((len(v) for v in values if _has_length(v)), default=0)
        enough = len({object_graphs.describe(v) for v in lists if len(v) > 1}) >= _FEWEST_LISTS
        self.ordered = enough and all(_is_ordered(v) for v in lists)
        self.unique = enough and all(_is_unique(v) for v in lists)
        self.letters = _extend({letter for text in texts for letter in text})
        self.items = [item for v in lists for item in v]

    def fits(self, value: Any) -> bool:
        if _has_length(value) and len(value) < self.shortest:
            return False
        if any(number < self.least for number in _numbers(value)):
            return False
        if isinstance(value, (list, tuple)):
            if self.unique and not _is_unique(value):
                return False
            return not self.ordered or _is_ordered(value)
        return True


def _has_length(value: Any) -> bool:
    """A class such as `list` has the method and no length, and an object that is still being made
    may not have one yet."""
    try:
        return len(value) >= 0
    except Exception:  # the program's own classes may raise anything
        return False


def _numbers(value: Any) -> Iterator[float]:
    for leaf in leaves(value):
        if isinstance(leaf, (int, float)) and not isinstance(leaf, bool):
            yield leaf


def _texts(value: Any) -> Iterator[str]:
    for leaf in leaves(value):
        if isinstance(leaf, str):
            yield leaf


def leaves(value: Any, depth: int = 4) -> Iterator[Any]:
    """What nested lists and the values of dicts hold; of each the first items."""
    if isinstance(value, dict):
        value = read_items(value.values, _LONGEST)
    if isinstance(value, (list, tuple)) and depth:
        for item in read_items(value.__iter__, _LONGEST):
            yield from leaves(item, depth - 1)
    else:
        yield value


def _extend(letters: set[str]) -> list[str]:
    """In both cases, and with the other digits where there is one: a text may be written otherwise,
    and a number in it may be another number."""
    has_digit = any(letter in _DIGITS for letter in letters)
    cases = {c for letter in letters for c in (letter.upper(), letter.lower()) if len(c) == 1}
    return sorted(letters | cases | set(_DIGITS if has_digit else "")) or ["a"]


def _is_ordered(value: Any) -> bool:
    try:
        return all(a <= b for a, b in zip(value, value[1:]))
    except Exception:  # the program's own comparisons may raise anything
        return False


def _is_unique(value: Any) -> bool:
    texts = [object_graphs.describe(item) for item in value]
    return len(set(texts)) == len(texts)


def make_inputs(calls: list[tuple[Any, ...]], seed: int = 7) -> list[tuple[Any, ...]]:
    """The recorded argument tuples and up to 400 in all, varied within their habits."""
    inputs: dict[str, tuple[Any, ...]] = {}
    for call in calls:
        inputs.setdefault(object_graphs.describe(call), call)
    new_calls = vary_calls(calls, seed) if len(inputs) < MAX_INPUTS else iter(())
    for new_call in itertools.islice(new_calls, 4 * MAX_INPUTS):
        inputs.setdefault(object_graphs.describe(new_call), new_call)
        if len(inputs) >= MAX_INPUTS:
            break
    return list(inputs.values())


def vary_calls(
    calls: Sequence[tuple[Any, ...]], seed: int = 7, *, is_bound: bool = True
) -> Iterator[tuple[Any, ...]]:
    """Calls without end, each a recorded one with one or two arguments varied; none where there is
    nothing to vary. `is_bound`: within the habits of what was recorded."""
    source = random.Random(seed)
    widths = {len(call) for call in calls}
    habits = {w: [Habits([c[i] for c in calls if len(c) == w]) for i in range(w)] for w in widths}
    while calls:
        new_call = list(copy_call(source.choice(calls)))
        if not new_call:
            return
        for _ in range(source.choice((1, 1, 2))):
            place = source.randrange(len(new_call))
            habit = habits[len(new_call)][place]
            new = vary(new_call[place], habit, source)
            if is_bound and habit.ordered and isinstance(new, list):
                new = _sort(new)
            if not is_bound or habit.fits(new):
                new_call[place] = new
        yield tuple(new_call)


def _sort(value: list[Any]) -> list[Any]:
    try:
        return sorted(value)
    except TypeError:
        return value


def vary(value: Any, habit: Habits, source: random.Random) -> Any:
    """A value of the same type, a little different; the value itself where that is unknown."""
    try:
        for kind, way in _WAYS:
            if isinstance(value, kind):
                return way(value, habit, source)
        is_plain = object_graphs.is_plain_object(value)
        return object_graphs.vary_object(value, source) if is_plain else value
    except Exception:  # the program's own classes may raise anything, and numbers leave their range
        return value


def _vary_int(value: int, habit: Habits, source: random.Random) -> int:
    inside = source.randint(int(habit.least), max(int(habit.most), int(habit.least)) + 1)
    other = value * 2 + 1 if value > _LARGE else inside
    return source.choice((value + source.randint(-_FAR, _FAR), inside, other))


def _vary_float(value: float, _habit: Habits, source: random.Random) -> float:
    whole = float(round(value)) if math.isfinite(value) else value
    return source.choice((value + 1.0, value / 2, value * 3, whole))


def _vary_text(value: str, habit: Habits, source: random.Random) -> str:
    return "".join(_vary_items(list(value), habit, source, habit.letters))


def _vary_tuple(value: tuple[Any, ...], habit: Habits, source: random.Random) -> tuple[Any, ...]:
    """One item of it; how many there are is part of what a tuple means."""
    if not value:
        return value
    place = source.randrange(len(value))
    new = vary(value[place], habit, source)
    items = (*value[:place], new, *value[place + 1 :])
    return type(value)(*items) if hasattr(value, "_fields") else items  # a named tuple stays one


def _vary_dict(value: dict[Any, Any], habit: Habits, source: random.Random) -> dict[Any, Any]:
    """Mostly another value under one of its keys; now and then a key is missing."""
    if not value:
        return value
    key = source.choice(list(value))
    if source.randrange(_SELDOM) == 0:
        return {k: v for k, v in value.items() if k != key}
    return {**value, key: vary(value[key], habit, source)}


def _vary_date(value: datetime.date, _habit: Habits, source: random.Random) -> datetime.date:
    days = source.choice((-366, -365, -31, -7, -1, 1, 2, 7, 28, 31, 365))
    return value + datetime.timedelta(days=days)


def _vary_time(value: datetime.time, _habit: Habits, source: random.Random) -> datetime.time:
    return value.replace(hour=source.randrange(24), minute=source.choice((0, 1, 30, 59)))


def _vary_duration(
    value: datetime.timedelta, _habit: Habits, source: random.Random
) -> datetime.timedelta:
    return source.choice((value * 2, value / 2, value + datetime.timedelta(days=1)))


def _vary_decimal(value: decimal.Decimal, _habit: Habits, source: random.Random) -> decimal.Decimal:
    return source.choice((value + 1, value * 3, value + decimal.Decimal("0.25")))


def _vary_items(
    items: list[Any], habit: Habits, source: random.Random, donors: list[Any] | None = None
) -> list[Any]:
    """One item more, less, moved or varied. `donors`: what may come into an empty one; by default
    the items of other calls' lists."""
    new = list(items)
    how = source.randrange(5)
    place = source.randrange(len(new)) if new else 0
    if how == 0 and new:
        del new[place]
    elif how == 1 and (pool := new or (habit.items if donors is None else donors)):
        (donor,) = copy_call((pool[source.randrange(len(pool))],))
        other = donor if isinstance(donor, str) and donors else vary(donor, habit, source)
        new.insert(place, source.choice((donor, other)))
    elif how == 2 and new:  # noqa: PLR2004 - one of the five ways
        other = source.randrange(len(new))
        new[place], new[other] = new[other], new[place]
    elif new and isinstance(new[place], str) and len(new[place]) == 1:
        new[place] = source.choice(habit.letters)
    elif new:
        new[place] = vary(new[place], habit, source)
    return new


_WAYS: tuple[tuple[type, Callable[..., Any]], ...] = (
    (bool, lambda value, _habit, _source: not value),
    (int, _vary_int),
    (float, _vary_float),
    (str, _vary_text),
    (list, _vary_items),
    (tuple, _vary_tuple),
    (dict, _vary_dict),
    (datetime.date, _vary_date),
    (datetime.time, _vary_time),
    (datetime.timedelta, _vary_duration),
    (decimal.Decimal, _vary_decimal),
)
