"""Which candidate first: what fixes usually look like, times where the fault probably is.

Belongs here: the score. The counts in `prior.json` come from real fixes; `benchmarks/prior` says
how they were made.
"""

import json
import math
from collections import Counter
from functools import cache
from pathlib import Path

from healer.draft.rules.source_file import TextEdit
from healer.draft.search.localise import Suspicion
from healer.draft.search.operators.site import Mutation

_SHAPE_WEIGHT = 0.25
"""A shape's own rate counts for half once so many fixes of it were to be expected by the rate of
its operator. Chosen by leaving one fix out of the counts at a time."""
_BACKGROUND_HITS = 0.5
_UNSEEN_SUSPICION = 0.05
"""For lines that no failing test ran: hoisted code, module level."""

DESTRUCTIVE = ("delete", "keep-body", "guard", "drop-argument", "drop-method", "unwrap-call")
"""Operators that take functionality away or treat one input apart: they win only when alone."""
_DESTRUCTIVE_WEIGHT = 0.15

TRAPS = ("mutable-default/", "late-binding/", "never-filled/")
TRAP_RATE = 0.05
"""Chosen, not counted: these are offered so rarely that trying them early costs nothing."""


PRIOR_WEIGHT = 0.7
"""Below 1, since the counted fixes are of other programs than the one at hand."""
PER_CHARACTER = 0.1
SATURATION = 0.5
"""These three were chosen on small programs with tests, by where the first that passes came."""

Scored = tuple[float, str, Mutation]
"""Score, path, edit."""

UNCOUNTED = ("target", "expression-to-name", "distant-donor")
UNCOUNTED_RATE = 1e-4
"""Chosen: the rate of `donor`, which is counted and does the same in other places."""


@cache
def _rates() -> dict[str, float]:
    """How often an edit of this shape, offered at the right place, was the fix."""
    text = Path(__file__).with_name("prior.json").read_text(encoding="utf-8")
    counts: dict[str, list[int]] = json.loads(text)["shapes"]
    operators: dict[str, list[int]] = {}
    for shape, (hits, offered) in counts.items():
        total = operators.setdefault(shape.partition("/")[0], [0, 0])
        total[0] += hits
        total[1] += offered
    found: dict[str, float] = {}
    for operator, (hits, offered) in operators.items():
        found[operator] = (hits + _BACKGROUND_HITS) / (offered + 1)
    for shape, (hits, offered) in counts.items():
        base = found[shape.partition("/")[0]]
        found[shape] = (hits + _SHAPE_WEIGHT) / (offered + _SHAPE_WEIGHT / base)
    return found


def prior(shape: str) -> float:
    """The rate of a shape, or of its operator where the shape was never offered."""
    operator = shape.partition("/")[0]
    if shape in TRAPS:
        return TRAP_RATE
    if operator in UNCOUNTED:
        return UNCOUNTED_RATE
    rates = _rates()
    return rates.get(shape) or rates.get(operator) or min(rates.values())


def score(mutation: Mutation, path: str, suspicious: Suspicion, traced: int = 0) -> float:
    """Higher is earlier. `traced`: the line that the traceback names, or 0."""
    here = suspicious.get((path, mutation.line), 0.0)
    near = max(suspicious.get((path, mutation.line + step), 0.0) for step in (-1, 1))
    weight = max(here, near * 0.5, _UNSEEN_SUSPICION)
    if traced:
        weight *= 3.0 if traced == mutation.line else 1.0
    if mutation.operator in DESTRUCTIVE:
        weight *= _DESTRUCTIVE_WEIGHT
    added = sum(_characters(change) for change in mutation.changes)
    likely = PRIOR_WEIGHT * math.log(prior(mutation.shape))
    return likely + 2.0 * math.log(weight) - PER_CHARACTER * abs(added)


def _characters(change: TextEdit) -> int:
    """How much longer a change makes the text; the indentation of a new line does not count."""
    if change.start == change.end:
        return len("".join(change.text.split()))
    return len(change.text) - (change.end - change.start)


def diverse(scored: list[Scored]) -> list[Scored]:
    """The same, best first, each lowered by how many of its shape on its line come before it: when
    some of a kind have failed, the next of that kind is less likely than before."""
    scored.sort(key=lambda item: -item[0])
    counts: Counter[tuple[str, str, int]] = Counter()
    lowered = []
    for value, path, mutation in scored:
        kind = (mutation.shape, path, mutation.line)
        lowered.append((value - SATURATION * math.log(1 + counts[kind]), path, mutation))
        counts[kind] += 1
    lowered.sort(key=lambda item: -item[0])
    return lowered
