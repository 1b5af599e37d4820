"""What the cases of one script say together, and when merging is proposed."""

import pytest

from healer.render.trial_report import Likeness, TrialCase, sum_up


def case(end: str = "merged", kind: str = "", **more: object) -> TrialCase:
    facts = {
        "origin": "commit", "id": "c" * 40, "at": 0, "subject": "Mend it", "script": "a.py",
        "end": end, "reason": "because", "likeness": Likeness(kind=kind) if kind else None,
    }  # fmt: skip
    return TrialCase.model_validate(facts | more)


SAME, ALIKE, OTHER = case(kind="same"), case(kind="alike"), case(kind="differs")


@pytest.mark.parametrize(
    ("cases", "proposal", "why"),
    [
        ([SAME, ALIKE, SAME], "merge", "all 3 that could be compared"),
        ([SAME, ALIKE], "review", "2 right so far; 3 are needed"),
        ([SAME, SAME, ALIKE, OTHER], "review", "1 of 4 would have merged and does otherwise"),
        ([case(kind="unknown")] * 5, "review", "0 right so far"),
        ([case("waits", "same")] * 5, "review", "would have waited"),
        ([case("nothing")], "review", "nothing was healed"),
        ([case("unusable")], "review", "nothing was healed"),
    ],
)
def test_merging_is_proposed_only_after_enough_right_fixes_and_no_other(
    cases: list[TrialCase], proposal: str, why: str
) -> None:
    result = sum_up("a.py", cases, "merge")
    assert result.proposal == proposal
    assert why in result.why


def test_what_cannot_be_replayed_counts_for_nothing_and_costs_all_the_same() -> None:
    cases = [SAME, case("waits", "differs"), case("nothing"), case("unusable", cost_usd=0.5)]
    result = sum_up("a.py", cases, "review")
    assert (result.cases, result.merged, result.waiting, result.nothing) == (3, 1, 1, 1)
    assert (result.unusable, result.cost_usd, result.differing) == (1, 0.5, 0)
