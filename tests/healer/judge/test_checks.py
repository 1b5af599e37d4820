"""Each check alone: what passes it, what fails it, and what it does not claim to know."""

import pytest

from healer.judge.checks import (
    check_command,
    check_lint,
    check_own_test,
    check_policy,
    check_syntax,
    check_tests,
    describe_end,
    make_check,
)
from healer.judge.facts import Target
from healer.judge.outcomes import Comparison, compare_tests
from quarantine.policy import Finding
from sandbox import LintFinding, ProcessEnd, Report, SyntaxProblem, TestRun
from tests.healer.judge.reports import PATH, ended, report, run

TARGET = Target(paths=(PATH,), command=True, tests=True)
QUIET = {"shows_failure": lambda _: False}


def finding(severity: str, line: int = 3) -> Finding:
    values = {"rule": "r", "severity": severity, "path": PATH, "line": line, "reason": "It exits."}
    return Finding.model_validate(values)


@pytest.mark.parametrize(
    ("findings", "status", "detail"),
    [
        ((), "pass", "nothing forbidden"),
        ((finding("person"),), "pass", "nothing forbidden; 1 for a person to see"),
        ((finding("person"), finding("reject", 9)), "fail", f"{PATH}:9: It exits."),
    ],
)
def test_what_no_honest_fix_needs_fails_the_policy(
    findings: tuple[Finding, ...], status: str, detail: str
) -> None:
    check = check_policy(findings)
    assert (check.status, check.detail) == (status, detail)


def problem(path: str) -> SyntaxProblem:
    return SyntaxProblem(path=path, line=2, message="invalid syntax")


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ((), (), "pass"),
        ((), (problem(PATH),), "fail"),
        ((), (problem("other.py"),), "fail"),
        ((problem("other.py"),), (problem("other.py"),), "pass"),
        ((problem(PATH),), (problem(PATH),), "fail"),
        ((problem(PATH),), (), "pass"),
    ],
)
def test_a_file_that_does_not_compile_counts_unless_it_never_did_and_is_not_changed(
    before: tuple[SyntaxProblem, ...], after: tuple[SyntaxProblem, ...], status: str
) -> None:
    assert check_syntax(TARGET, Report(syntax=before), Report(syntax=after)).status == status


def lint(path: str = PATH, code: str = "F401", line: int = 1) -> LintFinding:
    return LintFinding(path=path, line=line, code=code, message="a finding")


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ((), (), "pass"),
        ((), (lint(),), "fail"),
        ((lint(line=1),), (lint(line=9),), "pass"),
        ((lint(),), (lint(), lint(line=9)), "fail"),
        ((), (lint("elsewhere.py"),), "pass"),
        ((lint(code="F841"),), (lint(code="F401"),), "fail"),
        ((), (lint("", "ruff"),), "unjudged"),
    ],
)
def test_only_new_findings_in_changed_files_count(
    before: tuple[LintFinding, ...], after: tuple[LintFinding, ...], status: str
) -> None:
    assert check_lint(TARGET, Report(lint=before), Report(lint=after)).status == status


@pytest.mark.parametrize(
    ("finding", "status"),
    [(lint(line=1), "pass"), (lint(line=3), "fail"), (lint(code="F841", line=1), "fail")],
)
def test_an_import_that_the_fix_only_left_without_use_is_no_fault(
    finding: LintFinding, status: str
) -> None:
    target = TARGET.model_copy(update={"lines": {PATH: (3,)}})
    assert check_lint(target, Report(), Report(lint=(finding,))).status == status


@pytest.mark.parametrize(
    ("after", "status"),
    [
        (report(0), "pass"),
        (report(1), "fail"),
        (report(None), "unjudged"),
        (Report(command=ended(0, timed_out=True)), "fail"),
        (Report(command=ended(0, oom=True)), "fail"),
        (Report(command=ended(None, signal=11)), "fail"),
    ],
)
def test_the_command_must_end_by_itself_with_status_0(after: Report, status: str) -> None:
    assert check_command(TARGET, report(1), after, lambda _: False).status == status


@pytest.mark.parametrize("status", [0, 1, None])
def test_the_command_must_succeed_in_other_surroundings_too(status: int | None) -> None:
    end = None if status is None else ended(status, "KeyError: 'HOME'")
    after = report(0).model_copy(update={"varied_command": end})
    check = check_command(TARGET, report(1), after, lambda _: False)
    assert check.status == ("fail" if status else "pass")
    assert ("KeyError: 'HOME'" in check.detail) is bool(status)


def test_a_command_that_still_prints_the_failure_did_not_succeed() -> None:
    check = check_command(TARGET, report(1), report(0), lambda _: True)
    assert (check.status, "still prints the failure" in check.detail) == ("fail", True)


ASKED = ended(1, missed=("GET http://api.example/rows?page=2",))


def test_a_command_that_goes_on_to_what_is_not_recorded_is_not_seen_to_its_end() -> None:
    check = check_command(TARGET, report(1), Report(command=ASKED), **QUIET)
    assert (check.status, check.detail) == (
        "skipped",
        "it gets past the failure, then asks what is not recorded: "
        "GET http://api.example/rows?page=2",
    )


@pytest.mark.parametrize(
    ("target", "end", "shows"),
    [
        (TARGET, ASKED, True),
        (TARGET.model_copy(update={"is_guess": True}), ASKED, False),
        (TARGET, ASKED.model_copy(update={"timed_out": True}), False),
        (TARGET, ASKED.model_copy(update={"missed": ()}), False),
    ],
)
def test_and_fails_where_it_fails_as_before_or_is_a_guess_or_hangs(
    target: Target, end: ProcessEnd, shows: bool
) -> None:
    check = check_command(target, report(1), Report(command=end), shows_failure=lambda _: shows)
    assert check.status == "fail"


def test_without_a_failing_command_there_is_none_to_run() -> None:
    target = TARGET.model_copy(update={"command": False})
    assert check_command(target, report(None), report(1), lambda _: True).status == "skipped"


def test_a_command_that_the_baseline_did_not_run_proves_nothing() -> None:
    assert check_command(TARGET, report(None), report(0), lambda _: False).status == "unjudged"


GREEN = report(0, run(a="passed"))


@pytest.mark.parametrize(
    ("comparison", "status", "detail"),
    [
        (Comparison(passed=2, fail_to_pass=("a",)), "pass", "2 passed, 1 of them failed before"),
        (Comparison(passed=2), "fail", "no failing test was healed"),
        (Comparison(pass_to_fail=("a",)), "fail", "passed before and no longer do: a"),
        (Comparison(new_failing=("a",)), "fail", "new and failing: a"),
        (Comparison(still_failing=("a",)), "fail", "still failing: a"),
        (Comparison(forgery="it lies"), "fail", "it lies"),
        (Comparison(not_started="no pytest"), "skipped", "no pytest"),
        (
            Comparison(passed=1, fail_to_pass=("a",), unrelated=("b",), order_dependent=("c",)),
            "pass",
            "1 passed, 1 of them failed before; the order of the tests decides, as before: c; "
            "failing before and after, elsewhere: b",
        ),
    ],
)
def test_the_tests_row_names_the_first_thing_that_is_wrong(
    comparison: Comparison, status: str, detail: str
) -> None:
    check = check_tests(TARGET, GREEN, GREEN, comparison)
    assert (check.status, check.detail) == (status, detail)


def test_without_a_test_command_there_is_nothing_to_say() -> None:
    assert check_tests(TARGET, Report(), Report(), None).status == "skipped"


@pytest.mark.parametrize(
    ("after", "word"),
    [
        (Report(), "were not run"),
        (report(0, run()), "no test reported"),
        (report(0, run(a="passed").model_copy(update={"ended": ended(1, oom=True)})), "memory"),
    ],
)
def test_tests_that_say_less_than_before_fail(after: Report, word: str) -> None:
    check = check_tests(TARGET, GREEN, after, Comparison(fail_to_pass=("a",)))
    assert check.status == "fail"
    assert word in check.detail


OWN = TARGET.model_copy(update={"own_test": "tests/test_total.py::new"})


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        ("failed", "passed", "pass"),
        ("error", "passed", "pass"),
        ("failed", "failed", "fail"),
        ("failed", "skipped", "fail"),
        ("passed", "passed", "fail"),
        ("skipped", "passed", "fail"),
        ("failed", "", "fail"),
    ],
)
def test_a_drafts_own_test_must_tell_the_two_trees_apart(
    before: str, after: str, status: str
) -> None:
    now = report(0, run(new=after) if after else run())
    assert check_own_test(OWN, now, report(None, run(new=before))).status == status


def test_an_own_test_that_was_not_run_on_the_base_is_unjudged_and_none_is_skipped() -> None:
    assert check_own_test(OWN, GREEN, None).status == "unjudged"
    dropped = TARGET.model_copy(update={"own_test_dropped": "it cannot be run"})
    assert check_own_test(dropped, GREEN, None).detail == "it cannot be run"
    assert check_own_test(TARGET, GREEN, None).status == "skipped"


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ({"oom": True}, "it ran out of memory"),
        ({"timed_out": True}, "it ran into the time limit"),
        ({"signal": 9}, "signal 9"),
        ({"stderr": "Traceback\n\nKeyError: 1\n\n"}, "exit status 1, KeyError: 1"),
        ({}, "exit status 1"),
    ],
)
def test_an_end_is_told_in_words(how: dict[str, object], text: str) -> None:
    stderr = str(how.pop("stderr", ""))
    assert describe_end(ended(1, stderr, **how)) == text


def test_a_check_shows_the_seconds_of_its_own_step() -> None:
    timed = Report(step_seconds={"tests": 1.5, "lint": 0.1})
    assert make_check("tests", "pass", "", timed).seconds == 1.5
    assert make_check("policy", "pass", "", timed).seconds == 0.0


LATE = {"code": None, "timed_out": True}


@pytest.mark.parametrize(
    ("before", "after", "status"),
    [
        (run(a="passed", b="failed"), run(a="passed"), "unjudged"),
        (run(a="passed", b="failed"), run(b="passed"), "unjudged"),
        (run(a="passed", b="failed"), run(a="failed"), "fail"),
        (run(a="passed", b="failed"), run(a="passed", c="failed"), "fail"),
        (run(a="passed").model_copy(update={"ended": ended(**LATE)}), run(a="passed"), "fail"),
    ],
)
def test_tests_that_only_took_longer_than_before_are_tried_again(
    before: TestRun, after: TestRun, status: str
) -> None:
    late = after.model_copy(update={"ended": ended(**LATE)})
    tests = compare_tests([before], [late], lambda _: True)
    check = check_tests(TARGET, report(1, before), report(0, late), tests)
    assert check.status == status


def test_a_time_limit_decides_only_where_the_base_keeps_to_it_at_the_same_load() -> None:
    late = report(0, run(a="passed").model_copy(update={"ended": ended(None, timed_out=True)}))
    comparison = Comparison(passed=1)
    assert check_tests(TARGET, GREEN, late, comparison).status == "unjudged"
    check = check_tests(TARGET, GREEN, late, comparison, base_in_time=True)
    assert (check.status, check.detail) == ("fail", "the tests ran into the time limit")
