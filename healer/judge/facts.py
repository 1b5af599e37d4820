"""The judge's vocabulary: a check, a verdict, and what a green result is worth."""

from typing import Literal

from healer.failure import Fact

CheckName = Literal["policy", "syntax", "lint", "reproduce", "tests", "regression", "evidence"]
Status = Literal["pass", "fail", "unjudged", "skipped"]
Kind = Literal["fixed", "unchanged", "regressed", "forbidden", "unjudged"]


class Check(Fact):
    """One row of the table a person sees."""

    name: CheckName
    status: Status
    detail: str
    """One line; names what failed."""
    seconds: float = 0.0


class Mutants(Fact):
    """Small changes of the changed lines, and how many of them tests told from the fix."""

    noticed: int = 0
    """Of `total`, those that a test called wrong."""
    total: int = 0
    """Without those that only crashed: they tell nothing of what the lines compute."""
    by_healed: int = 0
    """Of `noticed`, or else of `results`, those that a test called wrong which had failed before
    the fix."""
    results: int = 0
    """Other values given back by the functions that hold the changed lines; tried where no such
    test called a mistake in the lines themselves wrong. Without those that only crashed."""
    crashed: int = 0
    untold: tuple[str, ...] = ()
    """Of each changed line all of whose mutants survived: the first of them."""
    survivors: tuple[str, ...] = ()
    """`path:line: before -> after`, for the question put to a person."""
    cut_short: bool = False
    """The time limit ended it before every mutant was tried."""


class Evidence(Fact):
    """What is known beyond pass and fail."""

    reproduced: bool
    """The failure that was reported was seen on the unfixed commit."""
    lines_changed: int
    lines_executed: int
    """Of the changed lines that can be executed, by the failing command or by tests."""
    mutants: Mutants | None = None
    """None: not tried."""
    forced: str = ""
    """Why the failure leaves no other fix, from the rule that knows it; empty otherwise."""
    tests_healed: tuple[str, ...] = ()
    """Tests that failed before and pass now, by node id."""
    rivals_agree: bool | None = None
    """None: there was no other plausible candidate."""
    recorded_same: bool | None = None
    """Recorded good runs gave the same output; None: none were recorded, or none can tell."""
    recorded_restored: bool = False
    """A good run that the unfixed tree can no longer make gives again what it gave."""
    recorded_difference: str = ""
    """Which run gave other output, and the first line that differs."""
    output_kept: bool | None = None
    """What the command printed before it failed is printed again; None: it printed nothing."""


class Verdict(Fact):
    """What the evidence says of one candidate."""

    kind: Kind
    strong: bool = False
    """Only ever true for `fixed`: enough evidence to merge without a person."""
    reasons: tuple[str, ...] = ()
    """Plain sentences: why not fixed, or why the evidence is weak and how to add to it."""
    checks: tuple[Check, ...] = ()

    @property
    def sentence(self) -> str:
        """The first reason, or that all is well."""
        return self.reasons[0] if self.reasons else "every check passed"
