"""The stream of variants: single edits by score, then pairs of the best.

Belongs here: which edits are offered for which lines, and in which order. Does not belong here:
making a variant's text (`variant_maker`), and running it (`engine`).
"""

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from healer.draft.rules.source_file import SourceFile
from healer.draft.search.localise import FileLine, Suspicion
from healer.draft.search.operators.donors import DONOR_OPERATORS
from healer.draft.search.operators.expressions import EXPRESSION_OPERATORS
from healer.draft.search.operators.idioms import IDIOM_OPERATORS
from healer.draft.search.operators.mutation import Mutation, Scope, find_scopes
from healer.draft.search.operators.statements import STATEMENT_OPERATORS
from healer.draft.search.ranking import Scored, diversify, score
from healer.draft.search.search_time import UNLIMITED, SearchTime
from healer.draft.search.variant_maker import AND, Variant, VariantMaker

OPERATORS = (
    *IDIOM_OPERATORS,
    *EXPRESSION_OPERATORS,
    *STATEMENT_OPERATORS,
    *DONOR_OPERATORS,
)
MAX_SINGLES = 8_000
PAIR_BASE = 45
ENUMERATION_SHARE = 0.25
"""Of the time that is left, so much may go into listing edits before the first is tried."""


def stream_variants(
    codes: Mapping[str, SourceFile],
    suspicion: Suspicion,
    *,
    trace: FileLine | None = None,
    accepts: Callable[[str], bool] | None = None,
    with_pairs: bool = True,
    literals: tuple[str, ...] = (),
    time: SearchTime = UNLIMITED,
) -> Iterator[Variant]:
    """Single edits by score, then pairs of the best ones.

    `accepts`: the shapes of single edits that are offered; what is not accepted is never made.
    `trace`: the line that the traceback names. `literals`: texts of constants of tests and data.
    No two variants compile to the same instructions.
    The stream ends early where the time does, and `time.was_cut_off` says so.
    """
    weights = {path: _weights_of(path, suspicion) for path in codes}
    scopes = list(_touched_scopes(codes, weights, literals))
    makers = {path: VariantMaker(code) for path, code in codes.items()}
    singles: list[Variant] = []
    for value, path, mutation in _rank(scopes, suspicion, trace, accepts, time):
        if time.cut_off():
            return
        variant = makers[path].make(mutation.changes, mutation.shape, mutation.line, value)
        if variant:
            singles.append(variant)
            yield variant
    if with_pairs:
        yield from _pair(makers, singles, time)


def _rank(
    touched_scopes: Sequence[Scope],
    suspicion: Suspicion,
    trace: FileLine | None,
    accepts: Callable[[str], bool] | None,
    time: SearchTime,
) -> list[Scored]:
    """The accepted mutations, best first; of the most suspicious scopes where time is short."""
    limit_s = time.portion(ENUMERATION_SHARE)
    paths = {scope.code.path for scope in touched_scopes}
    weights = {path: _weights_of(path, suspicion) for path in paths}
    scopes = list(enumerate(touched_scopes))
    scopes.sort(key=lambda item: -_weight_of(item[1], weights[item[1].code.path]))
    by_scope: dict[int, list[Scored]] = {}
    for number, scope in scopes:
        path = scope.code.path
        traced_line = trace[1] if trace and trace[0] == path else 0
        scores = by_scope.setdefault(number, [])
        for mutation in mutate(scope, weights[path].keys()):
            if time.cut_off(limit_s):
                return _join(by_scope)
            if accepts is None or accepts(mutation.shape):
                scores.append((score(mutation, path, suspicion, traced_line), path, mutation))
    return _join(by_scope)


def _join(by_scope: Mapping[int, list[Scored]]) -> list[Scored]:
    """In the order of the files, so that equals stay in it however far the enumeration came."""
    every = [scores for number in sorted(by_scope) for scores in by_scope[number]]
    return diversify(every)[:MAX_SINGLES]


def _weights_of(path: str, suspicion: Suspicion) -> dict[int, float]:
    return {line: weight for (file, line), weight in suspicion.items() if file == path}


def _touched_scopes(
    codes: Mapping[str, SourceFile],
    weights: Mapping[str, Mapping[int, float]],
    literals: tuple[str, ...],
) -> Iterator[Scope]:
    """Scopes that a failing test entered, and modules; all of them where nothing is known."""
    for path, code in codes.items():
        others = tuple(other for other in codes.values() if other is not code)
        for scope in find_scopes(code, others, literals):
            is_entered = any(line in weights[path] for line in scope.lines[1:])
            if is_entered or scope.is_module or not weights[path]:
                yield scope


def _weight_of(scope: Scope, weights: Mapping[int, float]) -> float:
    lines = weights if scope.is_module else scope.lines
    return max((weights.get(line, 0.0) for line in lines), default=0.0)


def mutate(scope: Scope, touched_lines: Iterable[int] = ()) -> Iterator[Mutation]:
    """Every edit of a scope; of a module's own lines only those that were `touched`, where any
    were."""
    lines = frozenset(touched_lines)
    for operator in OPERATORS:
        for mutation in operator(scope):
            if not (lines and scope.is_module) or mutation.line in lines:
                yield mutation


def _pair(
    makers: Mapping[str, VariantMaker], singles: Iterable[Variant], time: SearchTime
) -> Iterator[Variant]:
    """Two edits of different lines, the likeliest sums first."""
    pairs = [
        (one, two)
        for one, two in itertools.combinations(_take_best_of_each_line(singles), 2)
        if one.path == two.path and one.line != two.line
    ]
    pairs.sort(key=lambda pair: -(pair[0].score + pair[1].score))
    for one, two in pairs:
        if time.cut_off():
            return
        changes = (*one.changes, *two.changes)
        shape, total = f"{one.shape}{AND}{two.shape}", one.score + two.score
        variant = makers[one.path].make(changes, shape, one.line, total)
        if variant:
            yield variant


def _take_best_of_each_line(singles: Iterable[Variant]) -> list[Variant]:
    """So that one noisy line does not fill every pair."""
    counts: dict[FileLine, int] = {}
    best = []
    for single in singles:
        count = counts.get((single.path, single.line), 0)
        if count < PAIR_BASE:
            counts[single.path, single.line] = count + 1
            best.append(single)
    return best[: PAIR_BASE * 8]
