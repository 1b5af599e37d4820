"""Whether a night goes on where the good nights were.

Belongs here: holding all that one run left behind against what the good nights left. Does not
belong here: a law about columns, rows or sources (`columns`, `entities`, `sources`), or what a
break means for a merge (`healer.judge`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from healer.nights.aggregates import find_total_changes
from healer.nights.columns import Column, find_changes
from healer.nights.entities import find_entity_changes, find_row_changes, list_steady_columns
from healer.nights.facts import Continuity, Difference, DifferenceKind, Night
from healer.nights.growth import find_growth
from healer.nights.sinks import list_readings_by_name, list_sinks
from healer.nights.sources import (
    Case,
    Inputs,
    find_count_change,
    find_count_source,
    find_place_now,
    find_source_changes,
    make_inputs,
)
from healer.nights.tables import Document, Table

LEAST_NIGHTS = 3
"""Two nights do not tell habit from chance."""
_OPAQUE = ("bytes", "not kept")


@dataclass(frozen=True)
class Habits:
    """What the good nights left and read, ready to hold other nights against."""

    nights: tuple[Night, ...]
    """In the order in which they were."""

    @cached_property
    def sinks(self) -> list[dict[str, Document]]:
        """By night."""
        return [list_sinks(each.effects) for each in self.nights]

    @cached_property
    def readings(self) -> list[dict[str, Document]]:
        """By night."""
        return [list_readings_by_name(each.read) for each in self.nights]

    @cached_property
    def inputs(self) -> list[Inputs]:
        """By night."""
        return [make_inputs(each) for each in self.readings]


class _Place(NamedTuple):
    """One file, output, request or mail on all nights."""

    name: str
    then: Sequence[Document]
    now: Document
    before: Sequence[Document | None]
    """What lay there before each night, this one the last."""


def check_continuity(night: Night, habits: Habits) -> Continuity:
    """Whether `night`, which comes after those of `habits`, is one more of them."""
    count = len(habits.nights)
    if count < LEAST_NIGHTS:
        why = (
            f"{count} good nights are recorded, and {LEAST_NIGHTS} are needed to know what is usual"
        )
        return Continuity("cannot-tell", count, why=why)
    then, now = habits.sinks, list_sinks(night.effects)
    differences = [*_other_ends(night, habits.nights), *_other_sinks(then, now)]
    readings = list_readings_by_name(night.read)
    read = make_inputs(readings)
    is_read = bool(read.tables) and all(each.tables for each in habits.inputs)
    sources = (habits.inputs, read) if is_read else None
    for name in now:
        if all(name in sinks for sinks in then):
            states = [_find_before(name, each) for each in (*habits.readings, readings)]
            place = _Place(name, [sinks[name] for sinks in then], now[name], states)
            differences += _other_forms(place)
            differences += _compare_tables(place, sources)
    if differences:
        return Continuity("breaks", count, tuple(differences))
    why = _why_unknown(night, then, now)
    return Continuity("cannot-tell" if why else "continues", count, why=why)


def _other_ends(night: Night, good_nights: Sequence[Night]) -> Iterator[Difference]:
    codes = {each.effects.exit_code for each in good_nights}
    code = night.effects.exit_code
    if code not in codes:
        detail = f"it ends with {code}; on {len(good_nights)} good nights with {min(codes)}"
        yield Difference("exit", "exit status", "", "", detail)


def _other_sinks(
    then: Sequence[Mapping[str, Document]], now: Mapping[str, Document]
) -> Iterator[Difference]:
    always = set.intersection(*(set(sinks) for sinks in then))
    ever = set().union(*then)
    since = f"on {len(then)} good nights"
    for name in sorted(always - set(now)):
        yield Difference("missing", name, "", "", f"it is not there; {since} always")
    if always == ever or not _keeps_growing(then):
        for name in sorted(set(now) - ever):
            yield Difference("new", name, "", "", f"it is new; {since} never")


def _keeps_growing(then: Sequence[Mapping[str, Document]]) -> bool:
    """Whether new places come up on most nights."""
    names, news = set(then[0]), 0
    for sinks in then[1:]:
        news += bool(set(sinks) - names)
        names |= set(sinks)
    return news * 2 >= len(then) - 1


def _find_before(name: str, readings: Mapping[str, Document]) -> Document | None:
    """A file of the repository is written by its path within it, and read by its whole path."""
    whole = next((each for each in readings if each == name or each.endswith(f"/{name}")), "")
    return readings.get(whole)


def _other_forms(place: _Place) -> Iterator[Difference]:
    name, then, now, _ = place
    forms = {each.form for each in then}
    if now.form not in forms and not (now.form == "empty" and not any(t.tables for t in then)):
        detail = f"it is {now.form}; on {len(then)} good nights {' or '.join(sorted(forms))}"
        if all(_drop_note(form) == _drop_note(now.form) for form in forms) and not _has_note(now):
            return  # plain characters only, this time
        yield Difference("form", name, "", "", detail)


def _drop_note(form: str) -> str:
    return form.partition(",")[0] if not form.startswith("csv with ','") else "csv with ','"


def _has_note(document: Document) -> bool:
    return document.form.endswith(("utf-8 with BOM", "not utf-8", "decimal comma"))


def _compare_tables(
    place: _Place, sources: tuple[Sequence[Inputs], Inputs] | None
) -> Iterator[Difference]:
    name, then, now, _ = place
    every = [set(document.tables) for document in then]
    for table in sorted(set.intersection(*every)):
        tables = [document.tables[table] for document in then]
        if table in now.tables:
            yield from _compare_table(name, table, tables, now.tables[table], sources)
            yield from _compare_growth(place, table, sources)
        elif all(each.rows for each in tables):
            yield Difference(
                "missing", name, table, "", f"it is not there; on {len(then)} good nights always"
            )
    if all(names == every[0] for names in every[1:]):
        for table in sorted(set(now.tables) - every[0]):
            yield Difference("new", name, table, "", f"it is new; on {len(then)} good nights never")


def _compare_growth(
    place: _Place, table: str, sources: tuple[Sequence[Inputs], Inputs] | None
) -> Iterator[Difference]:
    """What this night added to what it found, held against what the good nights added."""
    then, now = [each.tables[table] for each in place.then], place.now.tables[table]
    before = [each.tables.get(table) if each else None for each in place.before]
    growth = find_growth(then, now, before)
    if growth is None:
        return
    if growth.losses:
        since = f"on {len(then)} good nights never"
        detail = f"earlier rows are gone ({growth.losses}); {since}"
        yield Difference("rows", place.name, table, "", detail)
    part = f"{table}, what was added" if table else "what was added"
    yield from _compare_table(place.name, part, growth.then, growth.now, sources)


def _compare_table(
    name: str,
    part: str,
    then: Sequence[Table],
    now: Table,
    sources: tuple[Sequence[Inputs], Inputs] | None,
) -> Iterator[Difference]:
    def say(
        findings: Iterable[tuple[DifferenceKind, str]], column: str = ""
    ) -> Iterator[Difference]:
        return (Difference(kind, name, part, column, detail) for kind, detail in findings)

    if now.rows:
        yield from say(_other_columns(then, now))
        if sources:
            yield from say(find_source_changes(Case(then, now, *sources)))
            yield from say(find_total_changes(then, now, *sources))
    steady = list_steady_columns(then, now)
    for column in now.columns:
        if all(column in table.columns for table in then):
            history = tuple(tuple(table.column(column)) for table in then)
            facts = Column(
                column, history, tuple(now.column(column)), now.is_text, column in steady
            )
            yield from say(find_changes(facts), column)
    counter = find_count_source(then, sources[0]) if sources else None
    if counter and sources:
        counter = find_place_now(counter, *sources)
    is_counted = counter is not None and sources is not None and counter in sources[1].tables
    yield from say(find_row_changes(then, now, is_counted=is_counted))
    if now.rows:
        yield from say(find_entity_changes(then, now))
        if sources and counter:
            yield from say(find_count_change(counter, now, sources[1], len(then)))


def _other_columns(then: Sequence[Table], now: Table) -> Iterator[tuple[DifferenceKind, str]]:
    every = [table.columns for table in then if table.rows]
    if not every:
        return
    since = f"on {len(then)} good nights"
    always = set.intersection(*map(set, every))
    ever = set().union(*every)
    for column in every[0]:
        if column in always and column not in now.columns:
            yield "columns", f"column `{column}` is not there; {since} always"
    if always == ever:
        for column in now.columns:
            if column not in ever:
                yield "columns", f"column `{column}` is new; {since} never"
    is_ordered = now.is_text and len(set(every)) == 1 and set(now.columns) == ever
    if is_ordered and now.columns != every[0]:
        yield "columns", f"the columns are in another order: {', '.join(now.columns)[:80]}"


def _why_unknown(
    night: Night, then: Sequence[Mapping[str, Document]], now: Mapping[str, Document]
) -> str:
    """What keeps an answer from being given; empty where nothing does."""
    if night.effects.gaps:
        return night.effects.gaps[0]
    for name, document in now.items():
        if document.form in _OPAQUE:
            return f"`{name}` cannot be read: {document.form}"
    if not any(document.tables for sinks in then for document in sinks.values()):
        return "the good nights left nothing that can be compared"
    return ""
