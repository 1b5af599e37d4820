"""Keeps checkpoints small: cuts the long texts of a report, and nothing that decides."""

from sandbox import Ended, Report, TestRun

OUTPUT_CHARS = 32_768
DETAIL_CHARS = 4_000
DETAILED_TESTS = 50
"""Failing tests whose text is kept; all outcomes are kept."""
QUIET = ("passed", "skipped")


def trimmed(report: Report) -> Report:
    """The report with long output cut in the middle and passing tests without text."""
    return report.model_copy(
        update={
            "command": _ended(report.command) if report.command else None,
            "tests": tuple(_run(run) for run in report.tests),
        }
    )


def _run(run: TestRun) -> TestRun:
    detailed = [r.node for r in run.results if r.outcome not in QUIET][:DETAILED_TESTS]
    results = tuple(
        r.model_copy(update={"detail": r.detail[:DETAIL_CHARS] if r.node in detailed else ""})
        for r in run.results
    )
    return run.model_copy(update={"results": results, "ended": _ended(run.ended)})


def _ended(ended: Ended) -> Ended:
    return ended.model_copy(
        update={"stdout": _middle_cut(ended.stdout), "stderr": _middle_cut(ended.stderr)}
    )


def _middle_cut(text: str) -> str:
    if len(text) <= OUTPUT_CHARS:
        return text
    half = OUTPUT_CHARS // 2
    return f"{text[:half]}\n[… {len(text) - OUTPUT_CHARS} characters cut …]\n{text[-half:]}"
