"""Where written values come from: the field that was read, on good nights and now.

Belongs here: finding for each written column the field that it is a copy of, by row where a key
joins them, else by its set of values; and what it is a copy of now. Does not belong here: what a
column is by itself (`columns`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import NamedTuple

from healer.nights.columns import Finding
from healer.nights.entities import Key, find_key, list_keys
from healer.nights.tables import Document, Table, Value
from healer.nights.values import count_decimals, list_readings, read_number

MOST_FIELDS = 120
"""Fields of one night that are looked at."""
MOST_ROWS = 2_000
LEAST_PAIRS = 3
"""Values that agree, below which it may be chance."""


class Field(NamedTuple):
    """One field of what was read: the reading, its table, its column."""

    reading: str
    table: str
    column: str


@dataclass(frozen=True)
class Inputs:
    """What one night read."""

    tables: Mapping[tuple[str, str], Table]

    def list_fields(self) -> Iterator[tuple[Field, Table]]:
        every = (
            (Field(*place, column), table)
            for place, table in self.tables.items()
            for column in table.columns
        )
        return islice(every, MOST_FIELDS)


def make_inputs(documents: Mapping[str, Document]) -> Inputs:
    """The tables of all that was read; what is too long to be joined is left out."""
    return Inputs(
        {
            (reading, name): table
            for reading, document in documents.items()
            for name, table in document.tables.items()
            if table.rows and len(table.rows) <= MOST_ROWS
        }
    )


def find_count_source(then: Sequence[Table], inputs: Sequence[Inputs]) -> tuple[str, str] | None:
    """The table that was read and has as many rows as what is written, on every good night."""
    for place in inputs[0].tables:
        tables = [each.tables.get(place) for each in inputs]
        if all(
            t is not None and len(t.rows) == len(w.rows) for t, w in zip(tables, then, strict=True)
        ):
            counts = [len(table.rows) for table in then]
            if max(counts) >= LEAST_PAIRS:
                return place
    return None


def find_place_now(
    source: tuple[str, str], inputs: Sequence[Inputs], read: Inputs
) -> tuple[str, str]:
    """Where that table lies on this night: an envelope has fields of its own where the list was.
    The one table that has at least half of its columns and more of them than any other; else the
    same place."""
    columns = set.intersection(*(set(each.tables[source].columns) for each in inputs))
    shares = {place: len(columns & {*table.columns}) for place, table in read.tables.items()}
    most = max(shares.values(), default=0)
    best = [place for place, share in shares.items() if share == most]
    is_clear = len(best) == 1 and 2 * most >= len(columns) > 0
    return best[0] if is_clear else source


def find_count_change(
    source: tuple[str, str], now: Table, read: Inputs, nights: int
) -> Iterator[Finding]:
    """Rows that were read and are not written, or the other way round."""
    table = read.tables.get(source)
    if table is not None and len(table.rows) != len(now.rows):
        yield (
            "rows",
            f"{len(now.rows)} rows are written of {len(table.rows)} that were read; on {nights} "
            "good nights all",
        )


class Link(NamedTuple):
    """How a column follows from a field."""

    is_by_row: bool
    factor: float
    """What numbers are multiplied with; 1 for everything else."""


@dataclass(frozen=True)
class Case:
    """One table as it was written on the good nights and now, with what was read."""

    then: Sequence[Table]
    now: Table
    inputs: Sequence[Inputs]
    read: Inputs

    @cached_property
    def key(self) -> Key:
        return find_key(self.then)

    @cached_property
    def fields_then(self) -> set[Field]:
        return {field for each in self.inputs for field, _ in each.list_fields()}

    @property
    def since(self) -> str:
        return f"on {len(self.then)} good nights"


def find_source_changes(case: Case) -> Iterator[Finding]:
    """Columns that hold now what they did not hold then."""
    for name in case.now.columns:
        if not all(name in table.columns for table in case.then):
            continue
        pairs = zip(case.then, case.inputs, strict=True)
        links = [dict(_find_links(table, name, case.key, inputs)) for table, inputs in pairs]
        origins = {
            field: link
            for field, link in links[0].items()
            if all(each.get(field) == link for each in links)
        }
        columns = (table.column(name) for table in case.then)
        values = {spell for column in columns for v in column for spell in list_readings(v)}
        if origins and len(values) >= LEAST_PAIRS:
            yield from _compare(name, origins, case)


def _compare(name: str, origins: Mapping[Field, Link], case: Case) -> Iterator[Finding]:
    links = dict(_find_links(case.now, name, case.key, case.read))
    if any(links.get(field) == link for field, link in origins.items()):
        yield from _find_inventions(name, origins, case)
        return
    if any(field in origins or _is_new_name(field, origins, case) for field in links):
        return  # ranges tell whether it has another unit
    origin = next(iter(origins)).column
    others = [field.column for field, link in links.items() if link.factor == 1.0]
    stranger = next(iter(_list_strangers(case.now.column(name), case.read)), None)
    what = f"column `{name}` "
    if others:
        what += f"holds what was read as `{others[0]}`; {case.since} it held `{origin}`"
    elif stranger is not None:
        what += f"holds {stranger!r}, which was not read; {case.since} it held `{origin}`"
    else:
        what += f"no longer holds `{origin}` row by row; {case.since} it did"
    yield "source", what


def _is_new_name(field: Field, origins: Mapping[Field, Link], case: Case) -> bool:
    """It may be an origin that is called otherwise now. Where a whole table has moved, as into an
    envelope, or under another address, its other columns are as well known as they were."""
    if field in case.fields_then:
        return False
    places = {(each.reading, each.table) for each in case.fields_then}
    others = {each.column for each in case.fields_then - origins.keys()}
    others -= {each.column for each in origins}
    return (field.reading, field.table) in places or field.column not in others


def _list_strangers(values: Iterable[Value], read: Inputs) -> Iterator[Value]:
    """Values that stand in nothing that was read."""
    spells = {
        spell
        for field, table in read.list_fields()
        for value in table.column(field.column)
        for spell in list_readings(value)
    }
    return (v for v in values if v is not None and not (list_readings(v) & spells))


def _find_inventions(name: str, origins: Mapping[Field, Link], case: Case) -> Iterator[Finding]:
    """A value where the field itself has none, as never before."""
    for field, link in origins.items():
        nights = zip((*case.then, case.now), (*case.inputs, case.read), strict=True)
        if link.is_by_row:
            values = [_list_inventions(name, field, case.key, *night) for night in nights]
            if values[-1] and not any(values[:-1]):
                detail = f"{values[-1][0]!r} where nothing was read; {case.since} never"
                yield "source", f"column `{name}` is {detail}"
                return


def _list_inventions(
    name: str, field: Field, key: Key, table: Table, inputs: Inputs
) -> list[Value]:
    source = inputs.tables.get((field.reading, field.table))
    if source is None or field.column not in source.columns:
        return []
    pairs = _join(table, name, key, source, field.column)
    return [value for value, origin in pairs if origin is None and value is not None]


def _find_links(table: Table, name: str, key: Key, inputs: Inputs) -> Iterator[tuple[Field, Link]]:
    """Fields that the column follows from, on this night."""
    values = table.column(name)
    if not values:
        return
    spells = [list_readings(value) for value in values]
    for field, source in inputs.list_fields():
        pairs = list(_join(table, name, key, source, field.column)) if name not in key else []
        if len(pairs) >= LEAST_PAIRS:
            factor = _find_factor(pairs)
            if factor:
                yield field, Link(is_by_row=True, factor=factor)
            continue
        others = {spell for value in source.column(field.column) for spell in list_readings(value)}
        if any(spells) and all(spell & others for spell in spells if spell):
            yield field, Link(is_by_row=False, factor=1.0)


def _join(
    table: Table, name: str, key: Key, source: Table, column: str
) -> Iterator[tuple[Value, Value]]:
    """What is written beside what was read, for each row that a key of both names."""
    if len(key) != 1 or key[0] not in table.columns:
        return
    keys = list_keys(table, key)
    for other in source.columns:
        names = list_keys(source, (other,))
        if len(set(names)) == len(names) and set(keys) <= set(names):
            values = dict(zip(names, source.column(column), strict=True))
            for k, value in zip(keys, table.column(name), strict=True):
                yield value, values[k]
            return


def _find_factor(cells: Sequence[tuple[Value, Value]]) -> float:
    """1 where both are the same in every row, the factor where numbers have one, else 0. Rows with
    nothing on either side say nothing."""
    both = [(a, b) for a, b in cells if a is not None and b is not None]
    if not both:
        return 0.0
    if all(list_readings(a) & list_readings(b) for a, b in both):
        return 1.0
    numbers = [(read_number(a), read_number(b)) for a, b in both]
    pairs = [(a, b) for a, b in numbers if a is not None and b is not None]
    a, b = max(pairs, key=lambda pair: abs(pair[1]), default=(0.0, 0.0))
    if len(pairs) < len(both) or not a or not b:
        return 0.0
    tolerance = 0.51 * 10.0 ** -max(count_decimals(value) for value, _ in both)
    for factor in (1.0, float(f"{a / b:.4g}")):
        if all(abs(x - y * factor) <= tolerance for x, y in pairs):
            return factor
    return 0.0
