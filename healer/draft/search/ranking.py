"""Which edit first: what fixes usually look like, times where the fault probably is.

Belongs here: the score. The counts in `prior.json` come from real fixes; `benchmarks/prior` says
how they were made.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.localise import Suspicion
from healer.draft.search.operators.mutation import Mutation, operator_of

_SHAPE_WEIGHT = 0.25
"""A shape's own rate counts for half once so many fixes of it were to be expected by the rate of
its operator. Chosen by leaving one fix out of the counts at a time."""
_BACKGROUND_HITS = 0.5
_UNSEEN_SUSPICION = 0.05
"""For lines that no failing test ran: hoisted code, module level."""
_NEIGHBOUR_WEIGHT = 0.5
"""Of a line next to a suspected one."""
_TRACED_WEIGHT = 3.0

DESTRUCTIVE = ("delete", "keep-body", "guard", "drop-argument", "drop-method", "unwrap-call")
"""Operators that take functionality away or treat one input apart: they win only when alone."""
_DESTRUCTIVE_WEIGHT = 0.15

TRAPS = (
    "mutable-default/", "late-binding/", "never-filled/", "name/undefined", "chained-assignment/",
)  # fmt: skip
TRAP_RATE = 0.05
"""Chosen, not counted: these are offered so rarely that trying them early costs nothing."""


PRIOR_WEIGHT = 0.7
"""Below 1, since the counted fixes are of other programs than the one at hand."""
PER_CHARACTER = 0.1
SATURATION = 0.5
"""These three were chosen on small programs with tests, by where the first that passes came."""

Scored = tuple[float, str, Mutation]
"""Score, path, edit."""

UNCOUNTED = ("target", "expression-to-name", "distant-donor", "literal-donor")
UNCOUNTED_RATE = 1e-4
"""Chosen: the rate of `donor`, which is counted and does the same in other places."""


@cache
def _load_rates() -> dict[str, float]:
    """How often an edit of this shape, offered at the right place, was the fix."""
    text = Path(__file__).with_name("prior.json").read_text(encoding="utf-8")
    counts: dict[str, list[int]] = json.loads(text)["shapes"]
    operators: dict[str, list[int]] = {}
    for shape, (hits, offers) in counts.items():
        total = operators.setdefault(operator_of(shape), [0, 0])
        total[0] += hits
        total[1] += offers
    rates: dict[str, float] = {}
    for operator, (hits, offers) in operators.items():
        rates[operator] = (hits + _BACKGROUND_HITS) / (offers + 1)
    for shape, (hits, offers) in counts.items():
        base = rates[operator_of(shape)]
        rates[shape] = (hits + _SHAPE_WEIGHT) / (offers + _SHAPE_WEIGHT / base)
    return rates


def look_up_rate(shape: str) -> float:
    """The rate of a shape, or of its operator where the shape was never offered; 0 to 1."""
    operator = operator_of(shape)
    if shape in TRAPS:
        return TRAP_RATE
    if operator in UNCOUNTED:
        return UNCOUNTED_RATE
    rates = _load_rates()
    return rates.get(shape) or rates.get(operator) or min(rates.values())


def score(mutation: Mutation, path: str, suspicion: Suspicion, traced_line: int = 0) -> float:
    """Higher is earlier. `traced_line`: the one that the traceback names, or 0."""
    here = suspicion.get((path, mutation.line), 0.0)
    near = max(suspicion.get((path, mutation.line + step), 0.0) for step in (-1, 1))
    weight = max(here, near * _NEIGHBOUR_WEIGHT, _UNSEEN_SUSPICION)
    if traced_line == mutation.line:
        weight *= _TRACED_WEIGHT
    if mutation.operator in DESTRUCTIVE:
        weight *= _DESTRUCTIVE_WEIGHT
    length = sum(_count_added_characters(change) for change in mutation.changes)
    likelihood = PRIOR_WEIGHT * math.log(look_up_rate(mutation.shape))
    return likelihood + 2.0 * math.log(weight) - PER_CHARACTER * abs(length)


def _count_added_characters(change: TextEdit) -> int:
    """How much longer a change makes the text; the indentation of a new line does not count."""
    if change.start == change.end:
        return len("".join(change.text.split()))
    return len(change.text) - (change.end - change.start)


def diversify(mutations: Iterable[Scored]) -> list[Scored]:
    """The same, best first, each lowered by how many of its shape on its line come before it: when
    some of a kind have failed, the next of that kind is less likely than before."""
    counts: Counter[tuple[str, str, int]] = Counter()
    diverse = []
    for value, path, mutation in sorted(mutations, key=lambda item: -item[0]):
        kind = (mutation.shape, path, mutation.line)
        diverse.append((value - SATURATION * math.log(1 + counts[kind]), path, mutation))
        counts[kind] += 1
    return sorted(diverse, key=lambda item: -item[0])
