"""One repair as people see it, on a terminal, on a page and as JSON.

Belongs here: the frozen facts that every view shares. Does not belong here: where they come from
(`healer.ledger` has the record, `healer.repair.view` translates).
"""

from typing import Literal

from pydantic import AwareDatetime

from healer.failure import Fact, Failure
from healer.render.notice import CheckRow

State = Literal[
    "waiting",  # in the queue
    "running",
    "review",  # waits for a person
    "healed",
    "healthy",
    "escalated",
    "gave_up",
    "unjudged",
    "rejected",
    "reverted",
]
ENDED: frozenset[State] = frozenset(
    {"healed", "healthy", "escalated", "gave_up", "unjudged", "rejected", "reverted"}
)


class Mark(Fact):
    """A line of a diff where a person should look."""

    path: str
    line: int
    """1-based in the patched file; 0 for the file as a whole."""
    reason: str


class AttemptView(Fact):
    """One draft and what became of it."""

    drafter: str
    verdict: str
    """One sentence."""
    cause: str = ""
    diff: str = ""
    checks: tuple[CheckRow, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0
    is_pin: bool = False
    """It passes the checks in another environment: another way than the one to decide on."""


class RepairView(Fact):
    """Everything that a person needs to decide on one repair, or to follow it."""

    repair: str
    script: str
    incident: str = ""
    """The id of the incident that it repairs."""
    state: State
    opened_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    reason: str = ""
    """Why it waits or ended, one or two sentences."""
    unseen: str = ""
    """Of a failure that was never seen in the sandbox: what differed there."""
    watched: str = ""
    """How far the probation of a merged fix is; empty for one that is not on it."""
    step: str = ""
    """What it does now, where it is running."""
    failure: Failure | None = None
    base: str = ""
    branch: str = ""
    has_draft: bool = False
    """Its last candidate passed the checks: there is something to approve."""
    commit: str = ""
    merged: str = ""
    """The commit on the target branch; empty when it is not merged."""
    attempts: tuple[AttemptView, ...] = ()
    """Oldest first; the last is the one to decide on."""
    marks: tuple[Mark, ...] = ()
    """Protected and suspicious places of the last attempt's diff."""
    against: tuple[str, ...] = ()
    """What rules that say reject have found; an approval has to overrule them."""
    question: str = ""
    """What a person is asked instead of a patch; empty where nothing is."""
    choices: tuple[str, ...] = ()
    """What the call of the question may give, in the order of their numbers from 1."""
    strength: Literal["", "strong", "weak"] = ""
    missing: tuple[str, ...] = ()
    """What would make the evidence strong, or why it is no fix."""
    cost_usd: float = 0.0
    cost_known: bool = True
    history: tuple[str, ...] = ()
    """What people did with it, oldest first, one line each."""

    @property
    def last(self) -> AttemptView | None:
        """The attempt to decide on."""
        return self.attempts[-1] if self.attempts else None

    @property
    def commands(self) -> tuple[str, ...]:
        """What can be typed now."""
        if self.state == "review" and self.question:
            numbers = "|".join(str(number) for number, _ in enumerate(self.choices, 1))
            return (f"healer answer {self.repair} {numbers}|none",)
        if self.state == "review":
            approve = (f"healer approve {self.repair}",) if self.has_draft else ()
            return (*approve, f"healer reject {self.repair} --reason TEXT")
        if self.merged and self.state == "healed":
            return (f"healer rollback {self.repair}",)
        return ()
