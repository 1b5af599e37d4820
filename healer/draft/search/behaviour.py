"""Right or lucky: survivors that behave alike form a group, and several groups are a question.

Belongs here: telling survivors apart. Does not belong here: running them (`sandbox.Screening`).
"""

from collections.abc import Sequence

from healer.draft.proposal import Difference
from healer.draft.search.candidates import Candidate
from healer.draft.search.endings import loses_a_value
from healer.draft.search.ranking import DESTRUCTIVE
from sandbox import Behaved

MAX_ROWS = 5
_RARE = 0.2
"""Raising on fewer of the inputs than this is behaviour; on more, the inputs are not valid ones."""

_ENDLESS, _SLOW = "does not end", "is slow"
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


def groups(count: int, behaved: Sequence[Behaved]) -> tuple[list[list[int]], list[Difference]]:
    """Indices that behave alike, each group in the given order, and inputs that tell them apart.

    A candidate whose behaviour could not be seen joins the first group: nothing speaks against it.
    """
    tables = {b.index: dict(b.pairs) for b in behaved if b.outcome != "skipped" and b.pairs}
    known = [{key for key, result in t.items() if result != _SLOW} for t in tables.values()]
    common = set.intersection(*known) if known else set()
    telling = sorted(
        (key for key in common if _differ([t[key] for t in tables.values()], tables)), key=len
    )
    by_results: dict[tuple[str, ...], list[int]] = {}
    for index in range(count):
        table = tables.get(index)
        results = tuple(table[key] for key in telling) if table else ()
        by_results.setdefault(results, []).append(index)
    unseen = by_results.pop((), []) if telling else []
    found = list(by_results.values())
    if unseen:
        found = [sorted([*found[0], *unseen]), *found[1:]] if found else [unseen]
    rows = [_row(key, found, tables) for key in telling[:MAX_ROWS]]
    return found, rows


def _row(key: str, found: list[list[int]], tables: dict[int, dict[str, str]]) -> Difference:
    results = []
    for group in found:
        shown = next((tables[index][key] for index in group if index in tables), "unknown")
        results.append(shown)
    return Difference(given=key, results=tuple(results))


def _differ(results: list[str], tables: dict[int, dict[str, str]]) -> bool:
    values = {r for r in results if not _odd(r)}
    if len(values) > 1:
        return True
    mixed = bool(values) and any(_odd(r) for r in results)
    return mixed and all(_odd_share(table) < _RARE for table in tables.values())


def _odd(result: str) -> bool:
    return result.startswith("raises ") or result == _ENDLESS


def _odd_share(table: dict[str, str]) -> float:
    return sum(_odd(result) for result in table.values()) / max(1, len(table))
