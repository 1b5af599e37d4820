"""Text that does not parse, and the walk from it to text that does.

Belongs here: where the parser stopped, and the search over small edits with the parser as judge.
Does not belong here: the edits themselves (`brackets`, `layout`, `spelling`, `python2`).
"""

import heapq
import itertools
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from healer.draft.rules.source_file import parse_source

MAX_STEPS = 60
"""Texts that are taken further; each is parsed once for every edit tried on it."""
MAX_PARSES = 4_000
MAX_FOUND = 6
_STEP_COST = 1.0
_RANK_COST = 0.05


@dataclass(frozen=True)
class SyntaxProblem:
    """Where the parser stopped. Lines and columns count from 1; column 0 is unknown."""

    line: int
    column: int
    message: str


@dataclass(frozen=True)
class BrokenText:
    """One text with its problem, as edits see it."""

    text: str
    problem: SyntaxProblem

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def line(self, number: int) -> str:
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def with_line(self, number: int, new: str) -> str:
        """Unchanged where there is no such line: Python counts a lone carriage return too."""
        lines = self.lines
        if not 0 < number <= len(lines):
            return self.text
        lines[number - 1] = new
        return "\n".join(lines)

    def with_lines(self, first: int, new: Iterable[str]) -> str:
        """Lines from `first` on are replaced, one for one."""
        lines = self.lines
        fresh = list(new)
        lines[first - 1 : first - 1 + len(fresh)] = fresh
        return "\n".join(lines)


SyntaxEdit = Callable[[BrokenText], Iterator[str]]


@dataclass(frozen=True)
class RepairedText:
    """A text that parses, and the names of the edits that led to it."""

    text: str
    names: tuple[str, ...]


def problem_of(text: str) -> SyntaxProblem | None:
    """None for a text that compiles."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(parse_source(text), "script", "exec", dont_inherit=True)
    except SyntaxError as error:
        return SyntaxProblem(error.lineno or 1, error.offset or 0, error.msg)
    except (ValueError, RecursionError, MemoryError) as error:
        return SyntaxProblem(1, 0, str(error))
    return None


def search_repairs(text: str, table: Iterable[tuple[str, SyntaxEdit]]) -> list[RepairedText]:
    """Texts that parse, fewest and likeliest edits first; at most six.

    Best first: an edit that moves the parser's stop further down is a step worth taking further.
    """
    first = problem_of(text)
    if first is None:
        return []
    rows, order, parses = tuple(table), itertools.count(), 0
    queue: list[tuple[float, int, str, SyntaxProblem, tuple[str, ...]]] = []
    heapq.heappush(queue, (0.0, next(order), text, first, ()))
    visited_texts = {text}
    repairs: list[RepairedText] = []
    best_cost = float("inf")
    for _ in range(MAX_STEPS):
        if not queue or parses > MAX_PARSES or len(repairs) >= MAX_FOUND:
            break
        cost, _, now, problem, names = heapq.heappop(queue)
        if cost > best_cost + _STEP_COST:
            break
        for rank, (name, text_after) in enumerate(_edits(BrokenText(now, problem), rows)):
            if text_after in visited_texts:
                continue
            visited_texts.add(text_after)
            parses += 1
            after = problem_of(text_after)
            total = cost + _STEP_COST + _RANK_COST * min(rank, 10)
            if after is None:
                repairs.append(RepairedText(text_after, (*names, name)))
                best_cost = min(best_cost, total)
            elif _further(problem, after):
                progress = (after.line - problem.line) / max(1, len(now.split("\n")))
                entry = (total - progress, next(order), text_after, after, (*names, name))
                heapq.heappush(queue, entry)
    return repairs[:MAX_FOUND]


def _edits(
    script: BrokenText, table: Iterable[tuple[str, SyntaxEdit]]
) -> Iterator[tuple[str, str]]:
    for name, edit in table:
        for text in edit(script):
            if text != script.text:
                yield name, text


def _further(before: SyntaxProblem, after: SyntaxProblem) -> bool:
    if after.line != before.line:
        return after.line > before.line
    return after.message != before.message or after.column > before.column
