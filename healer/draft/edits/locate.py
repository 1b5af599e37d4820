"""Finds the one place that quoted text means, and fits new text to the indentation there.

Belongs here: the three ways of finding, the refusals, and shifting and converting leading blanks.
Lines inside a string of several lines keep theirs, for they are data; a docstring is none and moves
along. Does not belong here: what is put there.

1. Exactly, at the borders of words: `x = 1` is not found in `max = 10`.
2. Whole lines, whatever their blanks and however many empty lines between them.
3. Nearly: at least FUZZY_MIN_LINES lines that are not empty, the first and the last of them as in
   way 2, and a similarity (difflib's ratio) of at least FUZZY_THRESHOLD. The threshold is strict
   because a nearly quoted line is overwritten by what the drafter believed it to be.

In each way a second place is a refusal, never a choice.
"""

import difflib
import io
import tokenize
from collections import Counter
from itertools import pairwise
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


_STATEMENT_STARTS = {"NEWLINE", "INDENT", "DEDENT"}


def indentation_of(line: str) -> str:
    """The leading blanks and tabs."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def detect_unit(text: str) -> str:
    """What this text indents one level with: a tab, some blanks, or nothing when it never does."""
    indents = [indentation_of(line) for line in text.split("\n") if line.strip()]
    steps = Counter(
        deeper[len(shallower) :]
        for shallower, deeper in pairwise(["", *indents])
        if deeper != shallower and deeper.startswith(shallower)
    )
    pure = {step: count for step, count in steps.items() if step == "\t" or not step.strip(" ")}
    return max(pure, key=lambda step: (pure[step], -len(step))) if pure else ""


def reindent(text: str, *, source: str, target: str, unit: str) -> str:
    """`text` moved from the indentation `source` to `target`, its deeper levels in `unit`s.

    `source` and `target` are leading blanks; an empty `unit` leaves deeper levels as they are.
    """
    own_unit = detect_unit(text)
    lines = text.split("\n")
    inside = _find_lines_inside_strings(text)
    return "\n".join(
        line if number in inside else _move(line, source, target, (own_unit, unit))
        for number, line in enumerate(lines)
    )


def _move(line: str, source: str, target: str, units: tuple[str, str]) -> str:
    if not line.strip():
        return ""
    blanks, rest = indentation_of(line), line.lstrip(" \t")
    if blanks.startswith(source):
        return target + _convert(blanks[len(source) :], *units) + rest
    missing = len(source) - len(blanks)  # shallower than its first line, as some quotations are
    return target[: max(len(target) - missing, 0)] + rest


def _convert(blanks: str, own_unit: str, unit: str) -> str:
    if not own_unit or not unit or own_unit == unit:
        return blanks
    levels = 0
    while blanks.startswith(own_unit):
        blanks = blanks[len(own_unit) :]
        levels += 1
    return unit * levels + blanks


def _find_lines_inside_strings(text: str) -> set[int]:
    """0-based numbers of the lines that begin inside a string; what was readable of broken text."""
    inside: set[int] = set()
    string_starts: list[int] = []
    before = "NEWLINE"
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            kind = tokenize.tok_name[token.type]
            if kind in {"FSTRING_START", "TSTRING_START"}:
                string_starts.append(token.start[0])
            elif kind in {"FSTRING_END", "TSTRING_END"}:
                inside.update(range(string_starts.pop(), token.end[0]))
            elif kind == "STRING" and before not in _STATEMENT_STARTS:
                inside.update(range(token.start[0], token.end[0]))
            before = before if kind in {"NL", "COMMENT"} else kind
    except (tokenize.TokenError, SyntaxError, ValueError):
        pass
    return inside
