"""Finds the one place that quoted text means.

Belongs here: the three ways of finding, and the refusals. Does not belong here: what is put there.

1. Exactly, at the borders of words: `x = 1` is not found in `max = 10`.
2. Whole lines, whatever their blanks and however many empty lines between them.
3. Nearly: at least FUZZY_MIN_LINES lines that are not empty, the first and the last of them as in
   way 2, and a similarity (difflib's ratio) of at least FUZZY_THRESHOLD. The threshold is strict
   because a nearly quoted line is overwritten by what the drafter believed it to be.

In each way a second place is a refusal, never a choice.
"""

import difflib
from typing import NamedTuple

from healer.draft.edits.errors import EditRefused

FUZZY_THRESHOLD = 0.9
FUZZY_MIN_LINES = 3
_FUZZY_SPREAD = 2
"""A nearly quoted passage may have this many lines more or fewer than the quotation."""
_HINT_LINES = 5_000


class Place(NamedTuple):
    """Characters `start` to `end` are what was quoted."""

    start: int
    end: int
    exact: bool
    """False: found by whole lines, and the quotation's indentation may differ."""


class _Line(NamedTuple):
    """A line that is not empty."""

    number: int
    start: int
    end: int
    words: str


def locate(text: str, quoted: str) -> Place:
    """The one place of `quoted` in `text` (both with `\\n` line ends), or EditRefused."""
    if not quoted.strip():
        raise EditRefused("the quoted text is empty; quote the lines that are to be replaced")
    for found in (_exactly(text, quoted), _by_lines(text, quoted), _nearly(text, quoted)):
        if len(found) == 1:
            return found[0]
        if found:
            raise EditRefused(_many(text, found))
    raise EditRefused(_none(text, quoted))


def _exactly(text: str, quoted: str) -> list[Place]:
    found: list[Place] = []
    start = text.find(quoted)
    while start != -1:
        end = start + len(quoted)
        if not (_splits_word(text, start) or _splits_word(text, end)):
            found.append(Place(start, end, exact=True))
        start = text.find(quoted, start + 1)
    return found


def _splits_word(text: str, position: int) -> bool:
    pair = text[max(position - 1, 0) : position + 1]
    return 0 < position < len(text) and all(_is_word(character) for character in pair)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _by_lines(text: str, quoted: str) -> list[Place]:
    wanted = [line.words for line in _lines(quoted)]
    lines = _lines(text)
    return [
        _place(lines, first, first + len(wanted))
        for first in range(len(lines) - len(wanted) + 1)
        if [line.words for line in lines[first : first + len(wanted)]] == wanted
    ]


def _nearly(text: str, quoted: str) -> list[Place]:
    wanted = [line.words for line in _lines(quoted)]
    if len(wanted) < FUZZY_MIN_LINES:
        return []
    lines = _lines(text)
    found = sorted(
        (
            (_similarity(wanted, lines[first:last]), first, last)
            for first in range(len(lines))
            if lines[first].words == wanted[0]
            for last in range(
                first + max(len(wanted) - _FUZZY_SPREAD, FUZZY_MIN_LINES),
                min(first + len(wanted) + _FUZZY_SPREAD, len(lines)) + 1,
            )
            if lines[last - 1].words == wanted[-1]
        ),
        reverse=True,
    )
    kept: list[tuple[int, int]] = []
    for similarity, first, last in found:
        apart = all(last <= other_first or other_last <= first for other_first, other_last in kept)
        if similarity >= FUZZY_THRESHOLD and apart:
            kept.append((first, last))
    return [_place(lines, first, last) for first, last in kept]


def _similarity(wanted: list[str], lines: list[_Line]) -> float:
    matcher = difflib.SequenceMatcher(
        None, "\n".join(wanted), "\n".join(line.words for line in lines), autojunk=False
    )
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < FUZZY_THRESHOLD:
        return 0.0
    return matcher.ratio()


def _lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            lines.append(_Line(number, start, start + len(line), " ".join(line.split())))
        start += len(line) + 1
    return lines


def _place(lines: list[_Line], first: int, last: int) -> Place:
    return Place(lines[first].start, lines[last - 1].end, exact=False)


def _many(text: str, found: list[Place]) -> str:
    numbers = [text.count("\n", 0, place.start) + 1 for place in found]
    shown = ", ".join(str(number) for number in sorted(numbers)[:8])
    return (
        f"the quoted text is found {len(found)} times (lines {shown}); quote more of the lines "
        f"around it, so that it is found once"
    )


def _none(text: str, quoted: str) -> str:
    first = _lines(quoted)[0].words
    lines = _lines(text)[:_HINT_LINES]
    near = difflib.get_close_matches(first, [line.words for line in lines], n=1)
    hint = ""
    if near:
        number = next(line.number for line in lines if line.words == near[0])
        hint = f"; the nearest to its first line is line {number}: {near[0][:200]!r}"
    return f"the quoted text is not in the file{hint}; quote it exactly as the file has it"
