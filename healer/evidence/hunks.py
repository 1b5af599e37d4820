"""What a fix changed, word by word.

Belongs here: runs of tokens in which two texts differ, and texts with some of them taken back. Does
not belong here: whole lines (`changed_lines`). Pure.
"""

import difflib
import io
import itertools
import keyword
import re
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

_WORD = re.compile(r"\w+|[^\w\s()]")
"""Brackets around a part change nothing by themselves."""


ALIKE = 0.5
"""Of two lines, from this likeness on one has become the other; 0 to 1."""


class Span(NamedTuple):
    """Characters of a text, from a start up to an end."""

    start: int
    end: int

    def contains(self, other: "Span") -> bool:
        """All of the other lies in it; a place at its border does not."""
        if other.start == other.end:
            return self == other or self.start < other.start < self.end
        return self.start <= other.start and other.end <= self.end

    def touches(self, other: "Span") -> bool:
        """They share a character or a border."""
        return self.start <= other.end and other.start <= self.end

    def overlaps(self, other: "Span") -> bool:
        """They share a character, or one of them is a place within the other or at its border."""
        if self.start == self.end or other.start == other.end:
            return self.touches(other)
        return self.start < other.end and other.start < self.end

    def lines_of(self, text: str) -> range:
        """The 1-based lines on which it lies."""
        return range(text[: self.start].count("\n") + 1, text[: self.end].count("\n") + 2)


class Hunk(NamedTuple):
    """A run of tokens that became another, in both texts."""

    old: Span
    new: Span


def find_hunks(old: str, new: str) -> list[Hunk]:
    """The runs of tokens in which two texts differ; one hunk where a text has no tokens.

    One word that became another of its kind beside what was taken away is two hunks."""
    old_spans, new_spans = _find_tokens(old), _find_tokens(new)
    if old_spans is None or new_spans is None:
        return [Hunk(Span(0, len(old)), Span(0, len(new)))]
    words = [
        [text[s.start : s.end] for s in spans]
        for text, spans in ((old, old_spans), (new, new_spans))
    ]
    matcher = difflib.SequenceMatcher(a=words[0], b=words[1], autojunk=False)
    hunks = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            for e, f, g, h in _split(words[0][a:b], words[1][c:d]):
                old_run = _cover(old_spans, a + e, a + f, len(old))
                hunks.append(Hunk(old_run, _cover(new_spans, c + g, c + h, len(new))))
    return hunks


def find_lines_beside(text: str, place: int) -> Span:
    """The line before the start of a line, and that line itself."""
    end = text.find("\n", place)
    return Span(text.rfind("\n", 0, max(0, place - 1)) + 1, len(text) if end < 0 else end)


def find_line_hunks(old: str, new: str) -> list[Hunk]:
    """The lines in which two texts differ: each old line beside the new one that it became, and
    between them what was put in or taken out."""
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    starts = [[0, *itertools.accumulate(map(len, lines))] for lines in (before, after)]
    hunks: list[Hunk] = []
    matcher = difflib.SequenceMatcher(a=before, b=after, autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        for e, f, g, h in _pair_lines(before[a:b], after[c:d]):
            spans = zip(starts, ((a + e, a + f), (c + g, c + h)), strict=True)
            hunks.append(Hunk(*(Span(at[first], at[last]) for at, (first, last) in spans)))
    return hunks


def _pair_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """Runs of both: a line and what it became, or lines that have no counterpart."""
    i = j = 0
    for k, line in enumerate(old):
        ratios = [difflib.SequenceMatcher(None, line, other).ratio() for other in new[j:]]
        best = max(range(len(ratios)), key=ratios.__getitem__, default=0)
        if ratios and ratios[best] >= ALIKE:
            if i < k or best:
                yield i, k, j, j + best
            yield k, k + 1, j + best, j + best + 1
            i, j = k + 1, j + best + 1
    if i < len(old) or j < len(new):
        yield i, len(old), j, len(new)


def keep_hunks(old: str, new: str, hunks: Iterable[Hunk]) -> str:
    """The old text with these hunks as the new one has them."""
    pieces, at = [], 0
    for hunk in hunks:
        pieces += [old[at : hunk.old.start], new[hunk.new.start : hunk.new.end]]
        at = hunk.old.end
    return "".join([*pieces, old[at:]])


def changes_only(old: str, new: str, spans: Sequence[Span]) -> bool:
    """Whether each word that one text replaces, takes out or adds in the other lies in a span."""
    change = find_replacement(old, new)
    if any(change.start < span.end and span.start < change.end for span in spans):
        start = old.rfind("\n", 0, change.start) + 1
        end = old.find("\n", change.end)
        region = Span(start, len(old) if end < 0 else end)
        return all(
            any(span.contains(run) for span in spans)
            for run in _changed_words(old, new[start : len(new) - (len(old) - region.end)], region)
        )
    return any(span == change or span.contains(change) for span in spans)


def _changed_words(old: str, new_region: str, region: Span) -> Iterator[Span]:
    """The runs of words of a region of the old text that its new form does not have."""
    words = [
        Span(region.start + m.start(), region.start + m.end())
        for m in _WORD.finditer(old[region.start : region.end])
    ]
    texts = [old[w.start : w.end] for w in words]
    matcher = difflib.SequenceMatcher(a=texts, b=_WORD.findall(new_region), autojunk=False)
    for tag, a, b, _, _ in matcher.get_opcodes():
        if tag != "equal":
            yield _cover(words, a, b, region.end)


def find_replacement(old: str, new: str) -> Span:
    """What the least single replacement that makes one text the other takes out of the old one."""
    start = _count_common(old, new)
    rest = min(len(old), len(new)) - start
    return Span(start, len(old) - min(_count_common(old[::-1], new[::-1]), rest))


def _count_common(one: str, two: str) -> int:
    differences = (index for index, (a, b) in enumerate(zip(one, two, strict=False)) if a != b)
    return next(differences, min(len(one), len(two)))


def _find_tokens(text: str) -> list[Span] | None:
    """All but comments and blank lines, with line ends and indentation; None without tokens."""
    starts = [0, *itertools.accumulate(map(len, io.StringIO(text, newline="").readlines()))]
    spans = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="").readline):
            (first, column), (last, end_column) = token.start, token.end
            span = Span(starts[first - 1] + column, starts[last - 1] + end_column)
            if token.type not in (tokenize.COMMENT, tokenize.NL) and span.start < span.end:
                spans.append(span)
    except (tokenize.TokenError, SyntaxError, IndexError):
        return None
    return [span for span in spans if span.end <= len(text)]


def _split(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[int, int, int, int]]:
    """A replaced run as words that became others of their kind, and what lies between."""
    matcher = difflib.SequenceMatcher(
        a=[_kind_of(word) for word in old], b=[_kind_of(word) for word in new], autojunk=False
    )
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag != "equal":
            yield a, b, c, d
            continue
        for step in range(b - a):
            if old[a + step] != new[c + step]:
                yield a + step, a + step + 1, c + step, c + step + 1


def _kind_of(word: str) -> str:
    """Names are alike, and so are numbers and texts; a sign is only like itself."""
    if word[0].isidentifier() and not keyword.iskeyword(word):
        return "name"
    if word[0].isdigit():
        return "number"
    return "text" if word[0] in "\"'" else word


def _cover(spans: Sequence[Span], first: int, last: int, length: int) -> Span:
    """From the first token to before the last; where there is none, the place before the first."""
    if first < last:
        return Span(spans[first].start, spans[last - 1].end)
    at = spans[first].start if first < len(spans) else length
    return Span(at, at)
