"""Right or lucky: survivors that behave alike form a group, and several groups are a question.

Belongs here: telling survivors apart. Does not belong here: running them (`comparison`).
"""

from collections.abc import Mapping, Sequence

from healer.draft.search.missing_return import loses_a_value
from healer.draft.search.operators.mutation import operator_of
from healer.draft.search.ranking import DESTRUCTIVE
from healer.draft.search.variant_maker import Variant
from healer.facts.draft import Difference
from sandbox import Behaviour

MAX_ROWS = 5
RARE = 0.2
"""Raising on fewer of the inputs than this is behaviour; on more, the inputs are not valid ones."""
_MUCH_MORE = 2.0
"""Times the least work of a group: below, differences are noise."""
_NOTICEABLE_S = 0.001

ENDLESS, SLOW = "does not end", "is slow"
"""As the sandbox says it: an input is endless after much time, and slow where none was left."""

Table = Mapping[str, str]
"""Result by arguments, both as text."""


def drop_destructive(survivors: Sequence[Variant]) -> list[Variant]:
    """The survivors that keep what the code does; all of them where there are no others."""
    harmless = [variant for variant in survivors if not is_destructive(variant)]
    return harmless or list(survivors)


def is_destructive(variant: Variant) -> bool:
    """It takes functionality away, treats one input apart, or gives nothing where there was always
    a value before."""
    if any(operator_of(shape) in DESTRUCTIVE for shape in variant.shapes):
        return True
    return variant.pair is not None and loses_a_value(*variant.pair)


def group_by_behaviour(
    indices: Sequence[int], behaviours: Sequence[Behaviour]
) -> tuple[list[list[int]], list[Difference]]:
    """Those of `indices` that behave alike, in their order, and inputs that tell groups apart.

    A candidate whose behaviour could not be seen joins the first group: nothing speaks against it.
    """
    tables = {index: table for index, table in tabulate(behaviours).items() if index in indices}
    inputs = [{key for key, result in t.items() if result != SLOW} for t in tables.values()]
    common = set.intersection(*inputs) if inputs else set()
    telling = sorted(
        (key for key in common if _differ([t[key] for t in tables.values()], tables)), key=len
    )
    by_results: dict[tuple[str, ...], list[int]] = {}
    for index in indices:
        table = tables.get(index)
        results = tuple(table[key] for key in telling) if table else ()
        by_results.setdefault(results, []).append(index)
    unknown = by_results.pop((), []) if telling else []
    groups = list(by_results.values())
    if unknown:
        groups = [sorted([*groups[0], *unknown]), *groups[1:]] if groups else [unknown]
    return groups, [_compare(key, groups, tables) for key in telling[:MAX_ROWS]]


def tabulate(behaviours: Sequence[Behaviour]) -> dict[int, Table]:
    """The results of each candidate whose behaviour was seen, by its index."""
    return {b.index: dict(b.pairs) for b in behaviours if b.outcome != "skipped" and b.pairs}


def pick_least_work(group: Sequence[int], behaviours: Sequence[Behaviour]) -> int:
    """Of candidates that behave alike, the first that does not take much more time than another."""
    work = {b.index: b.work_s for b in behaviours if b.index in group and b.pairs}
    least = min(work.values(), default=0.0)
    enough = max(_MUCH_MORE * least, least + _NOTICEABLE_S)
    return next((index for index in group if work.get(index, 0.0) <= enough), group[0])


def _compare(key: str, groups: list[list[int]], tables: Mapping[int, Table]) -> Difference:
    results = [
        next((tables[index][key] for index in group if index in tables), "unknown")
        for group in groups
    ]
    return Difference(given=key, results=tuple(results))


def _differ(results: list[str], tables: Mapping[int, Table]) -> bool:
    values = {r for r in results if not is_odd(r)}
    if len(values) > 1:
        return True
    some_odd = bool(values) and any(is_odd(r) for r in results)
    return some_odd and all(share_of_odd(table) < RARE for table in tables.values())


def is_odd(result: str) -> bool:
    """It raised, or did not end."""
    return result.startswith("raises ") or result == ENDLESS


def is_answer(result: str) -> bool:
    """It gave a value."""
    return not is_odd(result) and result != SLOW


def share_of_odd(table: Table) -> float:
    """Of the inputs, how many it gave no answer to, 0 to 1."""
    return sum(is_odd(result) for result in table.values()) / max(1, len(table))
