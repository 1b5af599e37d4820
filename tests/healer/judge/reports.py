"""Reports as the sandbox gives them, for the judge's tests."""

from sandbox import ProcessEnd, Report, TestRun
from sandbox.report import TestResult

PATH = "scripts/total.py"


def ended(code: int | None = 0, stderr: str = "", **more: object) -> ProcessEnd:
    return ProcessEnd.model_validate({"exit_code": code, "stderr": stderr, **more})


def run(
    code: int | None = None,
    sentinels: tuple[int, int] = (2, 2),
    consistent: bool = True,
    **outcomes: str,
) -> TestRun:
    """One run of `test_total.py`; its exit status is what the outcomes make of it."""
    results = tuple(
        TestResult.model_validate({"node": f"tests/test_total.py::{name}", "outcome": outcome})
        for name, outcome in outcomes.items()
    )
    if code is None:
        code = int(any(outcome in ("failed", "error") for outcome in outcomes.values()))
    return TestRun(
        results=results,
        ended=ended(code),
        sentinels=sentinels[0],
        sentinels_failed=sentinels[1],
        consistent=consistent,
    )


def by_command(code: int, command: str = "sh tests/run.sh", stderr: str = "") -> TestRun:
    """The run of a test command that is not pytest."""
    outcome = "failed" if code else "passed"
    result = TestResult.model_validate({"node": command, "outcome": outcome, "detail": stderr})
    return TestRun(results=(result,), ended=ended(code, stderr), by_status=True)


def not_started(stderr: str = "usage: pytest\nerror: no such option: --x\n") -> TestRun:
    """A run of pytest that ended before its collection."""
    return TestRun(results=(), ended=ended(4, stderr), sentinels=4, consistent=False)


def report(command: int | None = 0, *tests: TestRun, **more: object) -> Report:
    """A report of a failing command's status and of runs of the tests."""
    values = {"command": ended(command) if command is not None else None, "tests": tests, **more}
    return Report.model_validate(values)
