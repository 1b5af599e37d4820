"""What stands under which key in a job's data, and which new key carries an old one's values.

Belongs here: reading JSON, JSON lines and tables as columns, and comparing two nights' columns.
Does not belong here: edits (`values.moved_keys`), and where the data comes from (`Case.reads`).
"""

import csv
import json
import re
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from xml.etree import ElementTree

from healer.facts.draft import ReadData

KeyPath = tuple[str, ...]
"""Keys from the outermost on; positions in lists are left out."""
Columns = Mapping[KeyPath, Sequence[str]]
"""The values under each key, as text."""
JsonObject = Mapping[object, object]
MOST_VALUES = 500
"""Of each key."""
SAME = 0.5
"""From this share of equal values on, two columns hold the same thing."""
_MARGIN = 0.2
"""A successor whose next best is not that much worse is none."""
_FEWEST_VALUES = 2
"""A single value that recurs elsewhere by chance says nothing."""
_SAME_SCALE = 3.0
"""Numbers of one kind lie within this factor from one night to the next."""
_NEAR = 0.1
"""So far may a number of one thing move from one night to the next, and still be the same field."""
_FEWEST_THINGS = 3
_DELIMITERS = ",;\t|"


def read_columns(text: str) -> Columns:
    """Empty for text that is neither JSON, nor JSON lines, nor XML, nor a table with a header;
    lines above the header, with fewer cells than the rows, are left out. Of XML: the tags within
    the root, and `@name` for an attribute."""
    columns: dict[KeyPath, list[str]] = {}
    for document in _read_documents(text.removeprefix("\ufeff")):
        _collect(document, (), columns)
    return columns


def _read_documents(text: str) -> list[object]:
    try:
        if text.lstrip()[:1] in ("{", "["):
            try:
                return [json.loads(text)]
            except ValueError:
                return [json.loads(line) for line in text.splitlines() if line.strip()]
    except (ValueError, RecursionError):
        return []
    if text.lstrip().startswith("<"):
        return _read_xml(text)
    return list(_read_table(text))


def _read_xml(text: str) -> list[object]:
    """What declares entities is not read: they could be made to grow without end."""
    if "<!" in text.replace("<!--", "").replace("<![CDATA[", ""):
        return []
    with suppress(ElementTree.ParseError, ValueError):
        return [_as_object(ElementTree.fromstring(text))]  # noqa: S314 - without declarations
    return []


def _as_object(element: ElementTree.Element) -> object:
    if not len(element) and not element.attrib:
        return element.text or ""
    children: dict[str, list[object]] = {}
    for child in element:
        children.setdefault(child.tag.rpartition("}")[2], []).append(_as_object(child))
    return {**children, **{f"@{name}": value for name, value in element.attrib.items()}}


def read_objects(reads: Iterable[ReadData]) -> Iterator[JsonObject]:
    """What a job read that is one JSON object."""
    for read in reads:
        documents = _read_documents(read.text) if read.text.lstrip().startswith("{") else []
        yield from (each for each in documents[:1] if isinstance(each, dict))


def _read_table(text: str) -> Iterator[object]:
    lines = text.splitlines()[: MOST_VALUES + 1]
    delimiter = max(_DELIMITERS, key=lambda mark: sum(mark in line for line in lines))
    with suppress(csv.Error):
        rows = list(csv.reader(lines, delimiter=delimiter))
        widths = [sum(bool(cell.strip()) for cell in row) for row in rows]
        width = statistics.mode(widths) if widths else 0
        titles = next((i for i, each in enumerate(widths) if each >= width), 0)
        if width > 1:
            header, *rest = rows[titles:]
            yield from (dict(zip(header, row, strict=False)) for row in rest)


def _collect(value: object, path: KeyPath, columns: dict[KeyPath, list[str]]) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(key, str):
                _collect(inner, (*path, key), columns)
    elif isinstance(value, list):
        for inner in value[:MOST_VALUES]:
            _collect(inner, path, columns)
    elif path:
        values = columns.setdefault(path, [])
        if len(values) < MOST_VALUES:
            values.append(_as_text(value))


def _as_text(value: object) -> str:
    """`3`, `3.0` and `"3"` are one value."""
    text = str(value).strip()
    try:
        return repr(float(text))
    except ValueError:
        return text


def find_successors(before: Columns, now: Columns) -> dict[KeyPath, KeyPath]:
    """Keys that are there no more, each with the one new key that carries its values.

    A key without a clear successor is left out: it may have been dropped.
    """
    new = [path for path in now if path not in before]
    successors: dict[KeyPath, KeyPath] = {}
    for path in (path for path in before if path not in now):
        ranking = sorted(((_score(path, before, other, now), other) for other in new), reverse=True)
        if ranking and ranking[0][0] >= SAME:
            is_clear = all(ranking[0][0] - score >= _MARGIN for score, _ in ranking[1:])
            successors |= {path: ranking[0][1]} if is_clear else {}
    heirs = list(successors.values())
    return {old: new for old, new in successors.items() if heirs.count(new) == 1}


def _score(old: KeyPath, before: Columns, new: KeyPath, now: Columns) -> float:
    """0 to 1: equal values, or else names that belong together over values of one kind."""
    old_values, new_values = before[old], now[new]
    overlap = _share_of_equals(old_values, new_values)
    overlap = max(overlap, _share_of_near(old_values, new_values, _pair(old, before, new, now)))
    if not _are_alike(old_values, new_values):
        return 0.0
    if old[-1] == new[-1]:  # the same key elsewhere, which outdoes one of the same words
        return max(overlap, SAME + 2 * _MARGIN + 0.05 + 0.05 * overlap)
    is_named_alike = is_related(old[-1], new[-1])
    return max(overlap, SAME + _MARGIN + 0.05 * overlap) if is_named_alike else overlap


def _share_of_equals(old: Sequence[str], new: Sequence[str]) -> float:
    olds, news = set(old), set(new)
    fewest = min(len(olds), len(news))
    if fewest < _FEWEST_VALUES:
        return 0.0
    return len(olds & news) / fewest


def _pair(old: KeyPath, before: Columns, new: KeyPath, now: Columns) -> list[tuple[int, int]]:
    """Places of the same things in both columns, told by a key that names each of them once."""
    for key, names in before.items():
        others = now.get(key, ())
        is_beside = len(names) == len(before[old]) and len(others) == len(now[new])
        if not is_beside or len(set(names)) < len(names) or len(set(others)) < len(others):
            continue
        places = {name: place for place, name in enumerate(others)}
        pairs = [(at, places[name]) for at, name in enumerate(names) if name in places]
        if len(pairs) >= max(_FEWEST_THINGS, min(len(names), len(others)) // 2):
            return pairs
    return []


def _share_of_near(
    old: Sequence[str], new: Sequence[str], pairs: Sequence[tuple[int, int]]
) -> float:
    """Of the same things, those whose number has hardly moved; 0 where the numbers do not tell the
    things apart."""
    before, now = _read_numbers(old), _read_numbers(new)
    if not before or not now or not pairs:
        return 0.0
    if max(before) - min(before) <= 2 * _NEAR * _typical(before):
        return 0.0
    near = sum(abs(now[there] - before[here]) <= _NEAR * abs(before[here]) for here, there in pairs)
    return near / len(pairs)


def _are_alike(old: Sequence[str], new: Sequence[str]) -> bool:
    """Values of one kind: numbers of one scale, or texts of common forms."""
    old_numbers, new_numbers = _read_numbers(old), _read_numbers(new)
    if old_numbers and new_numbers:
        low, high = sorted((_typical(old_numbers), _typical(new_numbers)))
        return high <= _SAME_SCALE * low or high == low
    if bool(old_numbers) != bool(new_numbers):
        return False
    return bool({_form(v) for v in old} & {_form(v) for v in new})


def _read_numbers(values: Sequence[str]) -> list[float]:
    """Empty where not every value is a number."""
    try:
        return [float(value) for value in values]
    except ValueError:
        return []


def _typical(numbers: Sequence[float]) -> float:
    return statistics.median(abs(number) for number in numbers)


def _form(value: str) -> str:
    """`2024-05-01` is `9-9-9`; words are `a`, whatever they are."""
    return re.sub(r"[^\W\d_]+(?:[ .'-]+[^\W\d_]+)*", "a", re.sub(r"\d+", "9", value))


def is_related(old: str, new: str) -> bool:
    """The same words in another style, number or order, or with one word more or less: `price` and
    `unitPrice`, `rates` and `rate`."""
    olds, news = _list_words(old), _list_words(new)
    return bool(olds & news) and len(olds ^ news) <= 1


def _list_words(key: str) -> set[str]:
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+", key)
    return {_singular(word.casefold()) for word in words}


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > len("ties"):
        return f"{word[:-3]}y"
    return word.removesuffix("s") if not word.endswith("ss") else word
