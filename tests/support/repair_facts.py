"""The facts of a repair, as its steps would give them: for tests of what is made of them."""

from typing import Any

from healer.facts.draft import Draft, Drafts, Exchange, Spent
from healer.facts.repair import Attempt, Baseline, FinishedRepair, Outcome, Request
from healer.failure import Failure, Frame, Raised
from healer.judge import Check, Verdict
from quarantine.candidate import Candidate
from quarantine.policy import Finding
from tests.support.ledger_rows import SCRIPT, request_of

DIFF = '-print(PRICES["te"])\n+print(PRICES["tea"])\n'


def draft_of(drafter: str = "rules", **fields: Any) -> Draft:
    return Draft.model_validate({"drafter": drafter, "cause": "A typo."} | fields)


def candidate_of(number: int = 1, **fields: Any) -> Candidate:
    """A candidate whose commit and tree are named by its number."""
    known = {
        "commit": f"c{number}" * 20, "tree": f"t{number}" * 20, "base": "b" * 40,
        "branch": "quarantine/a-r1", "diff": DIFF, "paths": (SCRIPT,),
    }  # fmt: skip
    return Candidate.model_validate(known | fields)


def verdict_of(kind: str = "fixed", *reasons: str, **fields: Any) -> Verdict:
    checks = (Check(name="tests", status="pass", detail="3 passed", seconds=0.5),)
    known = {"kind": kind, "strong": kind == "fixed" and not reasons, "reasons": reasons}
    return Verdict.model_validate(known | {"checks": checks} | fields)


def attempt_of(kind: str = "fixed", *reasons: str, **fields: Any) -> Attempt:
    known: dict[str, Any] = {
        "draft": draft_of(), "candidate": candidate_of(), "verdict": verdict_of(kind, *reasons),
    }  # fmt: skip
    return Attempt.model_validate(known | fields)


def finding_of(severity: str, line: int = 4, reason: str = "reads the clock") -> Finding:
    return Finding.model_validate(
        {"rule": "r", "severity": severity, "path": SCRIPT, "line": line, "reason": reason}
    )


def exchange_of(usd: float = 0.5, **fields: Any) -> Exchange:
    spent = Spent(tokens_in=100, tokens_out=10, cost_usd=usd, seconds=1.0)
    known = {"model": "small", "prompt": "what?", "reply": "a typo", "spent": spent}
    return Exchange.model_validate(known | fields)


def drafts_of(*drafts: Draft, **fields: Any) -> Drafts:
    return Drafts.model_validate({"candidates": drafts} | fields)


def crash_of(line: int = 4, message: str = "'te'", **fields: Any) -> Failure:
    """A run that ended with a KeyError in the script."""
    frame = Frame(file=SCRIPT, line=line, function="<module>", source='PRICES["te"]', own=True)
    raised = Raised(type="KeyError", message=message, frames=(frame,))
    known = {
        "id": "f1", "script": SCRIPT, "source": "run", "chain": (raised,),
        "fingerprint": "0123456789abcdef",
    }  # fmt: skip
    return Failure.model_validate(known | fields)


def finished_of(
    outcome: str | Outcome = "review", request: Request | None = None, **fields: Any
) -> FinishedRepair:
    """A repair that came to this outcome after one attempt."""
    known: dict[str, Any] = {
        "request": request or request_of(),
        "baseline": Baseline(failure=crash_of(), reproduced=True),
        "attempts": (attempt_of(),),
        "outcome": outcome
        if isinstance(outcome, Outcome)
        else Outcome.model_validate({"kind": outcome, "reason": f"it was {outcome}"}),
    }
    return FinishedRepair.model_validate(known | fields)
