"""Keeps checkpoints small and without secrets: nothing that decides is cut or hidden.

Belongs here: what of a report, a failure and a verdict goes into checkpoints and the ledger.
"""

import functools
from collections.abc import Callable

from healer.failure import Failure, Raised
from healer.judge import Evidence, Nights, Verdict
from healer.redact import Redactor
from sandbox import ProcessEnd, Report, TestRun

OUTPUT_CHARS = 32_768
"""Of each output; the middle is cut."""
LISTING_CHARS = 2_000
"""Of what a run of tests printed, where each test's result is known: it says the same once more,
and is most of a repair's evidence. Where none is known it may be all that says why."""
DETAIL_CHARS = 4_000
"""Of a failing test's text; the middle is cut: at its end stands what was raised."""
DETAILED_TESTS = 50
"""Failing tests whose text is kept; all outcomes are kept."""
QUIET = ("passed", "skipped")
_TEXTS = ("detail", "values", "inner_error")
"""Of a test's result."""
_OF_MUTANTS = ("survived", "lines_without_kill")
_OF_PINS = ("change", "why")
_OF_RIVALS = ("given", "fix_gives", "rival_gives")


def truncate_report(report: Report) -> Report:
    """The report with long output cut in the middle and passing tests without text."""
    return report.model_copy(
        update={
            "command": _truncate_output(report.command) if report.command else None,
            "tests": tuple(_truncate_run(run) for run in report.tests),
        }
    )


def _truncate_run(run: TestRun) -> TestRun:
    nodes = [r.node for r in run.results if r.outcome not in QUIET][:DETAILED_TESTS]
    results = tuple(
        r.model_copy(update={"detail": _cut_middle(r.detail, DETAIL_CHARS)})
        if r.node in nodes
        else r.model_copy(update=dict.fromkeys(_TEXTS, ""))
        for r in run.results
    )
    end = _truncate_output(run.ended)
    if run.results:
        end = end.model_copy(update={"stdout": _cut_middle(end.stdout, LISTING_CHARS)})
    return run.model_copy(update={"results": results, "ended": end})


def _truncate_output(end: ProcessEnd) -> ProcessEnd:
    return end.model_copy(
        update={
            "stdout": _cut_middle(end.stdout, OUTPUT_CHARS),
            "stderr": _cut_middle(end.stderr, OUTPUT_CHARS),
            "effects": None,
        }
    )


def _cut_middle(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]}\n[… {len(text) - limit} characters cut …]\n{text[-half:]}"


def redact_report(report: Report, redactor: Redactor) -> Report:
    """The report without secrets in what was printed."""
    redact = functools.cache(redactor.text)  # a test that fails says the same in every run
    runs = []
    for run in report.tests:
        results = tuple(
            r.model_copy(update={name: redact(getattr(r, name)) for name in _TEXTS})
            if any(getattr(r, name) for name in _TEXTS)
            else r
            for r in run.results
        )
        end = _redact_output(run.ended, redact)
        runs.append(run.model_copy(update={"results": results, "ended": end}))
    command = _redact_output(report.command, redact) if report.command else None
    return report.model_copy(update={"command": command, "tests": tuple(runs)})


def _redact_output(end: ProcessEnd, redact: Callable[[str], str]) -> ProcessEnd:
    return end.model_copy(update={"stdout": redact(end.stdout), "stderr": redact(end.stderr)})


def redact_failure(failure: Failure, redactor: Redactor) -> Failure:
    """A failure without secrets; its fingerprint was made before, and stays."""
    texts = {
        "chain": tuple(_redact_exception(each, redactor) for each in failure.chain),
        "stdout_tail": redactor.text(failure.stdout_tail),
        "stderr_tail": redactor.text(failure.stderr_tail),
    }
    return failure.model_copy(update=texts)


def _redact_exception(exception: Raised, redactor: Redactor) -> Raised:
    frames = tuple(
        frame.model_copy(update={"source": redactor.source(frame.source)})
        for frame in exception.frames
    )
    notes = tuple(redactor.text(note) for note in exception.notes)
    message = redactor.text(exception.message)
    return exception.model_copy(update={"message": message, "notes": notes, "frames": frames})


def redact_verdict(verdict: Verdict, redactor: Redactor) -> Verdict:
    """A verdict whose sentences quote no secret."""
    checks = tuple(
        check.model_copy(update={"detail": redactor.text(check.detail)}) for check in verdict.checks
    )
    reasons = tuple(redactor.text(reason) for reason in verdict.reasons)
    return verdict.model_copy(update={"checks": checks, "reasons": reasons})


def redact_evidence(evidence: Evidence, redactor: Redactor) -> Evidence:
    """Evidence whose inputs, outcomes and mutants quote no secret. The text of a rival stays: it is
    the repository's own, as a draft is."""
    redact = redactor.text
    score, rivals, runs = evidence.mutation, evidence.rivals, evidence.good_runs
    changes: dict[str, object] = {
        "good_runs": runs.model_copy(update={"difference": redact(runs.difference)})
    }
    if evidence.nights is not None:
        changes["nights"] = _redact_nights(evidence.nights, redact)
    if evidence.pins is not None:
        texts = {name: redact(getattr(evidence.pins, name)) for name in _OF_PINS}
        changes["pins"] = evidence.pins.model_copy(update=texts)
    if score is not None:
        mutants = {name: tuple(map(redact, getattr(score, name))) for name in _OF_MUTANTS}
        changes["mutation"] = score.model_copy(update=mutants)
    if rivals is not None:
        every = tuple(
            rival.model_copy(update={name: redact(getattr(rival, name)) for name in _OF_RIVALS})
            for rival in rivals.rivals
        )
        changes["rivals"] = rivals.model_copy(update={"rivals": every})
    return evidence.model_copy(update=changes)


def _redact_nights(nights: Nights, redact: Callable[[str], str]) -> Nights:
    rivals = tuple(map(redact, nights.rivals))
    texts = {"change": redact(nights.change), "why": redact(nights.why), "rivals": rivals}
    return nights.model_copy(update=texts)
