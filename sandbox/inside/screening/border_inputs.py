"""Inputs at the borders of what tests used: nothing, one, the other sign, a key that is missing.

Belongs here: which values lie at a value's borders, and calls that hold one of them. Does not
belong here: values like those of the tests (`similar_inputs`), or calling anything
(`wide_comparison`).
"""

from __future__ import annotations

import copy
import datetime
import decimal
import io
import itertools
import math
import random
from typing import TYPE_CHECKING, Any

from . import databases, object_graphs, similar_inputs
from .given_functions import RaisingCall, VariedCall
from .started_programs import vary_data, vary_numbers
from .whole_values import change_leaves, level_numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    Call = tuple[Any, ...]

MOST_BORDERS = 320
MOST_VARIED = 120
"""Of inputs within the tests' habits, and of those beyond them."""
MOST_EXAMPLES = 40
_MOST_CALLS = 40
_MOST_WORDS = 12
_FEW = 3
"""Of the items of a list, the keys of a dict and the signs of a text, so many are varied."""
_DEEPEST = 3
_MANY = 1000
_SIGNS = " ,;:=/|-.\n"
_RESERVED = "/&\"',"
"""Signs that mean something where a text is put into another one."""
_FOREIGN = "\u00e4"
"""A letter of two bytes."""


class Pool:
    """Values that stand in the program and in its tests, by their type, and the errors that the
    program catches."""

    def __init__(self, words: Iterable[Any]) -> None:
        each = list(words)
        self.numbers = _first(w for w in each if type(w) in (int, float) and math.isfinite(w))
        self.texts = _first(w for w in each if isinstance(w, str))
        self.has_none = any(w is None for w in each)
        self.errors = _first(w for w in each if isinstance(w, type)) or [OSError]


def _first(values: Iterable[Any]) -> list[Any]:
    return list(itertools.islice(dict.fromkeys(values), _MOST_WORDS))


def make_wide_inputs(
    calls: Sequence[Call], words: Iterable[Any], examples: Sequence[Any] = (), seed: int = 7
) -> list[Call]:
    """The recorded calls, each once, those with an example in place of an argument of its type,
    then those at their borders, then varied ones.

    `words`: literals of the program and its tests, which may come in place of a value of their
    type, and classes of errors, which functions among the arguments may raise. The same calls,
    words and examples give the same inputs."""
    inputs: dict[str, Call] = {}
    for call in calls:
        inputs.setdefault(object_graphs.describe(call), call)
    calls_of_tests = list(inputs.values())[:_MOST_CALLS]
    pool = Pool(
        [*(leaf for call in calls_of_tests for leaf in similar_inputs.leaves(list(call))), *words]
    )
    _add(inputs, _put_examples(calls_of_tests, examples), MOST_EXAMPLES)
    borders = _in_turn([_find_call_borders(call, pool) for call in calls_of_tests])
    _add(inputs, borders, MOST_BORDERS)
    for is_bound in (True, False):
        _add(
            inputs, similar_inputs.vary_calls(calls_of_tests, seed, is_bound=is_bound), MOST_VARIED
        )
    return list(inputs.values())


def _put_examples(calls: Sequence[Call], examples: Sequence[Any]) -> Iterator[Call]:
    for call in calls[:_FEW]:
        for place, value in enumerate(call):
            yield from (_put(call, place, new) for new in examples if type(new) is type(value))


def _add(inputs: dict[str, Call], more: Iterable[Call], most: int) -> None:
    end = len(inputs) + most
    for call in itertools.islice(more, 4 * most):
        inputs.setdefault(object_graphs.describe(call), call)
        if len(inputs) >= end:
            return


def _in_turn(streams: Sequence[Iterator[Call]]) -> Iterator[Call]:
    for row in itertools.zip_longest(*streams):
        yield from (call for call in row if call is not None)


def _find_call_borders(call: Call, pool: Pool) -> Iterator[Call]:
    """The call with one of its values at a border, each place in turn; then with two exchanged."""
    yield from _in_turn([_vary_place(call, place, pool) for place in range(len(call))])
    for one, two in itertools.combinations(range(len(call)), 2):
        if type(call[one]) is type(call[two]):
            yield _put(_put(call, one, call[two]), two, call[one])


def _vary_place(call: Call, place: int, pool: Pool) -> Iterator[Call]:
    for new in find_borders(call[place], pool, _DEEPEST):
        yield _put(call, place, new)


def _put(call: Call, place: int, new: Any) -> Call:
    return (*call[:place], new, *call[place + 1 :])


def find_borders(value: Any, pool: Pool, depth: int) -> Iterator[Any]:
    """Values of the same type where programs go wrong; none for a type that is not known."""
    for kind, way in _WAYS:
        if isinstance(value, kind):
            yield from way(value, pool, depth) if depth > 0 or kind in _FLAT else ()
            return
    if databases.is_database(value):
        yield from databases.vary_database(value)
        return
    if object_graphs.is_plain_object(value) and depth > 0:
        yield from _object_borders(value, pool, depth)
    if callable(value) and not isinstance(value, type):
        yield from (VariedCall(value, place, _change_answer) for place in (1, 2))
        yield from (RaisingCall(value, n, error) for n in (1, 2) for error in pool.errors)


def _change_answer(value: Any) -> Any:
    return next(find_borders(value, Pool(()), _DEEPEST - 1), value)


def _number_borders(value: Any, pool: Pool, _depth: int) -> Iterator[Any]:
    kind = type(value)
    near = [kind(0), kind(1), value + 1, value - 1, -value, value * _MANY]
    if kind is int:
        near += [value + 0.37]  # the price of a test is mostly a whole one
    elif kind is float and math.isfinite(value):
        near += [value + 0.5, value / 3]
    elif kind is decimal.Decimal:
        near += [value + decimal.Decimal("0.005")]
    yield from near
    for number in pool.numbers:
        if kind is int and isinstance(number, int):
            yield from (number, number + 1, number - 1)
        elif kind is float:
            yield float(number)


def _text_borders(value: str, pool: Pool, _depth: int) -> Iterator[str]:
    yield from (
        "",
        " ",
        value[:1],
        value[1:],
        value[:-1],
        f" {value} ",
        value.upper(),
        value.lower(),
        value.title(),
        f"{value[:-1]}{_FOREIGN}",
    )
    signs = [sign for sign in _SIGNS if sign in value.strip()] or [" "]
    yield from (f"{value}{sign}{value}" for sign in signs[:_FEW])
    yield from (value.replace(sign, sign * 2) for sign in signs[:_FEW])
    middle = len(value) // 2
    marks = dict.fromkeys([*(text for text in pool.texts if len(text) == 1), *_RESERVED])
    for mark in marks:
        yield f"{value[:middle]}{mark}{value[middle:]}"
        yield from (value.replace(sign, mark) for sign in signs[:_FEW] if sign in value)
    yield from itertools.islice(vary_numbers(value), _FEW)
    if value.strip().isdigit():
        yield from (f"0{value}", "0", f"{value}0", f"-{value}", f"{value}.5")
    yield from (text for text in pool.texts if text != value)


def _bytes_borders(value: bytes, pool: Pool, depth: int) -> Iterator[bytes]:
    """Those of the text, in the same encoding; and without its first bytes, which may be a mark."""
    yield from (value[place:] for place in (1, 3))
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return
    yield from (new.encode() for new in _text_borders(text, pool, depth))


def _list_borders(value: list[Any], pool: Pool, depth: int) -> Iterator[list[Any]]:
    yield from ([], value[:1], value[::-1], value + value[:1], value + value, value[1:], value[:-1])
    if len(value) > 1:
        yield level_numbers(value)[::-1]
    if pool.has_none:
        yield [*value, None]
    if value:
        more, less = (change_leaves(value[-1], step) for step in (1, -1))
        yield from ([*value, more], [*value, less], [*value, more, less], [less, *value, more])
    inner = [place for place, item in enumerate(value) if isinstance(item, list)]
    yield from ([*value[:place], value, *value[place + 1 :]] for place in inner[:1])  # deeper
    for place in {*range(min(_FEW, len(value))), len(value) - 1} if value else ():
        for new in find_borders(value[place], pool, depth - 1):
            yield [*value[:place], new, *value[place + 1 :]]
            yield [*value, new]


def _tuple_borders(value: tuple[Any, ...], pool: Pool, depth: int) -> Iterator[tuple[Any, ...]]:
    for place, item in enumerate(value):
        for new in find_borders(item, pool, depth - 1):
            items = (*value[:place], new, *value[place + 1 :])
            yield type(value)(*items) if hasattr(value, "_fields") else items


def _dict_borders(value: dict[Any, Any], pool: Pool, depth: int) -> Iterator[dict[Any, Any]]:
    if len(value) > 1:
        pairs = list(zip(value, level_numbers([*value.values()])))
        yield dict(pairs[::-1])
    first = next(iter(value), None)
    if isinstance(first, str) and first.islower():
        yield {first.upper() if key == first else key: item for key, item in value.items()}
    for key in list(value)[: 2 * _FEW]:
        yield {k: v for k, v in value.items() if k != key}
    yield {}
    inner = [key for key, item in value.items() if isinstance(item, dict)]
    yield from ({**value, key: value} for key in inner[:1])  # one level deeper
    streams = [_vary_key(value, key, pool, depth - 1) for key in list(value)[: 2 * _FEW]]
    yield from (new for row in itertools.zip_longest(*streams) for new in row if new is not None)
    if pool.has_none:
        yield from ({**value, key: None} for key in list(value)[: 2 * _FEW])
    if all(isinstance(key, str) for key in value):
        names = [text for text in pool.texts if text.isidentifier() and text not in value]
        yield from ({**value, name: new} for name in names for new in (name, 1))


def _vary_key(value: dict[Any, Any], key: Any, pool: Pool, depth: int) -> Iterator[dict[Any, Any]]:
    for new in find_borders(value[key], pool, depth):
        yield {**value, key: new}


def _date_borders(value: Any, _pool: Pool, _depth: int) -> Iterator[Any]:
    if isinstance(value, datetime.time):
        yield from (value.replace(hour=0, minute=0), value.replace(hour=23, minute=59))
    else:
        for month, day in ((1, 1), (2, 28), (12, 31), (11, 30)):
            yield value.replace(month=month, day=day)
        yield value.replace(year=2024, month=2, day=29)
        yield value + datetime.timedelta(days=1)


def _object_borders(value: Any, pool: Pool, depth: int) -> Iterator[Any]:
    for name, item in object_graphs.list_attributes(value)[: 2 * _FEW]:
        for new in itertools.islice(find_borders(item, pool, depth - 1), 2 * _FEW):
            other = copy.copy(value)
            try:
                object_graphs.set_attribute(other, name, new)
            except Exception:
                break  # it does not let itself be changed
            yield other


def _stream_borders(value: Any, _pool: Pool, _depth: int) -> Iterator[Any]:
    """With one number or line changed, as a file would be."""
    content = value.getvalue()
    is_text = isinstance(content, str)
    for data in vary_data(content.encode() if is_text else content):
        yield type(value)(data.decode() if is_text else data)


_FLAT: tuple[type, ...] = (bool, int, float, decimal.Decimal, str, bytes)
_WAYS: tuple[tuple[type, Callable[..., Iterator[Any]]], ...] = (
    (bool, lambda value, _pool, _depth: iter((not value,))),
    (int, _number_borders),
    (float, _number_borders),
    (decimal.Decimal, _number_borders),
    (str, _text_borders),
    (bytes, _bytes_borders),
    (list, _list_borders),
    (tuple, _tuple_borders),
    (dict, _dict_borders),
    (io.StringIO, _stream_borders),
    (io.BytesIO, _stream_borders),
    (set, lambda value, _pool, _depth: iter((set(), set(list(value)[:1])))),
    (datetime.date, _date_borders),
    (datetime.time, _date_borders),
)


def shuffle_seed() -> None:
    """Has programs that use chance use the same one in each call."""
    random.seed(7)
