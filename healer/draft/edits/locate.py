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
from healer.support.suggestion import nearest

FUZZY_THRESHOLD = 0.9
FUZZY_MIN_LINES = 3
_FUZZY_SPREAD = 2
"""A nearly quoted passage may have this many lines more or fewer than the quotation."""
_HINT_LINES = 5_000


class Match(NamedTuple):
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


def locate(text: str, quotation: str) -> Match:
    """The one place of `quotation` in `text` (both with `\\n` line ends), or EditRefused."""
    if not quotation.strip():
        raise EditRefused("the quoted text is empty; quote the lines that are to be replaced")
    for matches in (
        _find_exactly(text, quotation),
        _find_by_lines(text, quotation),
        _find_nearly(text, quotation),
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise EditRefused(_explain_many(text, matches))
    raise EditRefused(_explain_none(text, quotation))


def _find_exactly(text: str, quotation: str) -> list[Match]:
    matches: list[Match] = []
    start = text.find(quotation)
    while start != -1:
        end = start + len(quotation)
        if not (_splits_word(text, start) or _splits_word(text, end)):
            matches.append(Match(start, end, exact=True))
        start = text.find(quotation, start + 1)
    return matches


def _splits_word(text: str, position: int) -> bool:
    pair = text[max(position - 1, 0) : position + 1]
    return 0 < position < len(text) and all(_is_word(character) for character in pair)


def _is_word(character: str) -> bool:
    return character.isalnum() or character == "_"


def _find_by_lines(text: str, quotation: str) -> list[Match]:
    words = [line.words for line in _split_lines(quotation)]
    lines = _split_lines(text)
    return [
        _match_of(lines, first, first + len(words))
        for first in range(len(lines) - len(words) + 1)
        if [line.words for line in lines[first : first + len(words)]] == words
    ]


def _find_nearly(text: str, quotation: str) -> list[Match]:
    words = [line.words for line in _split_lines(quotation)]
    if len(words) < FUZZY_MIN_LINES:
        return []
    lines = _split_lines(text)
    by_similarity = sorted(
        (
            (_measure_similarity(words, lines[first:last]), first, last)
            for first in range(len(lines))
            if lines[first].words == words[0]
            for last in range(
                first + max(len(words) - _FUZZY_SPREAD, FUZZY_MIN_LINES),
                min(first + len(words) + _FUZZY_SPREAD, len(lines)) + 1,
            )
            if lines[last - 1].words == words[-1]
        ),
        reverse=True,
    )
    spans: list[tuple[int, int]] = []
    for similarity, first, last in by_similarity:
        apart = all(last <= other_first or other_last <= first for other_first, other_last in spans)
        if similarity >= FUZZY_THRESHOLD and apart:
            spans.append((first, last))
    return [_match_of(lines, first, last) for first, last in spans]


def _measure_similarity(words: list[str], lines: list[_Line]) -> float:
    matcher = difflib.SequenceMatcher(
        None, "\n".join(words), "\n".join(line.words for line in lines), autojunk=False
    )
    if min(matcher.real_quick_ratio(), matcher.quick_ratio()) < FUZZY_THRESHOLD:
        return 0.0
    return matcher.ratio()


def _split_lines(text: str) -> list[_Line]:
    lines: list[_Line] = []
    start = 0
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            lines.append(_Line(number, start, start + len(line), " ".join(line.split())))
        start += len(line) + 1
    return lines


def _match_of(lines: list[_Line], first: int, last: int) -> Match:
    return Match(lines[first].start, lines[last - 1].end, exact=False)


def _explain_many(text: str, matches: list[Match]) -> str:
    numbers = [text.count("\n", 0, place.start) + 1 for place in matches]
    line_numbers = ", ".join(str(number) for number in sorted(numbers)[:8])
    return (
        f"the quoted text is found {len(matches)} times (lines {line_numbers}); quote more of the "
        f"lines around it, so that it is found once"
    )


def _explain_none(text: str, quotation: str) -> str:
    first = _split_lines(quotation)[0].words
    lines = _split_lines(text)[:_HINT_LINES]
    near = nearest(first, [line.words for line in lines])
    hint = ""
    if near:
        number = next(line.number for line in lines if line.words == near)
        hint = f"; the nearest to its first line is line {number}: {near[:200]!r}"
    return f"the quoted text is not in the file{hint}; quote it exactly as the file has it"
