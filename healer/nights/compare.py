"""Whether two runs of the same night did the same, and what differs by itself from run to run.

Belongs here: one run's effects held against another's, in words; order, moments and ids count for
nothing where two runs of the same code differ in them. Does not belong here: different nights
(`continuity`).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from healer.facts.effects import Effects
from healer.nights.documents import read_document
from healer.nights.facts import Difference, DifferenceKind
from healer.nights.sinks import list_sinks
from healer.nights.tables import Document, Table, Value
from healer.nights.values import is_moment, is_random

Place = tuple[str, str, str]
"""Where, the table, the column."""
ORDER = "(order)"
"""Stands for a column where the order of rows is meant."""
BYTES = "(bytes)"
"""Stands for a column where the content is not looked into."""


def find_noise(runs: Sequence[Effects]) -> frozenset[Place]:
    """What two runs of the same code in the same world do not have in common: chance and the
    clock have a part in it."""
    return frozenset(
        (each.where, each.table, each.column)
        for other in runs[1:]
        for each in compare_effects(runs[0], other)
    )


def compare_effects(
    expected: Effects, effects: Effects, noise: frozenset[Place] = frozenset()
) -> tuple[Difference, ...]:
    """What `effects` has otherwise. A column in `noise` may hold other moments, ids and numbers,
    but not fewer of them."""
    then, now = list_sinks(expected), list_sinks(effects)
    return tuple(
        each
        for each in _find_differences(expected, effects, then, now, noise)
        if (each.where, each.table, each.column) not in noise
    )


def _find_differences(
    expected: Effects,
    effects: Effects,
    then: Mapping[str, Document],
    now: Mapping[str, Document],
    noise: frozenset[Place],
) -> Iterator[Difference]:
    if expected.exit_code != effects.exit_code:
        detail = f"it ends with {effects.exit_code}, not with {expected.exit_code}"
        yield Difference("exit", "exit status", "", "", detail)
    for name in dict.fromkeys((*then, *now)):
        if name not in now:
            yield Difference("missing", name, "", "", "it is no longer there")
        elif name not in then:
            yield Difference("new", name, "", "", "it was not there before")
        else:
            yield from _compare_documents(name, then[name], now[name], noise)
    yield from _compare_bytes(expected, effects)


def _compare_documents(
    where: str, then: Document, now: Document, noise: frozenset[Place]
) -> Iterator[Difference]:
    if then.form != now.form:
        yield Difference("form", where, "", "", f"it is {now.form}, not {then.form}")
    for name in dict.fromkeys((*then.tables, *now.tables)):
        if name not in now.tables:
            yield Difference("missing", where, name, "", "it is no longer there")
        elif name not in then.tables:
            yield Difference("new", where, name, "", "it was not there before")
        else:
            yield from _compare_tables((where, name), then.tables[name], now.tables[name], noise)


def _compare_tables(
    part: tuple[str, str], then: Table, now: Table, noise: frozenset[Place]
) -> Iterator[Difference]:
    def differ(kind: DifferenceKind, column: str, detail: str) -> Difference:
        return Difference(kind, *part, column, detail)

    yield from _compare_headers(then, now, differ)
    if len(then.rows) != len(now.rows):
        yield differ("rows", "", f"{len(now.rows)} rows, not {len(then.rows)}")
        return
    columns = [name for name in then.columns if name in now.columns]
    quiet = [name for name in columns if (*part, name) not in noise]
    rows_then, rows_now = _select(then, quiet), _select(now, quiet)
    if rows_then != rows_now and Counter(rows_then) == Counter(rows_now):
        yield differ("rows", ORDER, "the rows are in another order")
        return
    if (*part, ORDER) in noise:
        rows_then, rows_now = sorted(rows_then, key=repr), sorted(rows_now, key=repr)
    for n, name in enumerate(quiet):
        cells = [(a[n], b[n]) for a, b in zip(rows_then, rows_now, strict=True)]
        yield from _compare_cells(name, cells, differ)
    for name in columns:
        if name not in quiet and _describe(then, name) != _describe(now, name):
            detail = f"column `{name}` varies by itself, and holds other things than it did"
            yield differ("values", f"{name} (kind)", detail)


_Differ = Callable[[DifferenceKind, str, str], Difference]


def _compare_headers(then: Table, now: Table, differ: _Differ) -> Iterator[Difference]:
    for column in then.columns:
        if column not in now.columns:
            yield differ("columns", column, f"column `{column}` is no longer there")
    for column in now.columns:
        if column not in then.columns:
            yield differ("columns", column, f"column `{column}` was not there before")
    if then.is_text and set(then.columns) == set(now.columns) and then.columns != now.columns:
        yield differ("columns", "", "the columns are in another order")


def _select(table: Table, names: Sequence[str]) -> list[tuple[Value, ...]]:
    columns = [table.column(name) for name in names]
    return list(zip(*columns, strict=True)) if columns else [()] * len(table.rows)


def _compare_cells(
    name: str, cells: Sequence[tuple[Value, Value]], differ: _Differ
) -> Iterator[Difference]:
    others = [(a, b) for a, b in cells if a != b or type(a) is not type(b)]
    if others:
        before, after = others[0]
        detail = (
            f"column `{name}` is {_say(after)} and was {_say(before)}, in {len(others)} of "
            f"{len(cells)} rows"
        )
        yield differ("empty" if after is None else "values", name, detail)


def _say(value: Value) -> str:
    return "empty" if value is None else repr(value)[:60]


def _describe(table: Table, name: str) -> Counter[str]:
    """What sorts of values a column holds that differs from run to run."""
    return Counter(
        "nothing" if v is None
        else "moment" if is_moment(v)
        else "id" if is_random(v)
        else type(v).__name__
        for v in table.column(name)
    )  # fmt: skip


def _compare_bytes(expected: Effects, effects: Effects) -> Iterator[Difference]:
    """Files that cannot be read as tables, and those that say the same in other bytes."""
    before = {file.path: file for file in expected.files}
    for file in effects.files:
        old = before.get(file.path)
        if old is None or old.digest == file.digest or min(old.size, file.size) < 0:
            continue
        documents = [read_document(f.path, f.data) for f in (old, file) if f.data is not None]
        if len(documents) < 2 or not documents[0].tables:  # noqa: PLR2004 - the two of them
            detail = f"its content is another ({file.size} bytes, not {old.size})"
            yield Difference("values", file.path, "", BYTES, detail)
        elif documents[0] == documents[1] and documents[0].form != "sqlite":
            yield Difference("form", file.path, "", BYTES, "it says the same in other characters")
