"""The judge's facts: what a verdict of an earlier version still says, and what nobody may claim."""

import pytest
from pydantic import ValidationError

from healer.judge import Evidence, MutationScore, Verdict


def test_a_verdict_says_its_first_reason_or_that_all_is_well() -> None:
    assert Verdict(kind="fixed").sentence == "every check passed"
    assert Verdict(kind="unchanged", reasons=("a", "b")).sentence == "a"


def test_a_verdict_without_kinds_of_weakness_can_still_be_read() -> None:
    text = '{"kind": "fixed", "strong": false, "reasons": ["no test"], "checks": []}'
    assert Verdict.model_validate_json(text).weaknesses == ()


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "good"},
        {"kind": "fixed", "weaknesses": ("because",)},
        {"kind": "fixed", "sure": True},
    ],
)
def test_what_is_no_verdict_is_refused(values: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Verdict.model_validate(values)


def test_nothing_is_known_until_it_is_measured() -> None:
    evidence = Evidence(reproduced=False, lines_changed=0, lines_executed=0)
    assert (evidence.mutation, evidence.output_kept, evidence.good_runs.same) == (None, None, None)
    assert (evidence.forced, evidence.fail_to_pass) == ("", ())
    assert MutationScore().killed == 0


def test_a_fact_does_not_change() -> None:
    with pytest.raises(ValidationError):
        Verdict(kind="fixed").strong = True  # type: ignore[misc]  # that is what is refused
