"""What a column was on good nights, and what of it is otherwise now.

Belongs here: laws about the values of one column, whatever row they stand in. A new law is a
function in `LAWS`. Does not belong here: rows and entities (`entities`), or where values come from
(`sources`).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from healer.nights.facts import DifferenceKind
from healer.nights.tables import Value
from healer.nights.values import count_decimals, describe_kind, is_stand_in, read_number

FEW = 5
"""Values of all good nights together below which a column's habits are not known."""
SOME = 20
"""Values from which on it counts that something never occurred."""
MOST_CATEGORIES = 12
_GARBLE = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152-\u2122]|\u00e2\u20ac|\ufffd|\\\\x[0-9a-f]{2}|\\\\u[0-9a-f]{4}"
)
"""UTF-8 read as something else, or escapes that were to be characters."""
_WRAP = re.compile(r"^b['\"]|^[\[{(].*[\])}]$|^<.*>$|^Decimal\(|</?[a-z]+>|&[a-z]+;")
"""Python's or a markup's own spelling around a value."""
Finding = tuple[DifferenceKind, str]


@dataclass(frozen=True)
class Column:
    """One column on the good nights, and now."""

    name: str
    then: tuple[tuple[Value, ...], ...]
    """By night, in their order."""
    now: tuple[Value, ...]
    is_text: bool
    is_steady: bool = False
    """Most values of now belong to things that had the same value on the night before."""

    @cached_property
    def pool(self) -> list[Value]:
        """What was there on any good night."""
        return [value for night in self.then for value in night if value is not None]

    @cached_property
    def values(self) -> list[Value]:
        return [value for value in self.now if value is not None]

    @cached_property
    def numbers(self) -> list[float]:
        """Of the good nights; empty where one of them held anything else."""
        numbers = [read_number(value) for value in self.pool]
        return [n for n in numbers if n is not None] if None not in numbers else []

    @cached_property
    def numbers_now(self) -> list[float]:
        return [n for n in map(read_number, self.values) if n is not None]

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(describe_kind(value, self.is_text) for value in self.pool)

    @property
    def is_moment(self) -> bool:
        return bool(self.kinds) and all(kind.startswith("a moment") for kind in self.kinds)

    @property
    def is_random(self) -> bool:
        return self.kinds == {"an id"}

    @property
    def since(self) -> str:
        return f"on {len(self.then)} good nights"


def find_changes(column: Column) -> Iterator[Finding]:
    """What is otherwise than on the good nights, the most telling first; a column that is empty or
    of another type is not looked at further."""
    for law in LAWS:
        findings = list(law(column))
        yield from findings
        if findings and law in _FIRST:
            return


def _empty_cells(column: Column) -> Iterator[Finding]:
    if not column.now:
        return
    count = len(column.now) - len(column.values)
    shares = [1 - _count_values(night) / len(night) for night in column.then if night]
    most = max(shares, default=1.0)
    rows = sum(map(len, column.then))
    if count and most == 0 and rows >= FEW:
        yield (
            "empty",
            f"{_name(column)} is empty in {count} of {len(column.now)} rows; {column.since} never",
        )
    elif count > (1.5 * most * len(column.now)) + 2 and count / len(column.now) > most:
        yield (
            "empty",
            f"{_name(column)} is empty in {count} of {len(column.now)} rows; {column.since} in at "
            f"most {most:.0%}",
        )


def _count_values(night: Sequence[Value]) -> int:
    return sum(value is not None for value in night)


def _other_types(column: Column) -> Iterator[Finding]:
    if len(column.pool) < FEW or not column.values:
        return
    kinds = {describe_kind(value, column.is_text): value for value in reversed(column.values)}
    new = {kind: value for kind, value in kinds.items() if kind not in column.kinds}
    if "text" in column.kinds:
        count = sum(describe_kind(v, column.is_text) != "text" for v in column.values)
        if column.kinds != {"text"} or count * 2 <= len(column.values):
            new = {kind: value for kind, value in new.items() if kind == "no number"}
    for kind, value in list(new.items())[:1]:
        yield (
            "type",
            f"{_name(column)} holds {value!r}, {kind}; {column.since} {_list_some(column.kinds)}",
        )


def _other_numbers(column: Column) -> Iterator[Finding]:
    """Whole numbers stay whole; digits after the point do not become more."""
    if not column.numbers or len(column.pool) < FEW or not column.numbers_now:
        return
    then = [count_decimals(value) for value in column.pool]
    now = {count_decimals(value): value for value in column.values}
    is_whole = all(n == int(n) for n in column.numbers)
    fraction = next((n for n in column.numbers_now if n != int(n)), None)
    if is_whole and fraction is not None:
        yield "type", f"{_name(column)} holds {fraction:g}; {column.since} whole numbers only"
    elif max(now) > max(then) and len(then) >= SOME and not is_whole:
        yield (
            "type",
            f"{_name(column)} holds {now[max(now)]} with {max(now)} digits after the point; "
            f"{column.since} at most {max(then)}",
        )
    elif max(now) < min(then) and len(then) >= FEW:
        yield (
            "type",
            f"{_name(column)} holds {column.values[0]}; {column.since} always with {min(then)} "
            "or more digits after the point",
        )


def _stand_ins(column: Column) -> Iterator[Finding]:
    """What stands where no value is known, and never stood there before."""
    if len(column.pool) < SOME or any(is_stand_in(value) for value in column.pool):
        return
    if column.numbers and min(column.numbers) < 0:
        return  # then nought is a number as any other
    news = [value for value in column.values if is_stand_in(value)]
    if news:
        yield "values", f"{_name(column)} is {news[0]!r} in {len(news)} rows; {column.since} never"


def _other_signs_and_ranges(column: Column) -> Iterator[Finding]:
    then, now = column.numbers, column.numbers_now
    if len(then) < FEW or not now or column.is_moment:
        return
    low, high = min(then), max(then)
    if low >= 0 and min(now) < 0:
        yield "range", f"{_name(column)} is {min(now):g}; {column.since} never below {low:g}"
        return
    if high <= 0 < max(now):
        yield "range", f"{_name(column)} is {max(now):g}; {column.since} never above {high:g}"
        return
    slack = max((high - low) / 2, max(abs(low), abs(high)) / 4)
    for value in (min(now), max(now)):
        if not low - slack <= value <= high + slack:
            yield "range", f"{_name(column)} is {value:g}; {column.since} from {low:g} to {high:g}"
            return
    yield from _other_middles(column)


def _other_middles(column: Column) -> Iterator[Finding]:
    """The middle of many values moves less than each of them does; where most
    things have the value that they had, new ones may move it."""
    if column.is_steady:
        return
    middles = [
        median(n for n in map(read_number, night) if n is not None)
        for night in column.then
        if any(value is not None for value in night)
    ]
    if len(column.numbers_now) < FEW or len(middles) < 3:  # noqa: PLR2004 - two have no spread
        return
    low, high = min(middles), max(middles)
    slack = max(high - low, max(abs(low), abs(high)) * 0.4)
    middle = median(column.numbers_now)
    if not low - slack <= middle <= high + slack:
        yield (
            "range",
            f"{_name(column)} is {middle:g} in the middle; {column.since} from {low:g} to {high:g}",
        )


def _one_value(column: Column) -> Iterator[Finding]:
    """Where rows differed, they still do."""
    if len(column.now) < FEW - 1 or column.is_moment:
        return
    shares = [len(set(night)) / len(night) for night in column.then if len(night) >= FEW - 1]
    share = len(set(column.now)) / len(column.now)
    if shares and (share < min(shares) / 2 or (len(set(column.now)) == 1 and min(shares) > share)):
        yield (
            "values",
            f"{_name(column)} has {len(set(column.now))} values in {len(column.now)} rows, such as "
            f"{column.now[0]!r}; {column.since} at least {min(shares):.0%} of the rows differ",
        )


def _other_texts(column: Column) -> Iterator[Finding]:
    """Broken encoding, a value in its quotes or brackets, a word that is none of the few."""
    texts = [value for value in column.values if isinstance(value, str)]
    pool = [value for value in column.pool if isinstance(value, str)]
    for pattern, what in ((_GARBLE, "broken characters"), (_WRAP, "the spelling of a program")):
        news = next((text for text in texts if pattern.search(text)), None)
        if news is not None and not any(pattern.search(text) for text in pool):
            yield "values", f"{_name(column)} holds {news[:60]!r}, {what}; {column.since} never"
            return
    words = set(pool)
    is_closed = 1 < len(words) <= MOST_CATEGORIES and len(pool) >= max(SOME, 6 * len(words))
    if is_closed and not column.numbers and not column.is_moment:
        nights = [{v for v in night if isinstance(v, str)} for night in column.then]
        known_early = set().union(*nights[:2]) == words
        new = next((text for text in texts if text not in words), None)
        if new is not None and known_early and min(map(len, column.then)) > len(words):
            yield (
                "values",
                f"{_name(column)} holds {new[:60]!r}; {column.since} {_list_some(words)}",
            )


def _name(column: Column) -> str:
    return f"column `{column.name}`"


def _list_some(names: frozenset[str] | set[str]) -> str:
    some = sorted(names)[:4]
    return " or ".join(some) + (" or more" if len(names) > len(some) else "")


LAWS: tuple[Callable[[Column], Iterator[Finding]], ...] = (
    _empty_cells,
    _other_types,
    _other_numbers,
    _stand_ins,
    _other_signs_and_ranges,
    _one_value,
    _other_texts,
)
"""In the order in which a person reads them."""
_FIRST = (_empty_cells, _other_types)
