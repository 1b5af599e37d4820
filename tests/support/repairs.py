"""Repairs as people see them, for tests: an ordinary one, and a hostile one."""

from datetime import UTC, datetime
from typing import Any

from healer.render.notice import CheckRow
from healer.render.repair_view import AttemptView, Mark, RepairView
from tests.support.notices import DIFF, HOSTILE, failure

OPENED = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def attempt(**changes: Any) -> AttemptView:
    facts: dict[str, Any] = {
        "drafter": "small-model",
        "verdict": "fixed, on weak evidence",
        "cause": "The column is called amount.",
        "diff": DIFF,
        "checks": (
            CheckRow(name="syntax", status="pass", seconds=0.011),
            CheckRow(name="tests", status="fail", detail="test_total did not run", seconds=3.2),
            CheckRow(name="regression", status="skipped", detail="no test was drafted"),
        ),
        "tokens_in": 1234,
        "tokens_out": 300,
        "cost_usd": 0.0004,
        "seconds": 3.1,
    }
    return AttemptView(**facts | changes)


def repair(**changes: Any) -> RepairView:
    facts: dict[str, Any] = {
        "repair": "r7",
        "script": "scripts/report.py",
        "state": "review",
        "opened_at": OPENED,
        "reason": "The evidence is weak: no test covers the changed line.",
        "failure": failure(),
        "branch": "quarantine/report-r7",
        "has_draft": True,
        "attempts": (attempt(drafter="rules", verdict="no fix: NameError", tokens_in=0), attempt()),
        "marks": (Mark(path="scripts/report.py", line=2, reason="changes a sum of money"),),
        "strength": "weak",
        "missing": ("a test that fails before and passes after",),
        "cost_usd": 0.0008,
        "history": ("20 Nov 2026, 09:01 UTC: mailed to on@example.com",),
    }
    return RepairView(**facts | changes)


def hostile_repair(**changes: Any) -> RepairView:
    bad = attempt(
        drafter=HOSTILE,
        verdict=HOSTILE,
        cause=HOSTILE,
        diff=DIFF.replace("total", HOSTILE),
        checks=(CheckRow(name=HOSTILE, status="fail", detail=HOSTILE),),
    )
    first = failure().chain[0].model_copy(update={"type": HOSTILE, "message": HOSTILE})
    facts: dict[str, Any] = {
        "script": HOSTILE,
        "reason": HOSTILE,
        "branch": HOSTILE,
        "failure": failure(script=HOSTILE, chain=(first,), stderr_tail=HOSTILE),
        "attempts": (bad, bad),
        "marks": (Mark(path=HOSTILE, line=0, reason=HOSTILE),),
        "missing": (HOSTILE,),
        "history": (HOSTILE,),
    }
    return repair(**facts | changes)
