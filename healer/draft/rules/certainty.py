"""How sure a rule is of its fix: counted, on code that its author did not write.

Belongs here: the figures of `certainty.json`, which `python -m benchmarks.rules_precision` writes,
and the bound that a figure gives. Does not belong here: what is done with it (`drafter`).
"""

import json
import math
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CERTAINTY_JSON = Path(__file__).with_name("certainty.json")
GUESS = 0.85
"""The highest estimate of a fix where something else may have been meant as well. It stays below
that of a reading without a rival (`drafter.CLEAR_READING`)."""
CONFIDENCE = 0.95
NEEDED = 0.99
"""The least precision that must be shown with that confidence before a fix is called the only one.
Without an error this takes 299 tries."""


@dataclass(frozen=True)
class Count:
    """Fixes that are the original program again, of those drafted."""

    right: int
    of: int

    def __str__(self) -> str:
        return f"{self.right} of {self.of}"

    @property
    def lower_bound(self) -> float:
        """The precision that the count shows with 95 % confidence (one-sided Clopper-Pearson)."""
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            if _chance_of_at_least(self.right, self.of, middle) < 1 - CONFIDENCE:
                low = middle
            else:
                high = middle
        return low


@dataclass(frozen=True)
class Certainty:
    """What became of the first drafts of a rule, where the original program is known."""

    clear: Count
    """Drafts beside which neither the rule nor another one saw a second reading."""
    drafts: Count
    """All first drafts of the rule, those with rivals too."""
    on: str
    """What was broken, in a few words."""

    @property
    def is_forcing(self) -> bool:
        """A clear draft of this rule may be called the only fix."""
        return self.clear.lower_bound >= NEEDED

    def __str__(self) -> str:
        if not self.clear.of:
            return f"{self.drafts} right, none without a rival ({self.on})"
        lowest = math.floor(1000 * self.clear.lower_bound) / 1000
        return (
            f"{self.clear} right without a rival, at least {lowest:.3f}; "
            f"{self.drafts} in all ({self.on})"
        )


def _chance_of_at_least(right: int, of: int, precision: float) -> float:
    """How likely so many right ones or more are at a precision between 0 and 1."""
    if not right:
        return 1.0
    wrong = range(of - right + 1)
    logs = (
        math.lgamma(of + 1)
        - math.lgamma(k + 1)
        - math.lgamma(of - k + 1)
        + (of - k) * math.log(precision)
        + k * math.log1p(-precision)
        for k in wrong
    )
    return math.fsum(math.exp(log) for log in logs)


@cache
def _figures() -> dict[str, Certainty]:
    table = json.loads(CERTAINTY_JSON.read_text(encoding="utf-8"))
    return {
        name: Certainty(Count(*row["clear"]), Count(*row["drafts"]), table["on"])
        for name, row in table["rules"].items()
    }


def certainty_of(rule: str) -> Certainty | None:
    """What was measured of the rule of this name; None: nothing."""
    return _figures().get(rule)
