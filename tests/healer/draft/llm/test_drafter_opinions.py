"""More than one model on one question: which is asked next, and what it is told of the others."""

import re
from typing import Any

import pytest

from healer.facts.draft import EarlierAttempt
from tests.healer.draft.llm.cases import GOOD, LINE, NEW, Files, attempt, case
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import Reply, Scripted, answer, fix


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        ("I would change the loop.", "no JSON"),
        (Reply('{"edits": [', finish_reason="length"), "cut off"),
        (Reply(None), "empty"),
        (fix("tests/test_report.py", "== 0", "== 1"), "must not be changed"),
        (fix("scripts/report.py", LINE, "amount +="), "no valid Python"),
        (fix("scripts/report.py", LINE, "x = '<REDACTED:token:1>'"), "placeholder"),
        (fix("../../etc/passwd", "a", "b"), "relative to the repository"),
        (answer(decision="not_code_fault", edits=GOOD["edits"], cause="x"), "comes with edits"),
    ],
)
def test_two_useless_replies_go_up_a_tier(make: Maker, reply: Scripted, says: str) -> None:
    drafter, endpoint = make(reply, reply, GOOD, tiers=["small", "large"])
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates[0].drafter == "large"
    assert says in drafts.exchanges[0].problem
    assert [request.body["model"] for request in endpoint.requests] == ["small", "small", "large"]


def test_rejected_drafts_go_up_a_tier_after_its_tries(make: Maker) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), tiers=["small", "large"])
    for used, expected in ((0, "small"), (1, "small"), (2, "large"), (3, "large")):
        earlier = tuple(
            attempt("small" if number < 2 else "large", f"pass  # {number}")
            for number in range(used)
        )
        drafter.draft(case(attempts=earlier), Files())
        assert endpoint.requests[-1].body["model"] == expected
    four = tuple(attempt("large", f"pass  # {n}") for n in range(4))
    assert "all tries" in drafter.draft(case(attempts=four), Files()).reason


def test_attempts_of_rules_are_no_tries_of_a_model(make: Maker) -> None:
    drafter, endpoint = make(GOOD, tiers=["small", "large"])
    rules = tuple(attempt("rules", f"pass  # {n}") for n in range(5))
    assert drafter.draft(case(attempts=rules), Files()).candidates
    assert endpoint.requests[0].body["model"] == "small"


def test_a_draft_that_was_tried_is_sent_back_and_twice_in_a_row_goes_up_a_tier(
    make: Maker,
) -> None:
    same = fix("scripts/report.py", LINE, f"{NEW}  # better")
    other = fix("scripts/report.py", LINE, "amount += 1")
    drafter, endpoint = make(same, same, other, tiers=["small", "large"])
    drafts = drafter.draft(case(attempts=(attempt("small", NEW),)), Files())
    assert drafts.candidates[0].drafter == "large"
    assert "tried before" in endpoint.requests[1].prompt


def test_a_draft_that_nobody_could_judge_is_not_taken_for_tried(make: Maker) -> None:
    drafter, endpoint = make(fix("scripts/report.py", LINE, NEW))
    drafts = drafter.draft(case(attempts=(attempt("other", NEW, verdict="unjudged"),)), Files())
    assert drafts.candidates
    assert len(endpoint.requests) == 1


def test_parallel_candidates_that_are_the_same_are_one(make: Maker) -> None:
    other = fix("scripts/report.py", LINE, "amount += 1", confidence=0.95)
    drafter, endpoint = make(GOOD, GOOD, other, candidates=3)
    drafts = drafter.draft(case(), Files())
    assert [draft.confidence for draft in drafts.candidates] == [0.95, 0.9]
    assert len(endpoint.requests) == 3


UNCLEAR = answer(decision="needs_person", cause="The rates are not shown.")


def test_a_model_that_cannot_tell_hands_over_to_the_next_which_is_told(make: Maker) -> None:
    drafter, endpoint = make(UNCLEAR, GOOD, tiers=["small", "large"])
    (draft,) = drafter.draft(case(), Files()).candidates
    assert draft.drafter == "large"
    assert "a person has to choose" in draft.doubt
    assert "small: unclear: The rates are not shown." in endpoint.requests[1].prompt
    assert "small: unclear" not in endpoint.requests[0].prompt


def test_what_no_model_can_tell_is_for_a_person(make: Maker) -> None:
    drafter, endpoint = make(UNCLEAR, "no JSON", "no JSON", tiers=["small", "large"])
    drafts = drafter.draft(case(), Files())
    assert (drafts.refusal, drafts.reason) == ("needs_person", "The rates are not shown.")
    assert len(endpoint.requests) == 3


def unproved(drafter: str) -> EarlierAttempt:
    return attempt(drafter, "amount += 0", verdict="fixed")


@pytest.mark.parametrize(
    ("fixed_by", "tiers", "asked"),
    [
        (("small",), ["small", "large", "huge"], "large"),
        (("huge",), ["small", "large", "huge"], "small"),
        (("search",), ["small", "large"], "small"),
        (("small",), ["small"], "big"),
    ],
)
def test_a_second_opinion_is_another_models_and_it_is_not_shown_the_first(
    make: Maker, fixed_by: tuple[str, ...], tiers: list[str], asked: str
) -> None:
    drafter, endpoint = make(
        Reply(GOOD, keep=True), tiers=tiers, investigator="big", second_opinions=1
    )
    attempts = (attempt("small", "amount += 9"), *map(unproved, fixed_by))
    again = case(attempts=attempts, missing=("no test says what is right",))
    assert drafter.draft(again, Files()).candidates
    (request,) = endpoint.requests
    assert request.body["model"] == asked
    assert "amount += 0" not in request.prompt
    assert "amount += 9" in request.prompt
    assert "no test says what is right" in request.prompt


@pytest.mark.parametrize(
    ("fixed_by", "settings", "says"),
    [
        (("small", "small (again)"), {"tiers": ["small"]}, "as many other models"),
        (
            ("small", "small (again)"),
            {"tiers": ["small"], "second_opinions": 4},
            "no other model is configured",
        ),
        (("big",), {"tiers": [], "investigator": "big"}, "no other model is configured"),
        (("small", "large"), {"tiers": ["small", "large", "huge"]}, "as many other models"),
    ],
)
def test_no_model_gives_two_opinions_and_no_more_are_asked_than_is_set(
    make: Maker, fixed_by: tuple[str, ...], settings: dict[str, Any], says: str
) -> None:
    drafter, endpoint = make(GOOD, **{"second_opinions": 1, **settings})
    again = case(attempts=tuple(map(unproved, fixed_by)), missing=("no test",))
    assert says in drafter.draft(again, Files()).reason
    assert not endpoint.requests


@pytest.mark.parametrize("investigator", [None, "small"])
def test_where_there_is_no_other_model_the_same_one_is_asked_again_in_another_order(
    make: Maker, investigator: str | None
) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), investigator=investigator, second_opinions=1)
    (first,) = drafter.draft(case(), Files()).candidates
    (draft,) = drafter.draft(
        case(attempts=(unproved("small"),), missing=("no test",)), Files()
    ).candidates
    assert (first.drafter, draft.drafter) == ("small", "small (again)")
    before, after = (list_titles(request.prompt) for request in endpoint.requests)
    assert before[0] == after[-1] == "Failure"
    assert [title for title in after[::-1] if title in before] == before


def list_titles(prompt: str) -> list[str]:
    """Of the sections, in their order."""
    return re.findall(r"^==[0-9a-f]{6} (.+)$", prompt, re.MULTILINE)


def test_drafts_side_by_side_are_shown_the_same_in_different_orders(make: Maker) -> None:
    drafter, endpoint = make(Reply(GOOD, keep=True), candidates=2)
    assert drafter.draft(case(), Files()).candidates
    one, other = (list_titles(request.prompt) for request in endpoint.requests)
    assert one == other[::-1]
    assert "Failure" in (one[0], other[0])


def test_a_second_opinion_may_come_to_the_same_change(make: Maker) -> None:
    reply = fix("scripts/report.py", LINE, "amount += 0")
    drafter, _ = make(reply, tiers=["small", "large"], second_opinions=1)
    again = case(attempts=(unproved("small"),), missing=("no test",))
    (draft,) = drafter.draft(again, Files()).candidates
    assert draft.drafter == "large"


@pytest.mark.parametrize(
    ("more", "settings", "purposes"),
    [
        ({}, {}, ["draft"]),
        ({"missing": ("no test",), "attempts": (unproved("other"),)}, {}, ["second opinion"]),
        ({}, {"tiers": [], "investigator": "big"}, ["investigation"]),
        (
            {"missing": ("no test",), "attempts": (unproved("small"),)},
            {"investigator": "big"},
            ["second opinion"],
        ),
    ],
)
def test_each_call_says_what_it_is_for(
    make: Maker, more: dict[str, Any], settings: dict[str, Any], purposes: list[str]
) -> None:
    drafter, _ = make(Reply(GOOD, keep=True), **settings)
    drafts = drafter.draft(case(**more), Files())
    assert drafts.candidates
    assert [exchange.purpose for exchange in drafts.exchanges] == purposes
