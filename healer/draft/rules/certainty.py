"""How sure a rule is of its fix, and how that was measured.

Belongs here: the figures of `certainty.json`, which `python -m benchmarks.rule_certainty`
writes. Does not belong here: what is done with a certainty (`drafter`).
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CERTAINTY_JSON = Path(__file__).with_name("certainty.json")
GUESS = 0.85
"""The most that is claimed for a fix where something else may have been meant as well. It stays
below what merges without a test or a recorded run that says so (`drafter.FORCED`)."""


@dataclass(frozen=True)
class Measured:
    """What became of the scripts for which a rule gave the first draft."""

    right: int
    of: int
    on: str
    """The set of scripts, as `benchmarks/` names it."""

    def __str__(self) -> str:
        return f"{self.right} of {self.of} right ({self.on})"


@dataclass(frozen=True)
class Certainty:
    """0 to 1: how rarely a reviewer would want something else, given that the rule fires."""

    value: float
    """What the rule claims for its example; in a less clear case it claims less."""
    measured: Measured | None = None
    """None: not measured. The value is then its author's estimate."""

    def __str__(self) -> str:
        return f"{self.value:.2f}, {self.measured or 'not measured'}"


@cache
def _figures() -> dict[str, Measured]:
    table = json.loads(CERTAINTY_JSON.read_text(encoding="utf-8"))
    return {name: Measured(**figure) for name, figure in table.items()}


def certainty_of(rule: str, value: float) -> Certainty:
    """The value with the figure that was measured for the rule of this name."""
    return Certainty(value, _figures().get(rule))
