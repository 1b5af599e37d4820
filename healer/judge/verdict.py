"""The verdict on one candidate: a pure function of baseline, evidence and policy.

Belongs here: how checks and weaknesses make a verdict. Does not belong here: running anything, a
single check (`checks`), or a single law of evidence (`weaknesses`).
"""

from collections.abc import Callable, Sequence

from healer.judge import checks
from healer.judge.facts import Check, CheckName, Evidence, Kind, Target, Verdict
from healer.judge.outcomes import Comparison, compare_tests, is_concerned
from healer.judge.weaknesses import Case, Weakness, find_weaknesses
from quarantine.policy import Finding
from sandbox import ProcessEnd, Report, TestResult


def judge(
    target: Target,
    before: Report,
    after: Report,
    findings: Sequence[Finding],
    *,
    evidence: Evidence,
    shows_failure: Callable[[ProcessEnd], bool],
    own_test_before: Report | None = None,
) -> Verdict:
    """The verdict. `shows_failure` tells whether output still shows the failure in question;
    `own_test_before` is the candidate's own test on the unfixed commit."""
    fault = after.fault or before.fault or (own_test_before and own_test_before.fault)
    if fault:
        detail = f"the sandbox could not run it: {fault.message}"
        sure = (checks.check_policy(findings), checks.make_check("tests", "unjudged", detail))
        return Verdict(kind="unjudged", reasons=(detail,), checks=sure)
    tests = _compare(target, before, after)
    rows = (
        checks.check_policy(findings),
        checks.check_syntax(target, before, after),
        checks.check_lint(target, before, after),
        checks.check_command(target, before, after, shows_failure),
        checks.check_tests(target, before, after, tests, base_in_time=evidence.base_in_time),
        checks.check_own_test(target, after, own_test_before),
    )
    if failures := [check for check in rows if check.status == "fail"]:
        return _without_evidence(_kind_of_failure(failures, tests), failures, rows)
    if unknown := [check for check in rows if check.status == "unjudged"]:
        return _without_evidence("unjudged", unknown, rows)
    if after.command is not None and not evidence.missed:
        evidence = evidence.model_copy(update={"missed": after.command.missed})
    weaknesses = find_weaknesses(Case(evidence, findings, tests))
    if target.is_guess and not evidence.fail_to_pass:
        contradictions = [each for each in weaknesses if each.kind == "night-differs"]
        if contradictions:
            return _refuse_guess(contradictions, rows)
    return Verdict(
        kind="fixed",
        strong=not weaknesses,
        reasons=tuple(each.sentence for each in weaknesses),
        weaknesses=tuple(each.kind for each in weaknesses),
        checks=(*rows, _check_evidence(weaknesses)),
    )


def refuse_by_policy(findings: Sequence[Finding]) -> Verdict | None:
    """The verdict where a rule rejects the patch as it stands: nothing has to be run for it."""
    policy = checks.check_policy(findings)
    if policy.status != "fail":
        return None
    names: tuple[CheckName, ...] = ("syntax", "lint", "reproduce", "tests", "regression")
    why = "the policy rejects the patch"
    rest = tuple(checks.make_check(name, "skipped", why) for name in names)
    return _without_evidence("forbidden", (policy,), (policy, *rest))


def _compare(target: Target, before: Report, after: Report) -> Comparison | None:
    if not (before.tests or after.tests):
        return None

    def is_related(result: TestResult) -> bool:
        return is_concerned(result.node, before.failing, target.code)

    comparison = compare_tests(before.tests, after.tests, is_related)
    by_date = tuple(node for node in after.by_date if node not in before.by_date)
    return comparison.model_copy(update={"by_date": by_date})


def _kind_of_failure(failures: Sequence[Check], tests: Comparison | None) -> Kind:
    names = {check.name for check in failures}
    if "policy" in names or (tests and tests.forgery):
        return "forbidden"
    if names & {"syntax", "lint"} or (tests and (tests.pass_to_fail or tests.new_failing)):
        return "regressed"
    return "unchanged"


def _without_evidence(kind: Kind, why: Sequence[Check], rows: Sequence[Check]) -> Verdict:
    rest = checks.make_check("evidence", "skipped", "an earlier check failed")
    reasons = tuple(check.detail for check in why)
    return Verdict(kind=kind, reasons=reasons, checks=(*rows, rest))


def _refuse_guess(why: Sequence[Weakness], rows: Sequence[Check]) -> Verdict:
    """The good nights speak against a guess, and nothing for it: no person is to look at it."""
    reasons = tuple(each.sentence for each in why)
    evidence = checks.make_check("evidence", "fail", reasons[0])
    return Verdict(kind="regressed", reasons=reasons, checks=(*rows, evidence))


def _check_evidence(weaknesses: Sequence[Weakness]) -> Check:
    if not weaknesses:
        return checks.make_check("evidence", "pass", "strong")
    more = f" (and {len(weaknesses) - 1} more)" if len(weaknesses) > 1 else ""
    return checks.make_check("evidence", "fail", f"weak: {weaknesses[0].sentence}{more}")
