"""The verdict on one candidate: a pure function of baseline, evidence and policy.

Belongs here: what counts as fixed, and what a green result is worth. Does not belong here:
running anything. When facts are missing or contradict each other, the strict answer is given.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from healer.failure import Fact
from healer.judge.facts import Check, CheckName, Evidence, Kind, Mutants, Status, Verdict
from healer.judge.outcomes import Comparison, broken_off, compare
from quarantine.policy import Finding
from sandbox import Ended, LintFinding, Report, TestResult

NAMED = 3
"""Tests named in one sentence."""
WEAK_MUTANTS = 0.5
"""Of the mutants of the changed lines, the share that must be noticed for strong evidence.
Half, because operators also make equivalent mutants (typically a quarter) that nothing notices."""


FAULT_RULES = ("E9", "F63", "F7", "F82")
"""ruff rules that name a sure fault: syntax, broken comparisons, undefined names."""


class Question(Fact):
    """What the evidence has to answer."""

    changed: tuple[str, ...]
    """Paths that the candidate changes."""
    command: bool = False
    """A failing command is to succeed."""
    tests: bool = False
    """Failing tests are to pass."""
    regression: str = ""
    """Node-id prefix of the candidate's own new test; empty when it brings none."""
    dropped: str = ""
    """Why the candidate's own test was dropped; empty when it was not."""


def judge(
    question: Question,
    before: Report,
    after: Report,
    findings: Sequence[Finding],
    *,
    proof: Evidence,
    same_failure: Callable[[Ended], bool],
    regression_before: Report | None = None,
) -> Verdict:
    """The verdict. `same_failure` tells whether output still shows the failure in question."""
    fault = after.fault or before.fault or (regression_before and regression_before.fault)
    if fault:
        detail = f"the sandbox could not run it: {fault.message}"
        return Verdict(
            kind="unjudged",
            reasons=(detail,),
            checks=(_policy(findings), Check(name="tests", status="unjudged", detail=detail)),
        )
    tests = _compared(question, before, after)
    checks = [
        _policy(findings),
        _syntax(question, before, after),
        _lint(question, before, after),
        _reproduce(question, before, after, same_failure),
        _tests(question, before, after, tests),
        _regression(question, after, regression_before),
    ]
    failed = [check for check in checks if check.status == "fail"]
    if failed:
        kind = _kind(checks, tests)
        return Verdict(
            kind=kind, reasons=tuple(c.detail for c in failed), checks=(*checks, _skipped())
        )
    unknown = [check for check in checks if check.status == "unjudged"]
    if unknown:
        return Verdict(
            kind="unjudged", reasons=tuple(c.detail for c in unknown), checks=(*checks, _skipped())
        )
    weak = weaknesses(proof, findings, tests)
    checks.append(_evidence(weak))
    return Verdict(kind="fixed", strong=not weak, reasons=tuple(weak), checks=tuple(checks))


def refused(findings: Sequence[Finding]) -> Verdict | None:
    """The verdict where a rule rejects the patch as it stands: nothing has to be run for it."""
    policy = _policy(findings)
    if policy.status != "fail":
        return None
    names: tuple[CheckName, ...] = ("syntax", "lint", "reproduce", "tests", "regression")
    rest = tuple(_check(name, "skipped", "the policy rejects the patch") for name in names)
    return Verdict(kind="forbidden", reasons=(policy.detail,), checks=(policy, *rest, _skipped()))


def weaknesses(proof: Evidence, findings: Sequence[Finding], tests: Comparison | None) -> list[str]:
    """Why a person should decide, in plain words; empty for strong evidence."""
    weak = [f"{f.path}:{f.line}: {f.reason}" for f in findings if f.severity == "person"]
    if not proof.reproduced:
        weak.append(
            "the reported failure was not seen on the unfixed commit; "
            "record its input (capture = true) or add a test that shows it"
        )
    if proof.lines_changed and not proof.lines_executed:
        weak.append("no check runs the changed lines; add a test that does")
    elif proof.lines_executed < proof.lines_changed:
        missing = proof.lines_changed - proof.lines_executed
        weak.append(f"{missing} of {proof.lines_changed} changed lines are run by no check")
    if value := _value_weakness(proof):
        weak.append(value)
    if proof.rivals_agree is False:
        weak.append("another plausible fix behaves differently; a person has to choose")
    if proof.recorded_same is False:
        weak.append(f"a recorded good run gives other output: {proof.recorded_difference}")
    if proof.output_kept is False:
        weak.append("what the script printed before it failed is no longer printed")
    if tests and tests.flaky:
        weak.append(f"flaky tests were set aside: {_named(tests.flaky)}")
    return weak


def _value_weakness(proof: Evidence) -> str:
    """Why the values that the fix computes may be wrong; empty where they are known to be right.

    They are where the failure leaves no other fix, where a run gives again what it gave when all
    was well, or where a test that failed before tells the changed lines from small mistakes.
    """
    mutants = proof.mutants
    if proof.forced or proof.recorded_restored:
        return ""
    if not proof.tests_healed:
        return _NO_VALUE
    if mutants is None:
        return "whether the tests would notice a wrong change was not measured"
    return _mutant_weakness(mutants, _named(proof.tests_healed))


def _mutant_weakness(mutants: Mutants, healed: str) -> str:
    if mutants.noticed < WEAK_MUTANTS * mutants.total:
        example = f", such as {mutants.survivors[0]}" if mutants.survivors else ""
        return (
            f"the tests notice only {mutants.noticed} of {mutants.total} small mistakes in the "
            f"changed lines{example}; a test that tells them apart would make this strong"
        )
    if mutants.untold:
        return (
            f"no test notices a small mistake in one of the changed lines: {mutants.untold[0]}; "
            "a test that does would make this strong"
        )
    if not mutants.by_healed and (mutants.total or mutants.results):
        return (
            f"{healed} failed before and passes now, and yet says nothing of the result; assert in "
            "it what the failing case should give"
        )
    return ""


_NO_VALUE = (
    "no test fails before the fix and passes after it, so nothing says what the failing case "
    "should give; add such a test, or record good runs (capture = true)"
)


def _kind(checks: Sequence[Check], tests: Comparison | None) -> Kind:
    failed = {check.name for check in checks if check.status == "fail"}
    if "policy" in failed or (tests and tests.forged):
        return "forbidden"
    if failed & {"syntax", "lint"} or (tests and (tests.broken or tests.new_failing)):
        return "regressed"
    return "unchanged"


def _policy(findings: Sequence[Finding]) -> Check:
    rejected = [finding for finding in findings if finding.severity == "reject"]
    if rejected:
        first = rejected[0]
        return _check("policy", "fail", f"{first.path}:{first.line}: {first.reason}")
    if findings:
        return _check("policy", "pass", f"nothing forbidden; {len(findings)} for a person to see")
    return _check("policy", "pass", "nothing forbidden")


def _syntax(question: Question, before: Report, after: Report) -> Check:
    known = {problem.path for problem in before.syntax} - set(question.changed)
    problems = [problem for problem in after.syntax if problem.path not in known]
    if problems:
        first = problems[0]
        return _check("syntax", "fail", f"{first.path}:{first.line}: {first.message}", after)
    return _check("syntax", "pass", f"{len(question.changed)} changed file(s) compile", after)


def _lint(question: Question, before: Report, after: Report) -> Check:
    """New findings in changed files, told apart by file, code and message, not by line. In a file
    that did not parse, the linter saw nothing before: there only sure faults count."""
    unseen = {problem.path for problem in before.syntax}

    def counted(findings: Sequence[LintFinding]) -> Counter[tuple[str, str, str]]:
        return Counter(
            (f.path, f.code, f.message)
            for f in findings
            if f.path in question.changed
            and (f.path not in unseen or f.code.startswith(FAULT_RULES))
        )

    broken = next((finding for finding in after.lint if not finding.path), None)
    if broken:  # the linter itself could not run: neither good nor bad news of the candidate
        return _check("lint", "unjudged", f"lint could not run: {broken.message}", after)
    new = counted(after.lint) - counted(before.lint)
    if not new:
        return _check("lint", "pass", "nothing new", after)
    path, code, message = next(iter(new))
    return _check("lint", "fail", f"new in {path}: {code} {message}", after)


def _reproduce(
    question: Question, before: Report, after: Report, same_failure: Callable[[Ended], bool]
) -> Check:
    if not question.command:
        return _check("reproduce", "skipped", "no failing command was given")
    if after.command is None or before.command is None:
        return _check("reproduce", "unjudged", "the command was not run")
    now = after.command
    if now.timed_out or now.oom or now.signal is not None or now.exit_code != 0:
        return _check("reproduce", "fail", f"the command still fails: {how_ended(now)}", after)
    if same_failure(now):
        detail = "the command ends with status 0 but still prints the failure"
        return _check("reproduce", "fail", detail, after)
    return _check("reproduce", "pass", "the failing command now succeeds", after)


def _compared(question: Question, before: Report, after: Report) -> Comparison | None:
    if not before.tests and not after.tests:
        return None

    def related(result: TestResult) -> bool:
        text = f"{result.node}\n{result.detail}"
        stems = (path.rsplit("/", 1)[-1].removesuffix(".py") for path in question.changed)
        return any(stem in text for stem in stems)

    return compare(before.tests, after.tests, related)


def _tests(question: Question, before: Report, after: Report, tests: Comparison | None) -> Check:
    if tests is None:
        return _check("tests", "skipped", "the repository has no tests")
    stopped = next((why for run in after.tests if (why := broken_off(run))), "")
    problem = stopped or tests.forged or _missing_run(before, after)
    if not problem and tests.broken:
        problem = f"passed before and no longer do: {_named(tests.broken)}"
    if not problem and tests.new_failing:
        problem = f"new and failing: {_named(tests.new_failing)}"
    if not problem and tests.still_failing:
        problem = f"still failing: {_named(tests.still_failing)}"
    if not problem and question.tests and not tests.healed:
        problem = "no failing test was healed"
    if problem:
        return _check("tests", "fail", problem, after)
    detail = f"{tests.passing} passed"
    if tests.healed:
        detail += f", {len(tests.healed)} of them failed before"
    if tests.ordered:
        detail += f"; the order of the tests decides, as before: {_named(tests.ordered)}"
    if tests.unrelated:
        detail += f"; failing before and after, elsewhere: {_named(tests.unrelated)}"
    return _check("tests", "pass", detail, after)


def _missing_run(before: Report, after: Report) -> str:
    if before.tests and not after.tests:
        return "the tests were not run"
    if not any(run.results for run in after.tests) and any(r.results for r in before.tests):
        return "no test reported"
    return ""


def _regression(question: Question, after: Report, before: Report | None) -> Check:
    if not question.regression:
        said = question.dropped or "the draft brings no test of its own"
        return _check("regression", "skipped", said)
    if before is None:
        return _check("regression", "unjudged", "the new test was not run on the unfixed commit")
    prefix = question.regression
    failed_before = _bad(before, prefix)
    passed_after = _all_good(after, prefix)
    if failed_before and passed_after:
        return _check("regression", "pass", "the new test fails before and passes after")
    if not failed_before:
        return _check("regression", "fail", "the new test does not fail on the unfixed commit")
    return _check("regression", "fail", "the new test does not pass with the fix")


def _bad(report: Report, prefix: str) -> bool:
    return any(
        result.outcome in ("failed", "error")
        for run in report.tests
        for result in run.results
        if result.node.startswith(prefix)
    )


def _all_good(report: Report, prefix: str) -> bool:
    results = [r for run in report.tests for r in run.results if r.node.startswith(prefix)]
    return bool(results) and all(result.outcome == "passed" for result in results)


def _evidence(weak: Sequence[str]) -> Check:
    if weak:
        more = f" (and {len(weak) - 1} more)" if len(weak) > 1 else ""
        return _check("evidence", "fail", f"weak: {weak[0]}{more}")
    return _check("evidence", "pass", "strong")


def _skipped() -> Check:
    return _check("evidence", "skipped", "an earlier check failed")


_STEPS: dict[CheckName, str] = {
    "syntax": "compile",
    "lint": "lint",
    "reproduce": "command",
    "tests": "tests",
}


def _check(name: CheckName, status: Status, detail: str, report: Report | None = None) -> Check:
    step = _STEPS.get(name, "")
    seconds = report.step_seconds.get(step, 0.0) if report else 0.0
    return Check(name=name, status=status, detail=detail, seconds=seconds)


def how_ended(ended: Ended) -> str:
    """How a process ended, in words."""
    if ended.oom:
        return "it ran out of memory"
    if ended.timed_out:
        return "it ran into the time limit"
    if ended.signal is not None:
        return f"signal {ended.signal}"
    last = next((line for line in reversed(ended.stderr.splitlines()) if line.strip()), "")
    return f"exit status {ended.exit_code}" + (f", {last.strip()[:200]}" if last else "")


def _named(nodes: Sequence[str]) -> str:
    shown, rest = nodes[:NAMED], nodes[NAMED:]
    return ", ".join(shown) + (f" and {len(rest)} more" if rest else "")
