"""Keeps checkpoints small and without secrets: nothing that decides is cut or hidden.

Belongs here: what of a report, a failure and a verdict goes into checkpoints and the ledger.
"""

import functools
from collections.abc import Callable

from healer.failure import Failure, Raised
from healer.judge import Verdict
from healer.redact import Redactor
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


def cleared(report: Report, redactor: Redactor) -> Report:
    """The report without secrets in what was printed."""
    say = functools.cache(redactor.text)  # a test that fails says the same in every run
    runs = []
    for run in report.tests:
        results = tuple(
            r.model_copy(update={"detail": say(r.detail)}) if r.detail else r for r in run.results
        )
        runs.append(run.model_copy(update={"results": results, "ended": _cleared(run.ended, say)}))
    command = _cleared(report.command, say) if report.command else None
    return report.model_copy(update={"command": command, "tests": tuple(runs)})


def _cleared(ended: Ended, say: Callable[[str], str]) -> Ended:
    return ended.model_copy(update={"stdout": say(ended.stdout), "stderr": say(ended.stderr)})


def hidden(failure: Failure, redactor: Redactor) -> Failure:
    """A failure without secrets; its fingerprint was made before, and stays."""
    texts = {
        "chain": tuple(_raised(raised, redactor) for raised in failure.chain),
        "stdout_tail": redactor.text(failure.stdout_tail),
        "stderr_tail": redactor.text(failure.stderr_tail),
    }
    return failure.model_copy(update=texts)


def _raised(raised: Raised, redactor: Redactor) -> Raised:
    frames = tuple(
        frame.model_copy(update={"source": redactor.source(frame.source)})
        for frame in raised.frames
    )
    said = tuple(redactor.text(note) for note in raised.notes)
    message = redactor.text(raised.message)
    return raised.model_copy(update={"message": message, "notes": said, "frames": frames})


def told(verdict: Verdict, redactor: Redactor) -> Verdict:
    """A verdict whose sentences quote no secret."""
    checks = tuple(
        check.model_copy(update={"detail": redactor.text(check.detail)}) for check in verdict.checks
    )
    reasons = tuple(redactor.text(reason) for reason in verdict.reasons)
    return verdict.model_copy(update={"checks": checks, "reasons": reasons})
