"""Reports on a script with a test, and requests to repair it, for the tests of the evidence."""

from healer.facts.repair import Request
from healer.failure import Failure, fingerprint, parse_traceback
from sandbox import ProcessEnd, Report, TestResult, TestRun
from sandbox.inside.tree import ROOT

SCRIPT = "scripts/job.py"
TRACE = f"""Traceback (most recent call last):
  File "{ROOT}/{SCRIPT}", line 2, in <module>
    print(row["totl"])
KeyError: 'totl'
"""


def request(**more: object) -> Request:
    values = {"repair": "r1", "script": SCRIPT, "target": "main", "base": "main", **more}
    return Request.model_validate(values)


def failure(trace: str = TRACE, **more: object) -> Failure:
    """A recorded failure of the script."""
    values = {"id": "f1", "script": SCRIPT, "source": "run", "stderr_tail": trace, **more}
    found = Failure.model_validate({**values, "chain": parse_traceback(trace, roots=(ROOT,))})
    return found.model_copy(update={"fingerprint": fingerprint(found)})


def ended(code: int | None = 0, stderr: str = "", **more: object) -> ProcessEnd:
    return ProcessEnd.model_validate({"exit_code": code, "stderr": stderr, **more})


def result(node: str, outcome: str = "passed", detail: str = "") -> TestResult:
    return TestResult.model_validate({"node": node, "outcome": outcome, "detail": detail})


def run(*results: TestResult, **more: object) -> TestRun:
    """A run of pytest that can be believed."""
    values = {"ended": ended(1), "sentinels": 1, "sentinels_failed": 1, **more}
    return TestRun.model_validate({"results": results, **values})


def report(*runs: TestRun, **more: object) -> Report:
    return Report.model_validate({"tests": runs, **more})
