"""What the judge says of a patch that somebody brought: the document of `healer check --json`.

Belongs here: the shapes. Does not belong here: how they come about (`healer.evidence.patch_check`),
or how they look (`healer.cli.check`, `healer.cli.sarif`).
"""

from typing import Literal

from healer.failure import Fact
from healer.judge import Check, Evidence
from quarantine.policy import Finding

CheckOutcome = Literal["strong", "weak", "refused", "unjudged"]
"""`strong`: it might merge by itself. `weak`: all checks pass, and a person has to look.
`refused`: a check fails. `unjudged`: it could not be told."""


class Note(Fact):
    """What a person should know and what decides nothing."""

    sentence: str
    path: str = ""
    line: int = 0
    """0: the file as a whole."""


class FailedTest(Fact):
    """A test that speaks against the patch."""

    node: str
    path: str
    line: int
    """Where it failed in its own file; 0 where that is not known."""
    message: str
    """The exception that ended it, in one line."""


class PatchCheck(Fact):
    """One patch, judged."""

    outcome: CheckOutcome
    reason: str
    """One sentence."""
    origin: str
    """What was checked, in words."""
    base: str
    """The commit that it is held against."""
    paths: tuple[str, ...]
    """The files that it changes, tests too."""
    heals: tuple[str, ...] = ()
    """Tests that fail without the patch and execute what it changes: it is asked whether they are
    healed. Empty: whether what was right stays so."""
    checks: tuple[Check, ...] = ()
    missing: tuple[str, ...] = ()
    """What would make weak evidence strong, the most telling first."""
    failing: tuple[FailedTest, ...] = ()
    findings: tuple[Finding, ...] = ()
    """Of the policy, those that decide."""
    notes: tuple[Note, ...] = ()
    evidence: Evidence | None = None
    """Without the texts of rivals. None: nothing was run."""
    environment_failed: bool = False
    """The sandbox itself was unavailable: nothing is said of the patch."""
    seconds: float = 0.0
