"""What the baseline shows as a failure: of the command, of a test, of syntax or lint.

Belongs here: from a report on the unfixed commit to a `Failure`. Does not belong here: whether it
may be repaired (`baseline`, `stops`).
"""

import re

from healer.facts.repair import Request
from healer.failure import Failure, Raised, fingerprint, parse_traceback
from healer.judge import FAULT_RULES, find_failing_tests, find_trace
from sandbox import Command, ProcessEnd, Report, TestResult
from sandbox.inside.tree import ROOT

JOB_ROOTS = (ROOT,)
"""Where the tree lies inside the sandbox: frames below it are the repository's own."""
_TAIL_CHARS = 8_000
_MISSING = ("FileNotFoundError", "NotADirectoryError")
_QUOTED = re.compile(r"'([^']+)'")


def find_failure(request: Request, command: Command | None, report: Report) -> Failure | None:
    """The failure that the baseline shows, or None when all is well."""
    if command and did_fail(report.command) and report.command:
        return failure_of_command(request, command.argv, report.command)
    results = find_related_failures(request.script, report)
    return _failure_of_test(request, results[0]) if results else _failure_of_checks(request, report)


def did_fail(end: ProcessEnd | None) -> bool:
    """Whether a command was run and did not end well."""
    return end is not None and (
        end.exit_code != 0 or end.timed_out or end.oom or end.signal is not None
    )


def find_related_failures(script: str, report: Report) -> list[TestResult]:
    """Failing tests that execute the script. Where none does, those that only import it, and those
    of which it is not known; of a command that was not traced nothing is known at all."""
    by_status = any(run.by_status for run in report.tests)
    direct: list[TestResult] = []
    others: list[TestResult] = []
    for node, result in find_failing_tests(report.tests).items():
        trace = find_trace(node, report.failing)
        if trace is None:
            others += [] if by_status else [result]
        elif script in (trace.executed or trace.loaded):
            direct.append(result)
        elif script in trace.loaded:
            others.append(result)
    return direct or others


def is_shown_by_a_test(request: Request, failure: Failure, report: Report) -> bool:
    """Whether a test of the repository fails in every run with the same exception at the same
    line, by what it brings itself: then the code is at fault, whatever the exception's kind. A
    file of the tree that is missing may be missing in the sandbox alone."""
    if failure.exception is None or failure.culprit is None or _misses_file_of_tree(failure):
        return False
    failing = find_failing_tests(report.tests).values()
    failures = (_failure_of_test(request, result) for result in failing)
    return any(
        _place_of(each) == _place_of(failure) and not _misses_file_of_tree(each)
        for each in failures
    )


def _place_of(failure: Failure) -> tuple[str, str, int]:
    exception, frame = failure.exception, failure.culprit
    return (exception.type if exception else "", *((frame.file, frame.line) if frame else ("", 0)))


def _misses_file_of_tree(failure: Failure) -> bool:
    if failure.exception is None or failure.exception.type not in _MISSING:
        return False
    paths = _QUOTED.findall(failure.exception.message)
    return not paths or any(not path.startswith("/") or path.startswith(ROOT) for path in paths)


def failure_of_command(request: Request, argv: tuple[str, ...], end: ProcessEnd) -> Failure:
    """A failing run in the sandbox as a failure."""
    chain = parse_traceback(end.stderr, roots=JOB_ROOTS)
    failure = _make_failure(request, chain, end.stderr).model_copy(
        update={
            "argv": argv,
            "exit_code": end.exit_code,
            "signal": end.signal,
            "timed_out": end.timed_out,
            "stdout_tail": end.stdout[-_TAIL_CHARS:],
            "duration_s": end.seconds,
        }
    )
    return _with_fingerprint(failure)


def shows_failure(end: ProcessEnd, failure: Failure | None, request: Request) -> bool:
    """Whether the output still shows the failure that is to be gone."""
    if failure is None or failure.exception is None:
        return False
    chain = parse_traceback(end.stderr, roots=JOB_ROOTS)
    if not chain:
        return False
    observation = failure_of_command(request, failure.argv, end)
    return (
        fingerprint(observation) == failure.fingerprint or chain[-1].type == failure.exception.type
    )


def _failure_of_test(request: Request, result: TestResult) -> Failure:
    chain = parse_traceback(result.detail, roots=JOB_ROOTS)
    return _with_fingerprint(_make_failure(request, chain, result.detail))


def _failure_of_checks(request: Request, report: Report) -> Failure | None:
    """A failure made from syntax or sure lint findings in the script itself."""
    for problem in report.syntax:
        if problem.path == request.script:
            return _failure_of_line(request, "SyntaxError", problem.message, problem.line)
    for finding in report.lint:
        if finding.path == request.script and finding.code.startswith(FAULT_RULES):
            kind = "NameError" if finding.code.startswith("F82") else "LintError"
            return _failure_of_line(request, kind, finding.message, finding.line)
    return None


def _failure_of_line(request: Request, kind: str, message: str, line: int) -> Failure:
    text = f'  File "{JOB_ROOTS[0]}/{request.script}", line {line}\n{kind}: {message}\n'
    chain = parse_traceback("Traceback (most recent call last):\n" + text, roots=JOB_ROOTS)
    failure = _make_failure(request, chain, text)
    return _with_fingerprint(failure.model_copy(update={"source": "check"}))


def _make_failure(request: Request, chain: tuple[Raised, ...], stderr: str) -> Failure:
    return Failure(
        id=f"{request.repair}-baseline",
        script=request.script,
        source="baseline",
        chain=chain,
        stderr_tail=stderr[-_TAIL_CHARS:],
        commit=request.base,
    )


def _with_fingerprint(failure: Failure) -> Failure:
    return failure.model_copy(update={"fingerprint": fingerprint(failure)})
