"""The search: which candidates are tried on one tree, in which order, and what survives.

Belongs here: rounds, budgets, single and double edits. Does not belong here: where candidates run
(`sandbox.Screening`) and which survivor is believed (`behaviour`).
"""

import ast
import itertools
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from healer.draft.rules.code import Change, Code, apply
from healer.draft.search.expressions import EXPRESSION_OPERATORS
from healer.draft.search.idioms import IDIOM_OPERATORS
from healer.draft.search.mutation import Mutation, sites
from healer.draft.search.ranking import Suspicion, score, suspicion
from healer.draft.search.statements import STATEMENT_OPERATORS
from sandbox import Fault, Seen
from sandbox.job import ScreenPlan
from sandbox.screen import Screening

ROUNDS = (60, 240, 700, 1500)
"""Candidates by round: the first are so likely that a small container run often ends the search."""
AFTER_FIRST = 400
"""How many more are tried once one survived, to see whether others behave differently."""
MAX_SINGLES = 6_000
PAIR_BASE = 45
MIN_LIMIT_S = 0.1
"""Processor time; a fork that imports nothing needs a thousandth of it."""
MAX_LIMIT_S = 4.0
SPECTRUM_LIMIT_S = 0.4
_SLACK = 1.5
"""On top of the traced run's processor time, which is itself two to ten times the plain one."""


@dataclass(frozen=True)
class Candidate:
    """One changed file and why."""

    path: str
    content: str
    shape: str
    line: int
    score: float
    changes: tuple[Change, ...] = ()


@dataclass
class Search:
    """What a search did."""

    survivors: list[Candidate] = field(default_factory=list)
    tried: int = 0
    seen: tuple[Seen, ...] = ()
    seconds: float = 0.0
    first_after: int = 0
    """How many candidates were tried up to the first survivor; 0: none survived."""
    complete: bool = False
    """Nothing was left out for lack of time: also the edits after the first survivor were tried."""
    fault: Fault | None = None
    plan: ScreenPlan | None = None
    """With the failing and passing tests filled in."""


class Engine:
    """Searches one tree for edits that make the failing tests pass and break none."""

    def __init__(self, screening: Screening, budget_s: float = 60.0) -> None:
        self._screening = screening
        self._budget_s = budget_s

    def run(
        self,
        tree: bytes,
        plan: ScreenPlan,
        codes: dict[str, Code],
        first: Callable[[tuple[Seen, ...]], Iterable[Candidate]] = lambda _: (),
        traced: tuple[str, int] = ("", 0),
    ) -> Search:
        """`codes`: the files that may be changed. `first` gives what is tried before
        all else, such as candidates of rules, from what the tests said.
        """
        started = time.monotonic()
        done = Search()
        plan = plan.model_copy(update={"watched": tuple(codes), "limit_s": SPECTRUM_LIMIT_S})
        seen = self._screening.spectrum(tree, plan)
        if isinstance(seen, Fault):
            done.fault = seen
            return done
        done.seen = seen
        plan = plan_from(plan, seen)
        done.plan = plan
        if plan.failing or not plan.use_tests:
            end = started + self._budget_s
            stream = itertools.chain(first(seen), candidates(codes, suspicion(seen), traced))
            self._rounds(tree, plan, stream, done, end)
        done.seconds = time.monotonic() - started
        return done

    def _rounds(
        self, tree: bytes, plan: ScreenPlan, stream: Iterator[Candidate], done: Search, end: float
    ) -> None:
        sizes = itertools.chain(ROUNDS, itertools.repeat(ROUNDS[-1]))
        left_after_first = AFTER_FIRST
        cut_off = 0
        for size in sizes:
            budget_s = end - time.monotonic()
            count = min(size, left_after_first) if done.survivors else size
            if done.survivors:
                left_after_first -= count
            batch = list(itertools.islice(stream, count))
            if not batch:
                done.complete = cut_off == 0
                return
            if budget_s < 1.0:
                return
            contents = tuple({c.path: c.content} for c in batch)
            chosen = plan.model_copy(update={"candidates": contents})
            results = self._screening.screen(tree, chosen, budget_s)
            if isinstance(results, Fault):
                done.fault = results
                return
            passed = [r.index for r in results if r.outcome == "passed"]
            if passed and not done.survivors:
                done.first_after = done.tried + passed[0] + 1
            done.tried += len(results)
            cut_off += len(batch) - len(results)
            done.survivors += [batch[index] for index in passed]


def plan_from(plan: ScreenPlan, seen: Iterable[Seen]) -> ScreenPlan:
    """Which tests must turn green and which must stay so, and how long they may take.

    `plan.failing` may already name what cannot be collected (a module that does not import).
    """
    every = list(seen)
    failing = [t.node for t in every if t.outcome in ("failed", "crashed", "timeout")]
    failing += [node for node in plan.failing if node not in {t.node for t in every}]
    passing = sorted((t for t in every if t.outcome == "passed"), key=lambda t: t.seconds)
    used = sum(t.seconds for t in every if t.outcome != "timeout")
    limit_s = min(max(MIN_LIMIT_S, used * _SLACK), MAX_LIMIT_S)
    return plan.model_copy(
        update={
            "failing": tuple(_fast_first(failing, every)),
            "passing": tuple(t.node for t in passing),
            "limit_s": limit_s,
        }
    )


def _fast_first(failing: list[str], every: list[Seen]) -> list[str]:
    slow = {t.node for t in every if t.outcome == "timeout"}
    return sorted(failing, key=lambda node: node in slow)


def candidates(
    codes: dict[str, Code], suspicious: Suspicion, traced: tuple[str, int] = ("", 0)
) -> Iterator[Candidate]:
    """Single edits by score, then pairs of the best ones; no two with the same meaning."""
    known: set[str] = {_meaning(code.text) or "" for code in codes.values()}
    scored: list[tuple[float, str, Mutation]] = []
    for path, code in codes.items():
        touched = {line for place, line in suspicious if place == path}
        for mutation in mutations(code, touched):
            line = traced[1] if traced[0] == path else 0
            scored.append((score(mutation, path, suspicious, line), path, mutation))
    scored.sort(key=lambda item: -item[0])
    singles: list[Candidate] = []
    for value, path, mutation in scored[:MAX_SINGLES]:
        made = _candidate(
            codes[path],
            mutation.changes,
            shape=mutation.shape,
            line=mutation.line,
            value=value,
            known=known,
        )
        if made:
            singles.append(made)
            yield made
    yield from _pairs(codes, singles, known)


def _pairs(
    codes: dict[str, Code], singles: list[Candidate], known: set[str]
) -> Iterator[Candidate]:
    """Two edits of different lines, the likeliest sums first."""
    best = _spread(singles)
    pairs = sorted(itertools.combinations(best, 2), key=lambda p: -(p[0].score + p[1].score))
    for one, two in pairs:
        if one.path == two.path and one.line != two.line:
            changes = (*one.changes, *two.changes)
            total = one.score + two.score
            shape = f"{one.shape} and {two.shape}"
            made = _candidate(
                codes[one.path], changes, shape=shape, line=one.line, value=total, known=known
            )
            if made:
                yield made


def _spread(singles: list[Candidate]) -> list[Candidate]:
    """The best edits of each line, so that one noisy line does not fill every pair."""
    lines: dict[tuple[str, int], int] = {}
    best = []
    for single in singles:
        count = lines.get((single.path, single.line), 0)
        if count < PAIR_BASE:
            lines[single.path, single.line] = count + 1
            best.append(single)
    return best[: PAIR_BASE * 8]


def mutations(code: Code, touched: set[int]) -> Iterator[Mutation]:
    """Edits in every scope that a failing test entered (all of them where nothing is known)."""
    for site in sites(code):
        low = getattr(site.scope, "lineno", 0)
        high = getattr(site.scope, "end_lineno", 0)
        module = isinstance(site.scope, ast.Module)
        if touched and not module and not any(low < line <= high for line in touched):
            continue
        for operator in (*IDIOM_OPERATORS, *EXPRESSION_OPERATORS, *STATEMENT_OPERATORS):
            for mutation in operator(site):
                if not touched or mutation.line in _around(touched, low, high, module=module):
                    yield mutation


def _around(touched: set[int], low: int, high: int, *, module: bool) -> set[int]:
    return touched if module else set(range(low, high + 1))


def _candidate(
    code: Code, changes: tuple[Change, ...], *, shape: str, line: int, value: float, known: set[str]
) -> Candidate | None:
    try:
        content = apply(code.text, changes)
    except ValueError:
        return None
    meaning = _meaning(content)
    if meaning is None or meaning in known:
        return None
    known.add(meaning)
    return Candidate(code.path, content, shape, line, value, changes)


def _meaning(text: str) -> str | None:
    """The same for texts that compile to the same program; None for one that does not compile."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.removeprefix("\ufeff"))
            compile(tree, "candidate", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return ast.dump(tree)
