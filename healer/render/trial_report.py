"""What healer would have done with a repository's past: the document of `healer trial --json`.

Belongs here: the shapes, and what follows from the cases of one script. Does not belong here: how
a case comes about (`healer.app.trial`), or how it looks (`healer.render.trial`).
"""

from collections.abc import Iterable, Sequence
from typing import Literal

from healer.failure import Fact

CaseEnd = Literal["merged", "waits", "nothing", "unusable"]
"""`merged`: it would have merged by itself. `waits`: a person would have been asked. `nothing`: no
draft passed. `unusable`: it says nothing of healer, for it could not be replayed."""
LikenessKind = Literal["same", "alike", "differs", "unknown"]
"""`same`: the same code. `alike`: the same on every input tried. `differs`: not the same on one.
`unknown`: that could not be compared."""
Proposal = Literal["merge", "review"]
ENOUGH = 3
"""Fixes that would have merged and do what a person's does, before merging is proposed."""


class Likeness(Fact):
    """Whether a fix does what a person's fix of the same does."""

    kind: LikenessKind
    detail: str = ""
    """The input on which they differ and what each gives, or why nothing is known."""


class TrialCase(Fact):
    """One piece of the past, tried again."""

    origin: Literal["commit", "failure"]
    """A commit whose fix was undone, or a failure that was recorded."""
    id: str
    at: int
    """Unix time, of the commit or the failure."""
    subject: str
    """The commit's first line, or the failure's; untrusted text."""
    script: str
    end: CaseEnd
    reason: str
    drafter: str = ""
    rule: str = ""
    likeness: Likeness | None = None
    """None: there is nothing to compare."""
    diff: str = ""
    """Of the fix that would have merged or waited."""
    person: str = ""
    """The person's commit that it is compared with."""
    person_diff: str = ""
    cost_usd: float = 0.0
    cost_known: bool = True
    seconds: float = 0.0


class ScriptTrial(Fact):
    """What all cases say of one script."""

    script: str
    cases: int
    """Without unusable ones."""
    merged: int
    right: int
    """Of those, how many do what the person's fix does."""
    differing: int
    """Of those, how many do otherwise."""
    waiting: int
    nothing: int
    unusable: int
    cost_usd: float
    seconds: float
    autonomy: str
    """As it is configured now."""
    proposal: Proposal
    why: str


class TrialReport(Fact):
    """The whole trial."""

    since: int
    """Unix time from which on the past was looked at; 0: from the beginning."""
    target: str
    tip: str
    drafter: str
    version: str
    cases: tuple[TrialCase, ...]
    scripts: tuple[ScriptTrial, ...]
    has_more: bool = False
    """Older pieces of the past were not tried, since `--most` or the money had been reached."""
    stopped: str = ""
    """Why it ended before all was tried; empty where it did not."""

    @property
    def usable(self) -> tuple[TrialCase, ...]:
        """The cases that say something."""
        return tuple(case for case in self.cases if case.end != "unusable")


def sum_up(script: str, cases: Iterable[TrialCase], autonomy: str) -> ScriptTrial:
    """What the cases of one script say, and what is proposed for it."""
    cases = tuple(cases)
    usable = [case for case in cases if case.end != "unusable"]
    merges = [case for case in usable if case.end == "merged"]
    kinds = [case.likeness.kind for case in merges if case.likeness]
    right, differing = sum(k in ("same", "alike") for k in kinds), kinds.count("differs")
    waiting = [case for case in usable if case.end == "waits"]
    proposal, why = _propose(merges, waiting, right, differing)
    return ScriptTrial(
        script=script,
        cases=len(usable),
        merged=len(merges),
        right=right,
        differing=differing,
        waiting=len(waiting),
        nothing=len(usable) - len(merges) - len(waiting),
        unusable=len(cases) - len(usable),
        cost_usd=sum(case.cost_usd for case in cases),
        seconds=sum(case.seconds for case in cases),
        autonomy=autonomy,
        proposal=proposal,
        why=why,
    )


def _propose(
    merges: Sequence[TrialCase], waiting: Sequence[TrialCase], right: int, differing: int
) -> tuple[Proposal, str]:
    if differing:
        return "review", f"{differing} of {len(merges)} would have merged and does otherwise"
    if right >= ENOUGH:
        return "merge", f"all {right} that could be compared do what the person's fix does"
    if merges:
        return "review", f"{right} right so far; {ENOUGH} are needed before merging is proposed"
    if waiting:
        return "review", "every fix would have waited for a person"
    return "review", "nothing was healed, so nothing speaks for merging"
