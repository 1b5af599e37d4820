"""Notices for tests: an ordinary one, and one in which every text is hostile."""

from datetime import UTC, datetime
from typing import Any

from healer.failure import Failure, Frame, Raised
from healer.render.notice import CheckRow, Notice

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DIFF = """\
diff --git a/scripts/report.py b/scripts/report.py
index 5b1c2d3..8e9fa0b 100644
--- a/scripts/report.py
+++ b/scripts/report.py
@@ -1,3 +1,3 @@
 def total(rows):
-    return sum(row["amuont"] for row in rows)
+    return sum(row["amount"] for row in rows)
 LIMIT = 3
"""
HOSTILE = (
    "</pre><script>alert(1)</script>\x1b[31m\x1b]0;owned\x07\u202e\r\nBcc: thief@example.net\r\n"
    "\r\n.\r\nMAIL FROM:<x>\x00 \"'&"
)


def failure(**changes: Any) -> Failure:
    frames = (
        Frame(file="scripts/report.py", line=9, function="main", own=True, source="total(rows)"),
        Frame(
            file="scripts/report.py",
            line=2,
            function="total",
            own=True,
            source='return sum(row["amuont"] for row in rows)',
        ),
    )
    facts: dict[str, Any] = {
        "id": "f1",
        "script": "scripts/report.py",
        "source": "run",
        "exit_code": 1,
        "chain": (Raised(type="KeyError", message="'amuont'", frames=frames),),
        "fingerprint": "00112233445566aa",
    }
    return Failure(**facts | changes)


def notice(**changes: Any) -> Notice:
    facts: dict[str, Any] = {
        "kind": "review",
        "fingerprint": "00112233445566aa",
        "script": "scripts/report.py",
        "reason": "The evidence is weak: no test covers the changed line.",
        "when": NOON,
        "repair": "r7",
        "failure": failure(),
        "cause": "The column is called amount.",
        "evidence": "weak: a test that fails before and passes after would make it strong.",
        "diff": DIFF,
        "checks": (
            CheckRow(name="syntax", status="pass", seconds=0.011),
            CheckRow(name="tests", status="fail", detail="test_total did not run", seconds=3.2),
        ),
        "commands": ("healer show r7", "healer approve r7", 'healer reject r7 --reason "…"'),
        "attempts": 2,
        "cost_usd": 0.0123,
    }
    return Notice(**facts | changes)


def hostile_notice() -> Notice:
    frame = Frame(
        file=HOSTILE, line=1, function=HOSTILE, source=HOSTILE, own=True, locals={"x": HOSTILE}
    )
    bad = failure(
        script=HOSTILE,
        chain=(Raised(type=HOSTILE, message=HOSTILE, frames=(frame,), notes=(HOSTILE,)),),
    )
    return notice(
        script=HOSTILE,
        fingerprint=HOSTILE,
        reason=HOSTILE,
        failure=bad,
        cause=HOSTILE,
        evidence=HOSTILE,
        diff=DIFF.replace("total", HOSTILE),
        checks=(CheckRow(name=HOSTILE, status="fail", detail=HOSTILE),),
        commands=(HOSTILE,),
        repair=HOSTILE,
    )
