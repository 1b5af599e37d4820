"""The checks of one candidate, each a row of the table that a person sees.

Belongs here: what passes, what fails, and what cannot be told. Does not belong here: the verdict
that they make together (`verdict`), or what passing is worth (`weaknesses`). When facts are missing
or contradict each other, the strict answer is given.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from healer.judge.facts import Check, CheckName, Status, Target
from healer.judge.outcomes import BAD, Comparison, explain_abort, explain_no_start, name_some
from quarantine.policy import Finding
from sandbox import LintFinding, ProcessEnd, Report

UNUSED_IMPORT = "F401"
FAULT_RULES = ("E9", "F63", "F7", "F82")
"""ruff rules that name a sure fault: syntax, broken comparisons, undefined names."""
_STEPS: dict[CheckName, str] = {
    "syntax": "compile",
    "lint": "lint",
    "reproduce": "command",
    "tests": "tests",
}
"""The sandbox's step whose time a check shows."""


def make_check(name: CheckName, status: Status, detail: str, report: Report | None = None) -> Check:
    """A check with the seconds that its step took in `report`."""
    seconds = report.step_seconds.get(_STEPS.get(name, ""), 0.0) if report else 0.0
    return Check(name=name, status=status, detail=detail, seconds=seconds)


def check_policy(findings: Sequence[Finding]) -> Check:
    """Fails for what no honest fix needs."""
    rejects = [finding for finding in findings if finding.severity == "reject"]
    if rejects:
        first = rejects[0]
        return make_check("policy", "fail", f"{first.path}:{first.line}: {first.reason}")
    if findings:
        count = len(findings)
        return make_check("policy", "pass", f"nothing forbidden; {count} for a person to see")
    return make_check("policy", "pass", "nothing forbidden")


def check_syntax(target: Target, before: Report, after: Report) -> Check:
    """Every file compiles that the candidate changes, or that did before."""
    broken_before = {problem.path for problem in before.syntax} - set(target.paths)
    problems = [problem for problem in after.syntax if problem.path not in broken_before]
    if problems:
        first = problems[0]
        return make_check("syntax", "fail", f"{first.path}:{first.line}: {first.message}", after)
    return make_check("syntax", "pass", f"{len(target.paths)} changed file(s) compile", after)


def check_lint(target: Target, before: Report, after: Report) -> Check:
    """New findings in changed files, told apart by file, code and message, not by line. In a file
    that did not parse, the linter saw nothing before: there only sure faults count. An import that
    stood there before and that the fix has no use for is no fault at all."""
    not_parsed = {problem.path for problem in before.syntax}

    def count(findings: Sequence[LintFinding]) -> Counter[tuple[str, str, str]]:
        return Counter(
            (f.path, f.code, f.message)
            for f in findings
            if f.path in target.paths
            and (f.path not in not_parsed or f.code.startswith(FAULT_RULES))
            and not _is_left_over(f, target)
        )

    own_problem = next((finding for finding in after.lint if not finding.path), None)
    if own_problem:  # the linter itself could not run: neither good nor bad news of the candidate
        return make_check("lint", "unjudged", f"lint could not run: {own_problem.message}", after)
    new = count(after.lint) - count(before.lint)
    if not new:
        return make_check("lint", "pass", "nothing new", after)
    path, code, message = next(iter(new))
    return make_check("lint", "fail", f"new in {path}: {code} {message}", after)


def _is_left_over(finding: LintFinding, target: Target) -> bool:
    is_old = target.lines is not None and finding.line not in target.lines.get(finding.path, ())
    return finding.code == UNUSED_IMPORT and is_old


def check_command(
    target: Target, before: Report, after: Report, shows_failure: Callable[[ProcessEnd], bool]
) -> Check:
    """The failing command succeeds, and its output no longer shows the failure. One that gets past
    the failure and then asks what no night has recorded, as for a second page, cannot come to its
    end here: that is no proof, and no fault of the fix, but for a guess of the search."""
    if not target.command:
        return make_check("reproduce", "skipped", "no failing command was given")
    if after.command is None or before.command is None:
        return make_check("reproduce", "unjudged", "the command was not run")
    now = after.command
    if not target.is_guess and _asks_further(now) and not shows_failure(now):
        detail = f"it gets past the failure, then asks what is not recorded: {now.missed[0]}"
        return make_check("reproduce", "skipped", detail, after)
    if problem := _command_problem(now, after.varied_command, shows_failure):
        return make_check("reproduce", "fail", problem, after)
    detail = "the failing command now succeeds"
    if now.borrowed:
        detail += f"; {now.borrowed[0]} was answered by a good night's tape"
        detail += f", and {len(now.borrowed) - 1} more" if now.borrowed[1:] else ""
    return make_check("reproduce", "pass", detail, after)


def _asks_further(end: ProcessEnd) -> bool:
    """It ended by itself with an error, after a question that nothing answers here."""
    is_cut = end.timed_out or end.oom or end.signal is not None
    return bool(end.missed) and not is_cut and not _is_good(end)


def _command_problem(
    now: ProcessEnd, elsewhere: ProcessEnd | None, shows_failure: Callable[[ProcessEnd], bool]
) -> str:
    """What is wrong with how the failing command ends now; empty where nothing is."""
    if not _is_good(now):
        return f"the command still fails: {describe_end(now)}"
    if shows_failure(now):
        return "the command ends with status 0 but still prints the failure"
    if elsewhere is not None and (not _is_good(elsewhere) or shows_failure(elsewhere)):
        return (
            "the command succeeds, but not where folder, user, host, time zone, locale and hash "
            f"seed differ: {describe_end(elsewhere)}"
        )
    return ""


def _is_good(end: ProcessEnd) -> bool:
    return end.exit_code == 0 and not (end.timed_out or end.oom or end.signal is not None)


def check_tests(
    target: Target,
    before: Report,
    after: Report,
    tests: Comparison | None,
    *,
    base_in_time: bool = False,
) -> Check:
    """What passed still passes, what failed and concerns the repair passes now. `base_in_time`: at
    the same load the base's tests come to their end."""
    if tests is None:
        return make_check("tests", "skipped", "no test command is configured")
    if tests.not_started:
        return make_check("tests", "skipped", tests.not_started, after)
    if not _has_results(before) and not _has_results(after):
        return make_check("tests", "skipped", "pytest finds no tests", after)
    if not base_in_time and _is_slower(before, after, tests):
        detail = "the tests ran into the time limit, which they did not before; it is tried again"
        return make_check("tests", "unjudged", detail, after)
    problem = _test_problem(target, before, after, tests)
    if problem:
        return make_check("tests", "fail", problem, after)
    detail = f"{tests.passed} passed"
    if tests.fail_to_pass:
        detail += f", {len(tests.fail_to_pass)} of them failed before"
    if tests.order_dependent:
        nodes = name_some(tests.order_dependent)
        detail += f"; the order of the tests decides, as before: {nodes}"
    if tests.unrelated:
        elsewhere = name_some(tests.uncollected or tests.unrelated)
        detail += f"; failing before and after, elsewhere: {elsewhere}"
    return make_check("tests", "pass", detail, after)


def _test_problem(target: Target, before: Report, after: Report, tests: Comparison) -> str:
    """The first thing that is wrong, the most telling first; empty where nothing is."""
    reasons = (explain_abort(run) or explain_no_start(run) for run in after.tests)
    abort = next((why for why in reasons if why), "")
    if problem := abort or tests.forgery or _missing_run(before, after):
        return problem
    if tests.pass_to_fail:
        return f"passed before and no longer do: {name_some(tests.pass_to_fail)}"
    if tests.new_failing:
        return f"new and failing: {name_some(tests.new_failing)}"
    if tests.still_failing:
        return f"still failing: {name_some(tests.still_failing)}"
    if target.tests and not tests.fail_to_pass:
        return "no failing test was healed"
    return ""


def _is_slower(before: Report, after: Report, tests: Comparison) -> bool:
    """The time limit ended the tests, and none of those that came to an end fails: a busy machine
    does that, too."""
    if any(run.ended.timed_out for run in before.tests) or tests.forgery or tests.new_failing:
        return False
    failing = {r.node for run in after.tests for r in run.results if r.outcome in BAD}
    is_late = any(run.ended.timed_out for run in after.tests)
    return is_late and failing.isdisjoint(tests.pass_to_fail)


def _missing_run(before: Report, after: Report) -> str:
    if before.tests and not after.tests:
        return "the tests were not run"
    if _has_results(before) and not _has_results(after):
        return "no test reported"
    return ""


def _has_results(report: Report) -> bool:
    return any(run.results for run in report.tests)


def check_own_test(target: Target, after: Report, before: Report | None) -> Check:
    """The candidate's own test fails on the unfixed commit (`before`) and passes with the fix."""
    prefix = target.own_test
    if not prefix:
        detail = target.own_test_dropped or "the draft brings no test of its own"
        return make_check("regression", "skipped", detail)
    if before is None:
        detail = "the new test was not run on the unfixed commit"
        return make_check("regression", "unjudged", detail)
    if not any(outcome in BAD for outcome in _outcomes(before, prefix)):
        detail = "the new test does not fail on the unfixed commit"
        return make_check("regression", "fail", detail)
    outcomes = _outcomes(after, prefix)
    if not outcomes or set(outcomes) != {"passed"}:
        return make_check("regression", "fail", "the new test does not pass with the fix")
    return make_check("regression", "pass", "the new test fails before and passes after")


def _outcomes(report: Report, prefix: str) -> list[str]:
    results = [result for run in report.tests for result in run.results]
    return [result.outcome for result in results if result.node.startswith(prefix)]


def describe_end(end: ProcessEnd) -> str:
    """How a process ended, in words."""
    if end.oom:
        return "it ran out of memory"
    if end.timed_out:
        return "it ran into the time limit"
    if end.signal is not None:
        return f"signal {end.signal}"
    last = next((line for line in reversed(end.stderr.splitlines()) if line.strip()), "")
    return f"exit status {end.exit_code}" + (f", {last.strip()[:200]}" if last else "")
