"""What the ledger's rows say, as facts.

Belongs here: a repair as it stands, one step of it, and what identifies a step. Does not belong
here: the tables (`tables`), their queries (`store`), and rows of older versions (`old_rows`).
"""

from typing import Literal

from pydantic import computed_field

from healer.facts.repair import Request, Result
from healer.facts.states import RepairOutcome, RepairState
from healer.failure import Fact

EntryKind = Literal[
    "examine", "draft", "call", "attempt", "outcome",
    "approval", "rejection", "relapse", "rollback", "probation", "restart",
    "other",
]  # fmt: skip
"""What was done. `other`: a kind that this version does not know."""


class Entry(Fact):
    """One step of one repair. There is one of each kind and number."""

    repair: str
    kind: EntryKind
    number: int = 0
    """Which of several, from 1; of a rollback its Unix time; 0 where a repair has only one."""
    outcome: str
    """In a word or two, for people."""
    detail: str = ""
    drafter: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    cost_usd: float = 0.0
    seconds: float = 0.0
    inputs: str = ""
    """A digest of what the decision was made from, or a git object's id."""
    cost_known: bool = True
    """False: estimated, or without a price in the configuration."""
    at: float = 0.0
    """Seconds since the epoch; set by the ledger."""

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorator above a property
    @property
    def label(self) -> str:
        """The step as it is listed, such as `draft 2`."""
        return f"{self.kind} {self.number}" if self.number else self.kind


class RepairRow(Fact):
    """One repair as it stands."""

    id: str
    key: str
    script: str
    fingerprint: str
    """Of the recorded failure; empty for a repair that began with a command or own checks."""
    state: RepairState
    outcome: RepairOutcome | Literal[""]
    """Empty while it is open."""
    created_at: float
    updated_at: float
    request: Request | None
    """None where it cannot be read: another version wrote it, and it can only be closed."""
    result: Result | None = None
    """None until it has ended, and where the row holds no result that can be read."""

    @property
    def reason(self) -> str:
        """Why it ended so, in a sentence; empty until then."""
        return self.result.reason if self.result else ""

    @property
    def branch(self) -> str:
        """The quarantine branch of its last candidate; empty without one."""
        return (self.result.branch or "") if self.result else ""

    @property
    def fix_commit(self) -> str:
        """The commit that brought the fix; empty where none was merged."""
        return (self.result.merged or "") if self.result else ""

    @property
    def known_result(self) -> Result:
        """The result, or as much of one as the columns say where it cannot be read."""
        unread = Result(repair=self.id, script=self.script, outcome="unjudged", reason="")
        return self.result or unread

    @property
    def shown_fingerprint(self) -> str:
        """Of the failure that the repair itself saw; empty where it saw none."""
        failure = self.result.failure if self.result else None
        return failure.fingerprint if failure else ""

    @property
    def incident(self) -> str:
        """The incident that it repairs: what was recorded, else what its own checks showed."""
        return self.fingerprint or self.shown_fingerprint or self.id

    @property
    def outcome_or_state(self) -> str:
        """The outcome, or that it is still open; one word for lists."""
        return self.outcome or self.state
