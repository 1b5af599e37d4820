"""The one known name that a wrong one was probably meant to be.

Belongs here: the measure, and telling a typo from another word. Does not belong here: where known
names come from, and hints for people (`healer.support.suggestion`).
"""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from healer.draft.rules.certainty import GUESS

CODE_LENGTH = 3
"""Names hold abbreviations of this length and less for good reason: `id`, `vat`, `eur`, `usd`."""
_SHORTEST = 3
"""`i` for `j` is no typo."""
_EQUALLY_CLOSE = 0.02


class Match(NamedTuple):
    """A known name, and how close it is: 1.0 where only case or underscores differ."""

    name: str
    closeness: float


@lru_cache(maxsize=20_000)
def edit_distance(first: str, second: str) -> int:
    """Edits between two words: insert, delete, replace, or swap two neighbours (1 each)."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, b in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and b == first[i - 2]:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]


def closeness(wrong: str, name: str) -> float:
    """1.0 for a difference of case or underscores only, 0.0 for another word."""
    if wrong == name:
        return 0.0
    if _bare(wrong) == _bare(name):
        return 1.0
    apart = edit_distance(wrong.casefold(), name.casefold())
    longest = max(len(wrong), len(name))
    if apart <= max(1, longest // 4) and longest >= _SHORTEST:
        return 1.0 - apart / longest
    common = _words(wrong) & _words(name)
    if len(common) > 1 and common in (_words(wrong), _words(name)):
        return 0.5
    return 0.0


def rank_by_closeness(wrong: str, names: Iterable[str]) -> list[Match]:
    """Known names close to `wrong`, closest first."""
    matches = [Match(name, closeness(wrong, name)) for name in set(names)]
    return sorted((m for m in matches if m.closeness > 0), key=lambda m: (-m.closeness, m.name))


def find_closest(wrong: str, names: Iterable[str]) -> Match | None:
    """The single closest name, or None where there is none or two are equally close."""
    matches = rank_by_closeness(wrong, names)
    if not matches:
        return None
    if len(matches) > 1 and matches[0].closeness - matches[1].closeness < _EQUALLY_CLOSE:
        return None
    return matches[0]


def estimate_of_match(wrong: str, match: Match, *, is_complete: bool = False) -> float:
    """How surely the one closest name was meant: 0.55 to 0.95.

    `is_complete`: every name that there can be is known, so none can be missing.
    """
    estimate = 0.55 + 0.4 * match.closeness
    return estimate if is_complete else limit_to_guess(estimate, wrong, match.name)


def limit_to_guess(estimate: float, wrong: str, name: str) -> float:
    """The estimate, lowered where `wrong` is no typo of `known`."""
    return estimate if is_typo(wrong, name) else min(estimate, GUESS)


def is_typo(wrong: str, name: str) -> bool:
    """False where `wrong` is made of words as real as those of `known`: `max_size` beside
    `mix_size`, `date` beside `data`, `rate` beside `rates`, `host2` beside `host1`. It may then
    be right as it is, and what it names be missing. Nor
    is `TOTAL` a typo of `total`: a constant, a class and a variable are three things, and `rows_`
    is another variable beside `rows`."""
    if _bare(wrong) == _bare(name):
        is_marked = wrong.strip("_") == name.strip("_")
        return _kind(wrong) == _kind(name) and not is_marked
    apart = [word for word in _parts(wrong) if word not in _parts(name)]
    return not all(_is_word(word) for word in apart)


def is_plain_word(name: str) -> bool:
    """A word in small letters that a script may well call something of its own."""
    return name.islower() and (len(name) <= CODE_LENGTH or f"\n{name}\n" in _word_list())


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _kind(name: str) -> str:
    if name.isupper():
        return "constant"
    return "class" if name.lstrip("_")[:1].isupper() else "variable"


def _words(name: str) -> frozenset[str]:
    return frozenset(word for word in name.casefold().replace("-", "_").split("_") if word)


def _parts(name: str) -> list[str]:
    """`priceNet_2024` is `price`, `net` and `2024`."""
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+", name)]


def _is_word(part: str) -> bool:
    return len(part) <= CODE_LENGTH or part.isdigit() or f"\n{part}\n" in _word_list()


@cache
def _word_list() -> str:
    """One text, not a set: a tenth of the memory, and rarely asked."""
    return Path(__file__).with_name("words.txt").read_text(encoding="utf-8") + "\n"
