"""Which candidate first: what fixes usually look like, times where the fault probably is.

Belongs here: the score. The counts in `prior.json` come from real fixes; `benchmarks/prior` says
how they were made.
"""

import json
import math
from functools import cache
from pathlib import Path

from healer.draft.search.localise import Suspicion
from healer.draft.search.mutation import Mutation

_OPERATOR_WEIGHT = 40.0
"""A detail's own rate counts for half once it was offered this often times one over its rate."""
_BACKGROUND_HITS = 0.5
_UNSEEN_SUSPICION = 0.05
"""For lines that no failing test ran: hoisted code, module level."""

DESTRUCTIVE = ("delete", "keep-body", "guard", "drop-argument", "drop-method", "unwrap-call")
"""Operators that take functionality away or treat one input apart: they win only when alone."""
_DESTRUCTIVE_WEIGHT = 0.15

TRAPS = ("mutable-default/", "late-binding/")
TRAP_RATE = 0.05
"""Chosen, not counted: these are offered so rarely that trying them early costs nothing."""


UNCOUNTED = ("target", "expression-to-name")
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
        weight = _OPERATOR_WEIGHT
        found[shape] = (hits + weight * base) / (offered + weight)
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
    added = sum(len(change.text) - (change.end - change.start) for change in mutation.changes)
    return math.log(prior(mutation.shape)) + 2.0 * math.log(weight) - 0.01 * abs(added)
