"""Near-misses of a name: the one known name that a wrong one was probably meant to be.

Belongs here: the measure. Does not belong here: where known names come from.
"""

from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=20_000)
def distance(left: str, right: str) -> int:
    """Edits between two words: insert, delete, replace, or swap two neighbours (1 each)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, a in enumerate(left, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(right, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == right[j - 2] and b == left[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in name.casefold().replace("-", "_").split("_") if word)


def closeness(wrong: str, known: str) -> float:
    """1.0 for a difference of case or underscores only, 0.0 for another word."""
    if wrong == known:
        return 0.0
    if _bare(wrong) == _bare(known):
        return 1.0
    apart = distance(wrong.casefold(), known.casefold())
    longest = max(len(wrong), len(known))
    if apart <= max(1, longest // 4) and longest > 2:  # noqa: PLR2004 - `i` for `j` is no typo
        return 1.0 - apart / longest
    shared = _words(wrong) & _words(known)
    if len(shared) > 1 and shared in (_words(wrong), _words(known)):
        return 0.5
    return 0.0


def nearest(wrong: str, known: Iterable[str]) -> list[tuple[str, float]]:
    """Known names close to `wrong` with their closeness, closest first."""
    scored = {name: closeness(wrong, name) for name in known}
    found = [(name, score) for name, score in scored.items() if score > 0]
    return sorted(found, key=lambda item: (-item[1], item[0]))


def clear(wrong: str, known: Iterable[str]) -> tuple[str, float] | None:
    """The single closest name, or None where there is none or two are equally close."""
    found = nearest(wrong, known)
    if not found or (len(found) > 1 and found[0][1] - found[1][1] < 0.02):  # noqa: PLR2004
        return None
    return found[0]
