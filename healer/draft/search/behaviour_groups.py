"""Right or lucky: survivors that behave alike form a group, and several groups are a question.

Belongs here: telling survivors apart. Does not belong here: running them (`sandbox.Screening`).
"""

from collections.abc import Sequence

from healer.draft.search.candidates import Candidate
from healer.draft.search.missing_return import loses_a_value
from healer.draft.search.ranking import DESTRUCTIVE
from healer.facts.draft import Difference
from sandbox import Behaved

MAX_ROWS = 5
_RARE = 0.2
"""Raising on fewer of the inputs than this is behaviour; on more, the inputs are not valid ones."""
_MUCH_MORE = 2.0
"""Times the least work of a group: below, differences are noise."""
_NOTICEABLE_S = 0.001

ENDLESS, SLOW = "does not end", "is slow"
"""As the sandbox says it: an input is endless after much time, and slow where none was left."""


def without_destructive(survivors: Sequence[Candidate]) -> list[Candidate]:
    """The survivors that keep what the code does; all of them where there are no others."""
    kept = [c for c in survivors if not is_destructive(c)]
    return kept or list(survivors)


def is_destructive(candidate: Candidate) -> bool:
    """It takes functionality away, treats one input apart, or gives nothing where there was always
    a value before."""
    if any(shape.partition("/")[0] in DESTRUCTIVE for shape in candidate.shapes):
        return True
    return candidate.pair is not None and loses_a_value(*candidate.pair)


def groups(
    indices: Sequence[int], behaved: Sequence[Behaved]
) -> tuple[list[list[int]], list[Difference]]:
    """Those of `indices` that behave alike, in the given order, and inputs that tell groups apart.

    A candidate whose behaviour could not be seen joins the first group: nothing speaks against it.
    """
    tables = {index: table for index, table in tables_of(behaved).items() if index in indices}
    known = [{key for key, result in t.items() if result != SLOW} for t in tables.values()]
    common = set.intersection(*known) if known else set()
    telling = sorted(
        (key for key in common if _differ([t[key] for t in tables.values()], tables)), key=len
    )
    by_results: dict[tuple[str, ...], list[int]] = {}
    for index in indices:
        table = tables.get(index)
        results = tuple(table[key] for key in telling) if table else ()
        by_results.setdefault(results, []).append(index)
    unseen = by_results.pop((), []) if telling else []
    found = list(by_results.values())
    if unseen:
        found = [sorted([*found[0], *unseen]), *found[1:]] if found else [unseen]
    rows = [_row(key, found, tables) for key in telling[:MAX_ROWS]]
    return found, rows


def tables_of(behaved: Sequence[Behaved]) -> dict[int, dict[str, str]]:
    """Result by arguments of each candidate whose behaviour was seen."""
    return {b.index: dict(b.pairs) for b in behaved if b.outcome != "skipped" and b.pairs}


def least_work(group: Sequence[int], behaved: Sequence[Behaved]) -> int:
    """Of candidates that behave alike, the first that does not take much more time than another."""
    work = {b.index: b.work_s for b in behaved if b.index in group and b.pairs}
    least = min(work.values(), default=0.0)
    enough = max(_MUCH_MORE * least, least + _NOTICEABLE_S)
    return next((index for index in group if work.get(index, 0.0) <= enough), group[0])


def _row(key: str, found: list[list[int]], tables: dict[int, dict[str, str]]) -> Difference:
    results = []
    for group in found:
        shown = next((tables[index][key] for index in group if index in tables), "unknown")
        results.append(shown)
    return Difference(given=key, results=tuple(results))


def _differ(results: list[str], tables: dict[int, dict[str, str]]) -> bool:
    values = {r for r in results if not is_odd(r)}
    if len(values) > 1:
        return True
    mixed = bool(values) and any(is_odd(r) for r in results)
    return mixed and all(_odd_share(table) < _RARE for table in tables.values())


def is_odd(result: str) -> bool:
    """It raised, or did not end."""
    return result.startswith("raises ") or result == ENDLESS


def is_answer(result: str) -> bool:
    """It gave a value."""
    return not is_odd(result) and result != SLOW


def _odd_share(table: dict[str, str]) -> float:
    return sum(is_odd(result) for result in table.values()) / max(1, len(table))
