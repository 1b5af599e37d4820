"""What is kept is small and holds no secret; what decides is never cut or hidden."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from healer.evidence.redacted_report import (
    DETAIL_CHARS,
    DETAILED_TESTS,
    LISTING_CHARS,
    OUTPUT_CHARS,
    redact_evidence,
    redact_failure,
    redact_report,
    redact_verdict,
    truncate_report,
)
from healer.failure import Frame, Raised
from healer.judge import Evidence, MutationScore, ReplayComparison, Rival, Rivals, Verdict
from healer.judge.facts import Check
from healer.redact import Redactor
from tests.healer.evidence.reports import ended, failure, report, result, run

SECRET = "hunter2-of-the-shop"
REDACTOR = Redactor([SECRET])


def test_long_output_is_cut_in_the_middle_and_says_so() -> None:
    text = "a" * OUTPUT_CHARS + "b" * OUTPUT_CHARS
    cut = truncate_report(report(command=ended(1, text))).command
    assert cut is not None
    assert len(cut.stderr) < OUTPUT_CHARS + 100
    assert (cut.stderr[0], cut.stderr[-1]) == ("a", "b")
    assert f"{OUTPUT_CHARS} characters cut" in cut.stderr


def test_output_that_fits_stays_as_it_is() -> None:
    given_report = report(run(result("a", "failed", "why")), command=ended(1, "x" * OUTPUT_CHARS))
    assert truncate_report(given_report) == given_report


def test_only_failing_tests_keep_their_text_and_not_all_of_them() -> None:
    text = "first frame " + "y" * 2 * DETAIL_CHARS + " AssertionError: what was raised"
    many = [result(f"t{n}", "failed", text) for n in range(DETAILED_TESTS + 5)]
    (cut,) = truncate_report(report(run(result("a", "passed", "noise"), *many))).tests
    assert [bool(r.detail) for r in cut.results] == [False, *[True] * DETAILED_TESTS, *[False] * 5]
    shown = cut.results[1].detail
    assert shown.startswith("first frame")
    assert shown.endswith("AssertionError: what was raised")
    assert len(shown) < DETAIL_CHARS + 60
    assert [r.outcome for r in cut.results] == ["passed", *["failed"] * (DETAILED_TESTS + 5)]


def test_what_a_run_of_tests_printed_is_cut_where_its_results_are_known() -> None:
    text = "x" * 20_000 + "the last words"
    known = run(result("a", "failed", "why"), ended=ended(1, text, stdout=text))
    unknown = run(ended=ended(2, text, stdout=text))
    cut, whole = truncate_report(report(known, unknown)).tests
    assert len(cut.ended.stdout) < LISTING_CHARS + 60
    assert cut.ended.stdout.endswith("the last words")
    assert cut.ended.stderr == text  # the verdict may say its last words
    assert cut.results == known.results
    assert whole.ended.stdout == text


@given(st.lists(st.sampled_from(["passed", "failed", "error", "skipped"]), max_size=9))
def test_no_outcome_is_ever_cut(outcomes: list[str]) -> None:
    before = report(run(*(result(f"t{n}", o, "text") for n, o in enumerate(outcomes))))
    after = truncate_report(before)
    assert [r.outcome for r in after.tests[0].results] == outcomes
    assert after.tests[0].ended.exit_code == before.tests[0].ended.exit_code


def test_no_output_of_a_report_shows_a_secret() -> None:
    text = f"token {SECRET} here"
    shown = redact_report(
        report(
            run(result("a", "failed", text), ended=ended(1, text, stdout=text)),
            command=ended(1, text, stdout=text),
        ),
        REDACTOR,
    )
    assert SECRET not in shown.model_dump_json()
    assert "token" in shown.tests[0].results[0].detail


def test_no_part_of_a_failure_shows_a_secret_and_its_fingerprint_stays() -> None:
    frame = Frame(file="a.py", line=1, function="f", source=f"login('{SECRET}')", own=True)
    error = Raised(type="ValueError", message=SECRET, notes=(SECRET,), frames=(frame,))
    before = failure().model_copy(
        update={"chain": (error,), "stdout_tail": SECRET, "stderr_tail": f"x {SECRET}"}
    )
    after = redact_failure(before, REDACTOR)
    assert SECRET not in after.model_dump_json()
    assert after.fingerprint == before.fingerprint
    assert (after.chain[0].type, after.chain[0].frames[0].line) == ("ValueError", 1)


def test_no_sentence_of_a_verdict_shows_a_secret() -> None:
    before = Verdict(
        kind="unchanged",
        reasons=(f"it prints {SECRET}",),
        checks=(Check(name="tests", status="fail", detail=SECRET),),
    )
    after = redact_verdict(before, REDACTOR)
    assert SECRET not in after.model_dump_json()
    assert (after.kind, after.checks[0].status) == ("unchanged", "fail")


@pytest.mark.parametrize("text", ["", "nothing of the kind"])
def test_what_holds_no_secret_is_left_alone(text: str) -> None:
    before = report(run(result("a", "failed", text)), command=ended(1, text))
    assert redact_report(before, REDACTOR) == before


def test_evidence_quotes_no_secret_and_keeps_what_it_found() -> None:
    rival = Rival(
        path="a.py", line=1, shape="part", content="x = 1\n", given=f"('{SECRET}',)",
        fix_gives=SECRET, rival_gives=f"{SECRET}!",
    )  # fmt: skip
    evidence = Evidence(
        reproduced=True,
        lines_changed=1,
        lines_executed=1,
        mutation=MutationScore(total=1, survived=(SECRET,), lines_without_kill=(SECRET,)),
        rivals=Rivals(tried=1, passed=1, rivals=(rival,)),
        good_runs=ReplayComparison(same=False, difference=SECRET),
    )
    kept = redact_evidence(evidence, REDACTOR)
    assert SECRET not in kept.model_dump_json()
    assert (kept.mutation.total, kept.rivals.passed, kept.good_runs.same) == (1, 1, False)
    assert kept.rivals.rivals[0].content == "x = 1\n"
    bare = evidence.model_copy(update={"mutation": None, "rivals": None})
    assert redact_evidence(bare, REDACTOR).mutation is None
