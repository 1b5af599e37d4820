"""What became of the shape of a JSON document from one night to the next.

Belongs here: objects that became lists of records, and numbers that became text, as the data of two
nights shows them. Does not belong here: keys that moved (`columns`), or edits (`values.retyped`).
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import chain
from typing import NamedTuple

from healer.draft.rules.columns import KeyPath

MOST_RECORDS = 500
_FEWEST = 2
"""Names that come again, below which it may be chance."""
_HALF = 0.5
_NEAR = 0.1
"""So far may a number move from one night to the next, and still be the same field."""
_DEEPEST = 6


class Records(NamedTuple):
    """How the records of a list hold what an object held."""

    place: str
    """The key under which the list lies; empty: it is the document."""
    name: str
    """The field with the object's keys."""
    value: str
    """The field with its values; empty: the record itself is the value."""


def find_records(before: str, now: str) -> list[Records]:
    """Of each object of text keys in whose place a list of records is now, where it is clear."""
    pairs = _pair_up(_parse(before), _parse(now))
    return [each for pair in pairs if (each := _compare(*pair)) is not None]


def find_retyped(before: str, now: str) -> dict[str, str]:
    """Keys under which only numbers were and only texts of numbers are now, each with what reads
    them: `int` where all are whole, else `float`."""
    old, new = dict[str, list[object]](), dict[str, list[object]]()
    for document, values in ((_parse(before), old), (_parse(now), new)):
        for key, value in _walk(document):
            values.setdefault(key, []).append(value)
    readers = {key: _find_reader(old[key], values) for key, values in new.items() if key in old}
    return {key: reader for key, reader in readers.items() if reader}


def _parse(text: str) -> object:
    with suppress(ValueError, RecursionError):
        return json.loads(text.removeprefix("\ufeff"))
    return None


def _pair_up(
    old: object, new: object, path: KeyPath = ("",)
) -> Iterator[tuple[str, object, object]]:
    """What lies at the same place on both nights, with its key."""
    yield path[-1], old, new
    if len(path) < _DEEPEST and isinstance(old, dict) and isinstance(new, dict):
        for key in old.keys() & new.keys():
            yield from _pair_up(old[key], new[key], (*path, str(key)))


def _compare(place: str, old: object, new: object) -> Records | None:
    if not isinstance(old, dict) or not isinstance(new, list) or len(new) > MOST_RECORDS:
        return None
    records = [each for each in new if isinstance(each, dict)]
    if len(records) < len(new) or len(new) < _FEWEST:
        return None
    fields = set.intersection(*(set(each) for each in records))
    names = [name for name in sorted(fields) if _names_them(name, old, records)]
    if len(names) != 1:
        return None
    name = names[0]
    if all(isinstance(value, dict) for value in old.values()):
        inner = set(chain.from_iterable(old.values()))
        return Records(place, name, "") if inner <= fields else None
    values = [field for field in sorted(fields - {name}) if _holds_them(field, name, old, records)]
    return Records(place, name, values[0]) if len(values) == 1 else None


def _names_them(field: str, old: dict[str, object], records: Sequence[dict[str, object]]) -> bool:
    names = [each[field] for each in records]
    if not all(isinstance(name, str) for name in names) or len({*names}) < len(names):
        return False
    common = len(old.keys() & {*map(str, names)})
    return common >= max(_FEWEST, _HALF * min(len(old), len(names)))


def _holds_them(
    field: str, name: str, old: dict[str, object], records: Sequence[dict[str, object]]
) -> bool:
    """Most of the same things have nearly the value that they had."""
    pairs = [(old[str(each[name])], each[field]) for each in records if str(each[name]) in old]
    return sum(_are_near(a, b) for a, b in pairs) > _HALF * len(pairs)


def _are_near(old: object, new: object) -> bool:
    if _is_number(old) and _is_number(new):
        return abs(float(str(new)) - float(str(old))) <= _NEAR * abs(float(str(old)))
    return type(old) is type(new) and old == new


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _walk(document: object, path: KeyPath = ()) -> Iterator[tuple[str, object]]:
    """The values under each key, by its last word."""
    if isinstance(document, dict) and len(path) < _DEEPEST:
        for key, value in document.items():
            yield from _walk(value, (*path, str(key)))
    elif isinstance(document, list):
        for value in document[:MOST_RECORDS]:
            yield from _walk(value, path)
    elif path:
        yield path[-1], document


def _find_reader(old: Sequence[object], new: Sequence[object]) -> str:
    texts = [each for each in new if isinstance(each, str)]
    if len(texts) < len(new) or not all(map(_is_number, old)):
        return ""
    try:
        numbers = [float(text) for text in texts]
    except ValueError:
        return ""
    is_whole = all(text.strip().lstrip("+-").isdigit() for text in texts)
    if is_whole and all(isinstance(each, int) for each in old):
        return "int"
    return "float" if all(abs(number) < float("inf") for number in numbers) else ""
