"""The verdict is strict: what is missing, contradictory or merely lucky is never `fixed`."""

import pytest

from healer.judge import Evidence, MutationScore, ReplayComparison, Target, Verdict, judge
from healer.judge.nights import Nights
from quarantine.policy import Finding
from sandbox import (
    FailingTests,
    Fault,
    FaultKind,
    LintFinding,
    Report,
    SyntaxProblem,
    TestResult,
    TestRun,
)
from tests.healer.judge.reports import PATH, by_command, ended, not_started, report, run

KILLED = MutationScore(killed=3, total=3, killed_by_fail_to_pass=1)
STRONG = Evidence(
    reproduced=True,
    lines_changed=1,
    lines_executed=1,
    mutation=KILLED,
    fail_to_pass=("tests/test_total.py::a",),
)


DIFFERENT = ReplayComparison(same=False, difference="a run: 'total 12' became 'total 13'")
BEFORE = report(1, run(a="failed", b="passed"), run(a="failed", b="passed"))
GOOD = run(a="passed", b="passed")


def verdict(after: Report, before: Report = BEFORE, **more: object) -> Verdict:
    given: dict[str, object] = {
        "findings": (),
        "evidence": STRONG,
        "shows_failure": lambda _: False,
        **more,
    }
    target = given.pop("target", Target(paths=(PATH,), command=True, tests=True))
    findings = given.pop("findings")
    return judge(target, before, after, findings, **given)


def status(of: Verdict, name: str) -> str:
    return next(check.status for check in of.checks if check.name == name)


def test_a_healed_command_with_healed_tests_and_strong_proof_is_strong() -> None:
    seen = verdict(report(0, GOOD, GOOD))
    assert (seen.kind, seen.strong, seen.reasons) == ("fixed", True, ())


@pytest.mark.parametrize(
    "after",
    [
        pytest.param(report(1, GOOD, GOOD), id="the command still fails"),
        pytest.param(report(0, run(a="failed", b="passed")), id="the failing test still fails"),
        pytest.param(report(0, run(a="skipped", b="passed")), id="the failing test is skipped"),
        pytest.param(report(0, run(a="xfailed", b="passed")), id="it is expected to fail now"),
        pytest.param(report(0, run(b="passed")), id="the failing test vanished"),
        pytest.param(report(0), id="the tests were not run"),
        pytest.param(report(0, run()), id="no test reported"),
        pytest.param(report(0, GOOD, run(a="failed", b="passed")), id="one of two runs fails"),
        pytest.param(report(0, GOOD, run(b="passed")), id="one of two runs lacks the test"),
    ],
)
def test_what_is_not_healed_in_every_run_is_not_fixed(after: Report) -> None:
    assert verdict(after).kind in ("unchanged", "regressed")


@pytest.mark.parametrize("outcome", ["failed", "error", "skipped", "xfailed"])
def test_a_test_that_passed_and_no_longer_does_is_a_regression(outcome: str) -> None:
    assert verdict(report(0, run(a="passed", b=outcome))).kind == "regressed"


def test_a_test_that_passed_and_vanished_is_a_regression() -> None:
    assert verdict(report(0, run(a="passed"))).kind == "regressed"


def test_a_new_failing_test_is_a_regression() -> None:
    assert verdict(report(0, run(a="passed", b="passed", c="failed"))).kind == "regressed"


@pytest.mark.parametrize(
    "forged",
    [
        pytest.param(run(sentinels=(2, 1), a="passed", b="passed"), id="a sentinel passed"),
        pytest.param(run(consistent=False, a="passed", b="passed"), id="reports contradict"),
        pytest.param(run(sentinels=(0, 0), a="passed", b="passed"), id="no sentinel was in it"),
        pytest.param(run(code=0, a="passed", b="passed", c="failed"), id="status 0 with failures"),
        pytest.param(run(sentinels=(2, 0), a="passed", b="passed"), id="all sentinels passed"),
    ],
)
def test_a_result_that_must_fail_and_does_not_is_forged(forged: TestRun) -> None:
    assert verdict(report(0, forged)).kind == "forbidden"


@pytest.mark.parametrize("how", [{"timed_out": True}, {"oom": True}, {"signal": 9}])
def test_status_0_is_not_enough_when_the_process_did_not_end_by_itself(
    how: dict[str, object],
) -> None:
    after = report(0, GOOD, GOOD).model_copy(update={"command": ended(0, **how)})
    assert verdict(after).kind == "unchanged"


def test_status_0_with_the_same_traceback_on_stderr_is_not_fixed() -> None:
    assert verdict(report(0, GOOD, GOOD), shows_failure=lambda _: True).kind == "unchanged"


@pytest.mark.parametrize("broken", ["before", "after"])
def test_a_sandbox_fault_is_unjudged_whatever_else_the_report_says(broken: str) -> None:
    fault = Fault(kind=FaultKind.ENGINE, message="Docker Engine went away")
    faulty = report(0, GOOD, GOOD, fault=fault)
    reports = {"before": BEFORE, "after": report(0, GOOD, GOOD), broken: faulty}
    assert verdict(reports["after"], reports["before"]).kind == "unjudged"


@pytest.mark.parametrize("code", [0, 1])
def test_what_asks_for_more_than_is_recorded_waits_for_a_person(code: int) -> None:
    """Whatever else speaks for it, and whoever gathered that."""
    after = report(code, GOOD, GOOD)
    end = ended(code, missed=("GET http://api.example/rows?page=2",))
    seen = verdict(after.model_copy(update={"command": end}))
    assert (seen.kind, seen.strong, seen.weaknesses) == ("fixed", False, ("not-recorded",))


def test_a_command_that_was_not_run_is_unjudged() -> None:
    assert verdict(report(None, GOOD, GOOD)).kind == "unjudged"


def test_a_rejecting_rule_forbids_even_when_every_check_passes() -> None:
    finding = Finding(rule="exit", severity="reject", path=PATH, line=3, reason="ends the process")
    assert verdict(report(0, GOOD, GOOD), findings=(finding,)).kind == "forbidden"


def test_a_rule_for_a_person_leaves_it_fixed_but_weak() -> None:
    finding = Finding(rule="net", severity="person", path=PATH, line=3, reason="opens a socket")
    seen = verdict(report(0, GOOD, GOOD), findings=(finding,))
    assert (seen.kind, seen.strong) == ("fixed", False)
    assert "opens a socket" in seen.reasons[0]


def test_a_changed_file_that_does_not_compile_is_a_regression() -> None:
    problem = SyntaxProblem(path=PATH, line=2, message="invalid syntax")
    seen = verdict(report(0, GOOD, GOOD, syntax=(problem,)))
    assert (seen.kind, status(seen, "syntax")) == ("regressed", "fail")


def test_a_broken_file_elsewhere_that_was_broken_before_does_not_count() -> None:
    problem = SyntaxProblem(path="old/py2.py", line=2, message="invalid syntax")
    before = BEFORE.model_copy(update={"syntax": (problem,)})
    assert verdict(report(0, GOOD, GOOD, syntax=(problem,)), before).kind == "fixed"


def test_a_linter_that_could_not_run_is_unjudged() -> None:
    broken = LintFinding(path="", line=0, code="ruff", message="unknown option")
    assert verdict(report(0, GOOD, GOOD, lint=(broken,))).kind == "unjudged"


@pytest.mark.parametrize(("code", "kind"), [("F841", "fixed"), ("F821", "regressed")])
def test_what_the_linter_finds_in_a_file_that_did_not_parse_is_not_new(
    code: str, kind: str
) -> None:
    problem = SyntaxProblem(path=PATH, line=1, message="invalid syntax")
    before = BEFORE.model_copy(update={"syntax": (problem,)})
    found = LintFinding(path=PATH, line=4, code=code, message="a finding")
    assert verdict(report(0, GOOD, GOOD, lint=(found,)), before).kind == kind


def test_only_new_lint_findings_count_and_lines_may_shift() -> None:
    old = LintFinding(path=PATH, line=1, code="F401", message="`os` imported but unused")
    moved = old.model_copy(update={"line": 9})
    before = BEFORE.model_copy(update={"lint": (old,)})
    assert verdict(report(0, GOOD, GOOD, lint=(moved,)), before).kind == "fixed"
    assert verdict(report(0, GOOD, GOOD, lint=(moved, old)), before).kind == "regressed"


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"reproduced": False}, id="not reproduced"),
        pytest.param({"lines_executed": 0}, id="changed line not run"),
        pytest.param({"mutation": None}, id="mutants not tried"),
        pytest.param(
            {"mutation": MutationScore(killed=1, total=4, killed_by_fail_to_pass=1)},
            id="mutants not killed",
        ),
        pytest.param(
            {"mutation": KILLED.model_copy(update={"lines_without_kill": ("a.py:3: 1 -> 2",)})},
            id="nothing killed on one line",
        ),
        pytest.param(
            {"mutation": KILLED.model_copy(update={"killed_by_fail_to_pass": 0})},
            id="the test that failed before kills nothing",
        ),
        pytest.param({"fail_to_pass": ()}, id="no test failed before"),
        pytest.param({"good_runs": DIFFERENT}, id="a recorded run differs"),
        pytest.param({"output_kept": False}, id="earlier output is gone"),
    ],
)
def test_each_gap_in_the_proof_makes_it_weak_and_says_why(change: dict[str, object]) -> None:
    seen = verdict(report(0, GOOD, GOOD), evidence=STRONG.model_copy(update=change))
    assert (seen.kind, seen.strong) == ("fixed", False)
    assert seen.reasons


NOTHING_TOLD: dict[str, object] = {"fail_to_pass": (), "mutation": MutationScore()}


@pytest.mark.parametrize(
    "known",
    [
        pytest.param({"forced": "wrong-key: `unit_price` was meant."}, id="rule"),
        pytest.param(
            {"good_runs": ReplayComparison(same=True, restored=True)}, id="a run is as it was"
        ),
        pytest.param(
            {"fail_to_pass": ("t::a",), "mutation": MutationScore(tried=2)},
            id="a test, and no mutant that means anything",
        ),
    ],
)
def test_values_that_are_known_to_be_right_otherwise_need_no_mutants(
    known: dict[str, object],
) -> None:
    evidence = STRONG.model_copy(update={**NOTHING_TOLD, **known})
    assert verdict(report(0, GOOD, GOOD), evidence=evidence).strong
    assert not verdict(
        report(0, GOOD, GOOD), evidence=STRONG.model_copy(update=NOTHING_TOLD)
    ).strong


def test_a_forced_fix_that_changes_a_recorded_run_is_weak() -> None:
    evidence = STRONG.model_copy(update={"forced": "wrong-key", "good_runs": DIFFERENT})
    assert not verdict(report(0, GOOD, GOOD), evidence=evidence).strong


def test_a_flaky_baseline_test_is_set_aside_and_named() -> None:
    before = report(1, run(a="failed", b="passed"), run(a="failed", b="failed"))
    seen = verdict(report(0, run(a="passed", b="failed")), before)
    assert (seen.kind, seen.strong) == ("fixed", False)
    assert any("::b" in reason for reason in seen.reasons)


def in_order(order: str, **outcomes: str) -> TestRun:
    nodes = tuple(f"tests/test_total.py::{name}" for name in order)
    return run(**outcomes).model_copy(update={"collected": nodes})


WRITTEN = in_order("ab", a="failed", b="passed")
SHUFFLED = in_order("ba", a="failed", b="failed")


@pytest.mark.parametrize(
    ("written", "shuffled", "strong"),
    [
        (in_order("ab", a="passed", b="passed"), in_order("ba", a="passed", b="failed"), True),
        (in_order("ab", a="passed", b="passed"), in_order("ba", a="passed", b="passed"), False),
        (in_order("ab", a="passed", b="failed"), in_order("ba", a="passed", b="failed"), False),
        (in_order("ab", a="passed", b="passed"), in_order("ab", a="passed", b="failed"), False),
        (run(a="passed", b="passed"), run(a="passed", b="failed"), False),
    ],
    ids=["each run as before", "another", "not as written", "another order", "order unknown"],
)
def test_a_test_that_only_the_order_decides_is_not_flaky(
    written: TestRun, shuffled: TestRun, strong: bool
) -> None:
    seen = verdict(report(0, written, shuffled), report(1, WRITTEN, SHUFFLED))
    assert (seen.kind, seen.strong) == ("fixed", strong)
    said = next(check.detail for check in seen.checks if check.name == "tests")
    assert ("order of the tests decides, as before: tests/test_total.py::b" in said) == strong


def test_an_unrelated_red_test_does_not_block_but_is_named() -> None:
    elsewhere = TestResult(node="tests/test_other.py::z", outcome="failed", detail="boom")

    def with_it(each: TestRun) -> TestRun:
        return each.model_copy(update={"results": (*each.results, elsewhere), "ended": ended(1)})

    traces = (FailingTests(nodes=(elsewhere.node,)),)
    before = report(1, *(with_it(each) for each in BEFORE.tests), failing=traces)
    seen = verdict(report(0, with_it(GOOD), with_it(GOOD)), before)
    assert seen.kind == "fixed"
    assert "test_other.py::z" in next(c.detail for c in seen.checks if c.name == "tests")


def test_a_module_that_could_not_be_collected_is_healed_by_its_tests() -> None:
    module = TestResult(node="tests/test_total.py", outcome="error", detail="SyntaxError")
    before = report(1, TestRun(results=(module,), ended=ended(2)))
    assert verdict(report(0, GOOD, GOOD), before).kind == "fixed"
    assert verdict(report(0, run(a="passed", b="failed")), before).kind != "fixed"


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [("failed", "passed", "fixed"), ("passed", "passed", "unchanged"), ("failed", "failed", "")],
)
def test_a_drafts_own_test_must_fail_before_and_pass_after(
    before: str, after: str, kind: str
) -> None:
    target = Target(paths=(PATH,), command=True, tests=True, own_test="tests/test_total.py::new")
    now = report(0, run(a="passed", b="passed", new=after))
    base = report(None, run(new=before))
    seen = verdict(now, target=target, own_test_before=base)
    assert seen.kind == kind if kind else seen.kind != "fixed"


COMMAND = "sh tests/run.sh"
NODE = "tests/test_total.py::a"
FORCED = STRONG.model_copy(update={"forced": "wrong-key: `total` was meant.", "fail_to_pass": ()})


@pytest.mark.parametrize(
    ("before", "after", "kind", "strong"),
    [
        pytest.param(0, 0, "fixed", False, id="it passes before and after"),
        pytest.param(1, 0, "fixed", False, id="it is healed"),
        pytest.param(0, 1, "regressed", False, id="it fails with the fix"),
        pytest.param(1, 1, "fixed", False, id="it fails before and after, elsewhere"),
        pytest.param(127, 127, "fixed", False, id="it cannot be started"),
        pytest.param(0, 127, "regressed", False, id="it can no longer be started"),
    ],
)
def test_the_exit_status_of_a_test_command_always_counts_and_never_proves_a_fix(
    before: int, after: int, kind: str, strong: bool
) -> None:
    target = Target(paths=(PATH,), command=True)
    elsewhere = FailingTests(nodes=(COMMAND,))
    unfixed = report(1, by_command(before), failing=(elsewhere,))
    seen = verdict(report(0, by_command(after)), unfixed, target=target, evidence=FORCED)
    assert (seen.kind, seen.strong) == (kind, strong), seen.reasons


CODE = {PATH: (4,)}
TARGET = Target(paths=(PATH,), command=True, code=CODE)


@pytest.mark.parametrize(
    ("traces", "kind"),
    [
        pytest.param((), "unchanged", id="what it executes is not known"),
        pytest.param((FailingTests(nodes=(COMMAND,), loaded=CODE),), "unchanged", id="it runs it"),
        pytest.param((FailingTests(nodes=(COMMAND,), loaded={PATH: (0,)}),), "fixed", id="not"),
    ],
)
def test_a_test_command_that_fails_is_still_failing_unless_it_runs_none_of_the_code(
    traces: tuple[FailingTests, ...], kind: str
) -> None:
    failing = by_command(1)
    seen = verdict(report(0, failing), report(1, failing, failing=traces), target=TARGET)
    assert seen.kind == kind
    if kind == "unchanged":
        assert seen.reasons == (f"still failing: {COMMAND}",)


def test_a_fix_that_leaves_a_test_of_its_own_function_failing_is_none() -> None:
    """Whatever the test is called: `total` is in no word that it says."""
    trace = FailingTests(nodes=(NODE,), executed={PATH: (1, 4)})
    before = report(1, run(a="failed", b="passed"), failing=(trace,))
    seen = verdict(report(0, run(a="failed", b="passed")), before, target=TARGET)
    assert (seen.kind, seen.reasons) == ("unchanged", (f"still failing: {NODE}",))


def test_a_failing_test_that_executes_nothing_of_the_repair_is_elsewhere() -> None:
    """Though its file is called like the script: `total` stands in its node id."""
    trace = FailingTests(nodes=(NODE,), executed={PATH: (1,)}, loaded={PATH: (0,)})
    before = report(1, run(a="failed", b="passed"), failing=(trace,))
    seen = verdict(report(0, run(a="failed", b="passed")), before, target=TARGET)
    assert (seen.kind, status(seen, "tests")) == ("fixed", "pass")
    detail = next(check.detail for check in seen.checks if check.name == "tests")
    assert detail.endswith(f"failing before and after, elsewhere: {NODE}")


def test_tests_that_could_not_be_started_in_either_tree_leave_the_fix_weak() -> None:
    target = Target(paths=(PATH,), command=True)
    seen = verdict(
        report(0, not_started()), report(1, not_started()), target=target, evidence=FORCED
    )
    assert (seen.kind, seen.strong, status(seen, "tests")) == ("fixed", False, "skipped")
    assert seen.weaknesses == ("tests-unknown",)
    assert "no such option: --x" in seen.reasons[0]


def test_tests_that_can_no_longer_be_started_are_a_regression() -> None:
    assert verdict(report(0, not_started())).kind == "regressed"


def test_where_pytest_finds_no_tests_the_check_says_so() -> None:
    target = Target(paths=(PATH,), command=True)
    seen = verdict(report(0, run(1)), report(1, run(1)), target=target, evidence=FORCED)
    assert (seen.kind, seen.strong, status(seen, "tests")) == ("fixed", True, "skipped")


def test_each_reason_of_a_weak_fix_has_its_kind() -> None:
    evidence = STRONG.model_copy(update={"reproduced": False, "output_kept": False})
    seen = verdict(report(0, GOOD, GOOD), evidence=evidence)
    assert seen.weaknesses == ("not-reproduced", "output-lost")
    assert len(seen.reasons) == 2


CONTRADICTED = STRONG.model_copy(
    update={"fail_to_pass": (), "nights": Nights(change="`a.csv`: 0 rows, not 3", replays=5)}
)


@pytest.mark.parametrize(
    ("is_guess", "fail_to_pass", "kind"),
    [(True, (), "regressed"), (False, (), "fixed"), (True, STRONG.fail_to_pass, "fixed")],
)
def test_a_guess_that_changes_a_good_night_is_put_before_nobody(
    is_guess: bool, fail_to_pass: tuple[str, ...], kind: str
) -> None:
    target = Target(paths=(PATH,), command=True, is_guess=is_guess)
    evidence = CONTRADICTED.model_copy(update={"fail_to_pass": fail_to_pass})
    seen = verdict(report(0), report(1), target=target, evidence=evidence)
    assert (seen.kind, seen.strong) == (kind, False)
    assert "0 rows, not 3" in seen.sentence
