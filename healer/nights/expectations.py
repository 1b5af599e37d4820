"""What a job's owner says a good outcome is, and whether a run keeps to it.

Belongs here: one `[[job.expect]]` of healer.toml, and holding effects against it. Does not belong
here: proposing them from nights (`propose`), or what a broken one leads to (`healer.watch`,
`healer.evidence`). `healer run` reads them without the configuration's model.
"""

import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any, ClassVar

from healer.facts.effects import Effects, FileEffect
from healer.nights.documents import read_document
from healer.nights.facts import Difference, DifferenceKind
from healer.nights.tables import Table
from healer.nights.values import describe_kind, read_number

BROKEN_EXPECTATION = "healer.ExpectationError"
"""Stands for the exception of a run that ended well and left something else than expected."""
Span = tuple[float, float]


@dataclass(frozen=True)
class Expectation:
    """What one file, or the run as a whole, is to be."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}

    file: str = ""
    """Relative to the repository's root, or from `/` on; `*` stands for what changes. It must be
    written by the run. Empty: the run as a whole."""
    table: str = ""
    """Of a file that holds several: its name."""
    rows: str = ""
    """At least and at most: `20..60`, `1..`, `31`."""
    columns: tuple[str, ...] = ()
    """All of them, in any order."""
    not_null: tuple[str, ...] = ()
    unique: tuple[str, ...] = ()
    kinds: Mapping[str, str] = field(default_factory=dict)
    """By column: what each of its values is, such as `a number`; `1.08 EUR` is `a number in EUR`,
    `1,08` is `a number with a decimal comma`."""
    min: Mapping[str, float] = field(default_factory=dict)
    max: Mapping[str, float] = field(default_factory=dict)
    sum: Mapping[str, str] = field(default_factory=dict)
    """By column: between which two numbers the sum lies, as for `rows`."""
    stdout: str = ""
    """A regular expression that is found in what the run prints."""
    requests: str = ""
    """How many requests that may change something it sends, as for `rows`."""
    max_s: float | None = None

    def __post_init__(self) -> None:
        """Raises ValueError for a span or an expression that cannot be read."""
        for span in (self.rows, self.requests, *self.sum.values()):
            read_span(span)
        try:
            re.compile(self.stdout)
        except re.error as error:
            raise ValueError(
                f"stdout = {self.stdout!r} is no regular expression: {error}"
            ) from None


def make_expectation(**entry: object) -> Expectation:
    """From a table of healer.toml that no model has read. Raises TypeError for unknown keys, and
    ValueError for what cannot be read."""
    unknown = set(entry) - {each.name for each in fields(Expectation)}
    if unknown:
        raise TypeError(f"expect has no key {sorted(unknown)[0]!r}")
    return Expectation(**entry)  # type: ignore[arg-type]  # a wrong type fails where it is used


def read_span(text: str) -> Span:
    """`20..60`, `1..`, `..9` or `31` as the least and the most. Raises ValueError."""
    if not isinstance(text, str):
        raise ValueError(f'{text!r} is no text; write "20..60"')  # noqa: TRY004 - told as others
    low, dots, high = text.partition("..")
    try:
        least = float(low) if low else -math.inf
        most = least if text and not dots else float(high) if high else math.inf
    except ValueError:
        raise ValueError(f"{text!r} is no span; write 20..60, 1.. or 31") from None
    if least > most:
        raise ValueError(f"{text!r} holds nothing: the least stands first, such as 20..60")
    return least, most


def find_broken(
    expectations: Iterable[Expectation], effects: Effects, seconds: float | None = None
) -> tuple[Difference, ...]:
    """What is otherwise than expected. `seconds`: how long the run took; None: not known, as are
    requests where a gap says so."""
    return tuple(
        difference
        for each in expectations
        for difference in (
            *(_check_file(each, effects) if each.file else ()),
            *_check_run(each, effects, seconds),
        )
    )


def _check_run(
    expectation: Expectation, effects: Effects, seconds: float | None
) -> Iterator[Difference]:
    pattern = expectation.stdout
    text = effects.stdout.decode("utf-8", "replace")
    if pattern and not re.search(pattern, text, re.MULTILINE):
        yield _differ("values", "stdout", "", f"{pattern!r} is not found in what it printed")
    count = len(effects.requests)
    if not effects.gaps and not _is_within(expectation.requests, count):
        yield _differ("rows", "requests", "", f"{count} were sent, not {expectation.requests}")
    if expectation.max_s is not None and seconds is not None and seconds > expectation.max_s:
        detail = f"it took {seconds:.1f} s, more than {expectation.max_s:g}"
        yield _differ("range", "duration", "", detail)


def _check_file(expectation: Expectation, effects: Effects) -> Iterator[Difference]:
    name = expectation.file
    files = [each for each in effects.files if each.size >= 0 and fnmatchcase(each.path, name)]
    if not files:
        yield _differ("missing", name, "", "it was not written")
    for file in files:
        if not file.size:
            yield _differ("rows", file.path, "", "it is empty")
        elif file.data is not None:
            yield from _check_content(expectation, file, file.data)


def _check_content(expectation: Expectation, file: FileEffect, data: bytes) -> Iterator[Difference]:
    tables = read_document(file.path, data).tables
    table = tables.get(expectation.table)
    if table is None and not expectation.table and len(tables) == 1:
        table = next(iter(tables.values()))
    if table is None:
        if _needs_table(expectation):
            what = f"table `{expectation.table}`" if expectation.table else "table"
            yield _differ("form", file.path, "", f"no {what} can be read in it")
        return
    for kind, column, detail in _check_table(expectation, table):
        yield _differ(kind, file.path, column, detail)


def _needs_table(expectation: Expectation) -> bool:
    parts = ("rows", "columns", "not_null", "unique", "kinds", "min", "max", "sum")
    return any(getattr(expectation, part) for part in parts)


Finding = tuple[DifferenceKind, str, str]


def _check_table(expectation: Expectation, table: Table) -> Iterator[Finding]:
    count = len(table.rows)
    if not _is_within(expectation.rows, count):
        yield "rows", "", f"{count} rows, not {expectation.rows}"
    numbers = (*expectation.min, *expectation.max, *expectation.sum)
    names = (*expectation.columns, *expectation.not_null, *expectation.unique, *numbers)
    names = (*names, *expectation.kinds)
    for name in dict.fromkeys(names):
        if name not in table.columns and count:
            yield "columns", name, f"column `{name}` is not there"
    for name in expectation.not_null:
        empty = _column(table, name).count(None)
        if empty:
            yield "empty", name, f"column `{name}` is empty in {empty} of {count} rows"
    for name in expectation.unique:
        values = _column(table, name)
        twice = next((value for value in values if values.count(value) > 1), None)
        if twice is not None:
            yield "twice", name, f"column `{name}` has {twice!r} more than once"
    yield from _check_kinds(expectation, table)
    for name in dict.fromkeys(numbers):
        yield from _check_numbers(name, expectation, table)


def _check_kinds(expectation: Expectation, table: Table) -> Iterator[Finding]:
    for name, kind in expectation.kinds.items():
        values = (value for value in _column(table, name) if value is not None)
        kinds = ((value, describe_kind(value, table.is_text)) for value in values)
        other = next((pair for pair in kinds if pair[1] != kind), None)
        if other is not None:
            yield (
                "type",
                name,
                f"column `{name}` holds {other[0]!r}, which is {other[1]}, not {kind}",
            )


def _check_numbers(name: str, expectation: Expectation, table: Table) -> Iterator[Finding]:
    values = [value for value in _column(table, name) if value is not None]
    numbers = [number for number in map(read_number, values) if number is not None]
    if len(numbers) < len(values):
        other = next(value for value in values if read_number(value) is None)
        yield "type", name, f"column `{name}` holds {other!r}, which is no number"
    least, most = expectation.min.get(name), expectation.max.get(name)
    if numbers and least is not None and min(numbers) < least:
        yield "range", name, f"column `{name}` is {min(numbers):g}, less than {least:g}"
    if numbers and most is not None and max(numbers) > most:
        yield "range", name, f"column `{name}` is {max(numbers):g}, more than {most:g}"
    span = expectation.sum.get(name, "")
    if not _is_within(span, sum(numbers)):
        yield "range", name, f"the sum of `{name}` is {sum(numbers):g}, not {span}"


def _column(table: Table, name: str) -> list[Any]:
    return table.column(name) if name in table.columns else []


def _is_within(span: str, number: float) -> bool:
    least, most = read_span(span)
    return least <= number <= most


def _differ(kind: DifferenceKind, where: str, column: str, detail: str) -> Difference:
    return Difference(kind, where, "", column, detail)
