"""Totals: a written number that follows from a whole field of what was read.

Belongs here: which field a sum, a mean or a count is of, on good nights and now. Does not belong
here: columns that are copies, row by row (`sources`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from statistics import fmean
from typing import NamedTuple

from healer.nights.columns import Finding
from healer.nights.sources import Field, Inputs
from healer.nights.tables import Table
from healer.nights.values import count_decimals, read_number

FUNCTIONS: dict[str, Callable[[Sequence[float]], float]] = {"sum": sum, "mean": fmean}
LEAST_VALUES = 2
"""Different totals on the good nights, below which one may be there by chance."""
EXACT = 1e-6
"""Of a factor: by so much it may differ from night to night beside rounding."""


class Aggregate(NamedTuple):
    """A function of all values of a field."""

    function: str
    field: Field


def find_total_changes(
    then: Sequence[Table], now: Table, inputs: Sequence[Inputs], read: Inputs
) -> Iterator[Finding]:
    """Totals that are those of another field now, or of none. Only tables of one row are asked."""
    if len(now.rows) != 1 or any(len(table.rows) != 1 for table in then):
        return
    totals_then, totals_now = [_list_totals(each) for each in inputs], _list_totals(read)
    fields = {field for each in inputs for field, _ in each.list_fields()}
    for name in now.columns:
        numbers = [_read(table, name) for table in (*then, now)]
        values = [number for number, _ in numbers]
        if None in values or len(set(values[:-1])) < LEAST_VALUES:
            continue
        origins = _find_origins(numbers[:-1], totals_then)
        if origins:
            yield from _compare(name, origins, numbers[-1], totals_now, fields)


Number = tuple[float | None, float]
"""A number, and by how much rounding may change it."""


def _read(table: Table, name: str) -> Number:
    if name not in table.columns:
        return None, 0.0
    value = table.column(name)[0]
    return read_number(value), 0.51 * 10.0 ** -count_decimals(value)


def _list_totals(inputs: Inputs) -> dict[Aggregate, float]:
    totals = {}
    for field, table in inputs.list_fields():
        values = [value for value in table.column(field.column) if value is not None]
        numbers = [number for number in map(read_number, values) if number is not None]
        if numbers and len(numbers) == len(values):
            for name, function in FUNCTIONS.items():
                totals[Aggregate(name, field)] = function(numbers)
    return totals


def _find_origins(
    numbers: Sequence[Number], totals: Sequence[Mapping[Aggregate, float]]
) -> dict[Aggregate, float]:
    """What the number was on every night, with the factor between them."""
    origins = {}
    for aggregate, first in totals[0].items():
        others = [each.get(aggregate) for each in totals]
        if not first or None in others:
            continue
        factor = (numbers[0][0] or 0.0) / first
        factor = 1.0 if _is_total(numbers[0], first, 1.0) else factor
        pairs = zip(numbers, others, strict=True)
        if factor and all(_is_total(number, total, factor) for number, total in pairs):
            origins[aggregate] = factor
    exact = {aggregate: factor for aggregate, factor in origins.items() if factor == 1.0}
    return exact or origins


def _is_total(number: Number, total: float | None, factor: float) -> bool:
    value, tolerance = number
    if value is None or total is None:
        return False
    return abs(value - total * factor) <= tolerance + EXACT * abs(value)


def _compare(
    name: str,
    origins: Mapping[Aggregate, float],
    number: Number,
    totals: Mapping[Aggregate, float],
    fields_then: set[Field],
) -> Iterator[Finding]:
    wanted_factors = {(a.function, factor) for a, factor in origins.items()}
    matches = [
        aggregate
        for aggregate, total in totals.items()
        for function, factor in wanted_factors
        if aggregate.function == function and _is_total(number, total, factor)
    ]
    if any(each in origins or each.field not in fields_then for each in matches):
        return
    function, field = next(iter(origins))
    was = f"on the good nights it was the {function} of `{field.column}`"
    if matches:
        other = matches[0]
        what = f"follows from the {other.function} of `{other.field.column}`"
        yield "source", f"column `{name}` {what}; {was}"
    else:
        yield "source", f"column `{name}` follows from no field that was read; {was}"
