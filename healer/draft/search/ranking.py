"""Which candidate first: what fixes usually look like, times where the fault probably is.

Belongs here: the score. The counts in `prior.json` come from real fixes; `benchmarks/prior` says
how they were made.
"""

import json
import math
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from healer.draft.search.mutation import Mutation
from sandbox import Seen

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

Suspicion = Mapping[tuple[str, int], float]


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
    if shape in TRAPS:
        return TRAP_RATE
    rates = _rates()
    return rates.get(shape) or rates.get(shape.partition("/")[0]) or min(rates.values())


def suspicion(seen: Iterable[Seen]) -> dict[tuple[str, int], float]:
    """Ochiai for each executed line: 1.0 where only failing tests came, 0.0 where none did."""
    failed: dict[tuple[str, int], int] = {}
    passed: dict[tuple[str, int], int] = {}
    failures = 0
    for test in seen:
        bad = test.outcome not in ("passed", "skipped")
        failures += bad
        counts = failed if bad else passed
        for path, lines in test.lines.items():
            for line in lines:
                counts[path, line] = counts.get((path, line), 0) + 1
    return {
        place: hits / math.sqrt(failures * (hits + passed.get(place, 0)))
        for place, hits in failed.items()
    }


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
