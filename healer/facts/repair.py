"""The facts of one repair: what was asked, what each step found, what came of it.

Belongs here: the shapes that are checkpointed as JSON and printed by `--json`. Does not belong
here: how they come about (`healer.repair`).
"""

from collections.abc import Sequence
from typing import Literal

from pydantic import AliasChoices, Field

from healer.facts.draft import Draft, Drafts, Exchange, ExhaustedBudget, Spent, WriteFile, total
from healer.facts.question import Question
from healer.failure import Fact, Failure
from healer.judge import Check, Evidence, Verdict
from quarantine.candidate import Candidate
from quarantine.policy import Finding
from sandbox import Report

OutcomeKind = Literal["healthy", "healed", "review", "escalated", "gave_up", "unjudged"]

EXIT_CODES: dict[str, int] = {
    "healthy": 0, "healed": 0, "review": 1, "escalated": 1, "gave_up": 1, "unjudged": 3,
}  # fmt: skip  # a table of six words is read in one line
"""`unjudged` is 3: the environment was unavailable, nothing is said of the script."""
MAIL_KEPT = 3
"""A person is to be told and could not be: the mail server was unavailable."""


class Request(Fact):
    """What a repair is to do. Frozen when it is opened; a restart goes on with the same."""

    repair: str
    script: str
    target: str
    base: str
    failure: Failure | None = None
    """The recorded failure; None: the command or the script's own checks tell."""
    command: tuple[str, ...] = ()
    merge: bool = True
    drafter: Literal["auto", "rules", "model"] = "auto"
    attempts: int = 4
    budget_usd: float | None = None
    """None: the configuration's."""
    proposal: Draft | None = None
    """By somebody outside: nothing else is tried."""
    pull_request: bool = False
    """A fix is offered as one, and merges by its checks or by a person."""
    opened_at: int = 0
    """Seconds since the epoch; commits carry it, so that a repeated step makes the same commit."""


class Baseline(Fact):
    """What is known before anything is drafted."""

    healthy: bool = False
    stop: OutcomeKind | None = None
    """Nothing is drafted: the repair ends here."""
    reason: str = ""
    protected: bool = False
    """It ends here since only people may change what is at fault."""
    failure: Failure | None = None
    reproduced: bool = False
    difference: str = ""
    """Of a failure that was not reproduced: what differed in the sandbox, and what to switch on."""
    origin: str = ""
    """What changed since the last good night, in a sentence; empty: nothing is known."""
    command: tuple[str, ...] = ()
    by_tests: bool = False
    """Failing tests are part of what is to be healed."""
    report: Report = Field(
        default=Report(),
        validation_alias=AliasChoices("report", "baseline"),
        serialization_alias="baseline",
    )
    """What was seen on the unfixed commit, trimmed."""
    review_only: str = ""
    """Why a fix may only wait for a person; empty when it may merge."""
    notify: tuple[str, ...] = ()
    """Addresses besides the configured ones."""
    next_step: str = ""


class QuarantinedPatch(Fact):
    """One candidate in quarantine, or why there is none."""

    draft: Draft
    candidate: Candidate | None = None
    findings: tuple[Finding, ...] = ()
    refused: str = ""
    """Why the draft could not become a candidate."""
    protected: str = ""
    """Why only a person may merge it; empty when nothing it touches is protected."""
    protected_paths: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    dropped: str = ""
    """Why the draft's own test was dropped; empty when it was not."""
    reproduction: WriteFile | None = None
    """The draft's own test, which fails before and passes after, also where none is merged."""
    tests_changed: tuple[str, ...] = ()
    """What of the tests that were there a person's patch changes or takes away, as node ids."""


class Attempt(Fact):
    """One attempt with its verdict."""

    draft: Draft
    candidate: Candidate | None = None
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    protected: str = ""
    protected_paths: tuple[str, ...] = ()
    notify: tuple[str, ...] = ()
    report: Report | None = None
    """What was seen of it in the sandbox, trimmed."""
    question: Question | None = None
    reproduction: WriteFile | None = None
    spent: Spent = Spent()
    """Of the round of drafting; on the round's first attempt only."""
    exchanges: tuple[Exchange, ...] = ()
    """Prompts and replies of the round; on its first attempt only."""


class Judged(Fact):
    """A verdict with what it rests on."""

    verdict: Verdict
    report: Report | None = None
    evidence: Evidence | None = None
    """None: nothing had to be run, or it could not be."""


class Dossier(Fact):
    """Everything known of a repair; kept for as long as its branch."""

    request: Request
    baseline: Baseline = Field(
        validation_alias=AliasChoices("baseline", "examined"), serialization_alias="examined"
    )
    attempts: tuple[Attempt, ...] = ()
    fruitless: tuple[Exchange, ...] = ()
    """Prompts and replies of rounds that brought no candidate."""

    @property
    def last_candidate(self) -> Attempt | None:
        """The attempt that is shown, approved and merged, if any became a candidate."""
        return last_candidate(self.attempts)


class Outcome(Fact):
    """Why a repair ends."""

    kind: OutcomeKind
    reason: str
    question: str = ""
    """The one question that a person is asked instead of a patch."""
    is_proved: bool = False
    """Only the checks of its pull request are missing."""
    merged: str = ""
    checkout: str = ""
    notify: tuple[str, ...] = ()
    next_step: str = ""
    protected: bool = False
    """A person is asked since only people may change what is at fault, or what the fix touches."""
    stopped_by_budget: bool = False
    exhausted_budget: ExhaustedBudget = ""
    waiting_repair: str = ""
    """Another repair of the same incident that waits for a person: this one ends as that."""


class FinishedRepair(Fact):
    """What the steps of a repair have given, at its end."""

    request: Request
    baseline: Baseline = Baseline()
    attempts: tuple[Attempt, ...] = ()
    rounds: tuple[Drafts, ...] = ()
    """All rounds of drafting, those without a candidate too: they cost as well."""
    outcome: Outcome

    @property
    def shown_attempt(self) -> Attempt | None:
        """The last attempt that became a candidate, else the last."""
        return last_candidate(self.attempts) or (self.attempts[-1] if self.attempts else None)

    @property
    def fruitless_rounds(self) -> tuple[Drafts, ...]:
        """Those without a candidate; the cost of the others stands in their first attempt."""
        return tuple(drafts for drafts in self.rounds if not drafts.candidates)

    @property
    def cost(self) -> Spent:
        """Of all calls to models."""
        of_rounds = (drafts.spent for drafts in self.fruitless_rounds)
        return total([*(attempt.spent for attempt in self.attempts), *of_rounds])

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All calls to models, those of attempts first."""
        of_attempts = [exchange for each in self.attempts for exchange in each.exchanges]
        of_rounds = [exchange for each in self.fruitless_rounds for exchange in each.exchanges]
        return (*of_attempts, *of_rounds)


class AttemptPrinted(Fact):
    """An attempt as `--json` prints it; people see `healer.render.repair_view.AttemptView`."""

    drafter: str
    rule: str = ""
    cause: str = ""
    verdict: str
    diff: str
    commit: str | None
    checks: tuple[Check, ...]
    tokens_in: int
    tokens_out: int
    cost_usd: float
    seconds: float


class FailurePrinted(Fact):
    """A failure as `--json` prints it."""

    fingerprint: str
    type: str
    """Of the exception; empty without a traceback."""
    message: str
    """The exception's; without a traceback how the run ended."""
    file: str
    line: int


class Result(Fact):
    """What came of a repair: the document that `healer fix --json` prints."""

    repair: str
    script: str
    outcome: OutcomeKind
    reason: str
    failure: FailurePrinted | None = None
    base: str = ""
    branch: str | None = None
    commit: str | None = None
    merged: str | None = None
    drafter: str | None = None
    attempts: tuple[AttemptPrinted, ...] = ()
    checks: tuple[Check, ...] = ()
    missing: tuple[str, ...] = ()
    """What would make the evidence strong."""
    question: str = ""
    """The one question that it waits for; empty where it waits for no answer."""
    checkout: str = ""
    """Why the working tree did not follow a merge; empty when it did."""
    pushed: str = ""
    """What became of the quarantine branch on the remote; empty when nothing is pushed."""
    pull_request: str = ""
    """Its address, or why there is none; empty where none was wanted."""
    is_proved: bool = False
    mail: str = ""
    """What became of the mail; empty when none was due."""
    mail_kept: bool = False
    """A mail is due and could not be sent yet; it is sent later."""
    next_step: str = ""
    stopped_by_budget: bool = False
    """Money, not drafts, was what it lacked."""
    exhausted_budget: ExhaustedBudget = ""
    waiting_repair: str = ""
    """Another repair of the same incident waits for a person: this one ended as that."""
    cost_usd: float = 0.0
    cost_known: bool = True
    seconds: float = 0.0

    @property
    def has_draft(self) -> bool:
        """Its last candidate passed the checks: there is something that a person can approve."""
        shown_attempts = (each for each in self.attempts if each.commit == self.commit)
        return bool(self.branch) and all(each.verdict == "fixed" for each in shown_attempts)


def last_candidate(attempts: Sequence[Attempt]) -> Attempt | None:
    """The last attempt that became a candidate, or None."""
    return next((each for each in reversed(attempts) if each.candidate), None)
