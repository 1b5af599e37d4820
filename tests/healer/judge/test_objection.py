"""A reviewer can only make a verdict stricter; two drafts that agree settle values alone."""

import itertools
from typing import Any

import pytest

from healer.judge import Verdict, apply_agreement, apply_objection, lacks_only_values
from healer.judge.facts import Check

CHECKS = (
    Check(name="tests", status="pass", detail="2 passed"),
    Check(name="evidence", status="pass", detail="strong"),
)
STRONG = Verdict(kind="fixed", strong=True, checks=CHECKS)
WEAK = Verdict(kind="fixed", reasons=("no test",), weaknesses=("value-unknown",), checks=CHECKS)
OTHERS = [Verdict(kind=kind, reasons=("x",)) for kind in ("unchanged", "regressed", "forbidden")]
OBJECTIONS: tuple[Any, ...] = ("none", "weaker", "reject")


def rank(verdict: Verdict) -> int:
    return 2 * (verdict.kind == "fixed") + verdict.strong


@pytest.mark.parametrize(
    ("verdict", "objection"), [*itertools.product([STRONG, WEAK, *OTHERS], OBJECTIONS)]
)
def test_no_objection_makes_a_verdict_better(verdict: Verdict, objection: Any) -> None:
    assert rank(apply_objection(verdict, objection, "why")) <= rank(verdict)


@pytest.mark.parametrize("verdict", OTHERS, ids=lambda verdict: verdict.kind)
def test_what_is_not_fixed_stays_as_it_is(verdict: Verdict) -> None:
    assert apply_objection(verdict, "reject", "why") == verdict


def test_none_is_no_objection() -> None:
    assert apply_objection(STRONG, "none", "It is fine.") == STRONG


def test_weaker_sends_a_fix_to_a_person_and_says_why_in_the_evidence() -> None:
    after = apply_objection(WEAK, "weaker", "It hides a column.")
    assert (after.kind, after.strong) == ("fixed", False)
    assert after.reasons == ("no test", "the reviewer objects: It hides a column.")
    assert after.weaknesses == ("value-unknown", "objection")
    assert [c.detail for c in after.checks] == [
        "2 passed",
        "weak: the reviewer objects: It hides a column.",
    ]


def test_reject_makes_a_fix_a_draft_that_failed() -> None:
    after = apply_objection(STRONG, "reject", "It reads other rows.")
    assert (after.kind, after.strong) == ("forbidden", False)
    assert after.sentence == "the reviewer objects: It reads other rows."
    assert [c.status for c in after.checks] == ["pass", "fail"]


@pytest.mark.parametrize(
    ("weaknesses", "is_settled"),
    [
        (("value-unknown",), True),
        (("value-unknown", "ambiguous", "command-unseen"), True),
        (("value-unknown", "finding"), False),
        (("not-reproduced",), False),
        (("night-differs", "value-unknown"), False),
        (("good-run-differs",), False),
        (("output-lost",), False),
        (("tests-changed",), False),
        (("objection", "value-unknown"), False),
        (("lines-not-run",), False),
        (("example-fails",), False),
    ],
)
def test_agreement_settles_values_and_nothing_else(weaknesses: Any, is_settled: bool) -> None:
    weak = WEAK.model_copy(update={"weaknesses": weaknesses})
    assert lacks_only_values(weak) is is_settled
    after = apply_agreement(weak, "a and b agree")
    assert after.strong is is_settled
    if is_settled:
        assert (after.reasons, after.weaknesses) == ((), ())
        assert [c.detail for c in after.checks] == ["2 passed", "strong: a and b agree"]
    else:
        assert after == weak


@pytest.mark.parametrize("verdict", [STRONG, *OTHERS], ids=lambda verdict: verdict.kind)
def test_agreement_changes_no_other_verdict(verdict: Verdict) -> None:
    assert apply_agreement(verdict, "a and b agree") == verdict
