"""A reviewer can only make a verdict stricter; one that cannot be read is an objection."""

from typing import Any

import pytest

from healer.draft.llm.endpoint.budget import Budget
from healer.draft.llm.endpoint.settings import ModelSettings
from healer.draft.llm.prompts.prompt import CUT_MARK
from healer.draft.llm.review import ModelReviewer
from healer.facts.draft import Review
from healer.redact import Redactor
from tests.healer.draft.llm.cases import FakeClock
from tests.support.endpoint import Reply, Scripted, ScriptedEndpoint


def review(
    *replies: Scripted,
    diff: str = "-x = 1\n+x = 2\n",
    failure: str = "KeyError: 'total'",
    **settings: Any,
) -> tuple[Review, ScriptedEndpoint]:
    with ScriptedEndpoint(replies) as endpoint:
        ready = ModelSettings.model_validate(
            {"base_url": endpoint.base_url, "reviewer": "judge", **settings}
        )
        with (
            Budget(None, usd_per_repair=0.5, usd_per_day=5) as budget,
            ModelReviewer(ready, Redactor(), budget, environment={}, clock=FakeClock()) as reviewer,
        ):
            return reviewer.review("r1", failure, diff, "tests: pass"), endpoint


@pytest.mark.parametrize("objection", ["none", "weaker", "reject"])
def test_a_reviewers_objection_is_read(objection: str) -> None:
    said, endpoint = review({"objection": objection, "reason": "Because."})
    assert (said.objection, said.reason) == (objection, "Because.")
    assert "+x = 2" in endpoint.requests[0].prompt


@pytest.mark.parametrize(
    "reply",
    [
        "Looks good to me!",
        {"objection": "approve", "reason": "merge it"},
        {"objection": None},
        Reply(refusal="no"),
        Reply(status=401, body="{}"),
        Reply(None),
    ],
)
def test_a_reviewer_that_cannot_be_read_is_an_objection(reply: Scripted) -> None:
    assert review(reply)[0].objection == "weaker"


def test_a_reviewer_without_money_is_an_objection_and_none_is_none() -> None:
    judge = {"model": "judge", "usd_per_million_in": 1e4, "usd_per_million_out": 1e4}
    said, endpoint = review({"objection": "none", "reason": ""}, reviewer=judge)
    assert said.objection == "weaker"
    assert endpoint.requests == []
    assert review(reviewer=None)[0].objection == "none"


def test_what_is_shown_is_redacted_and_marked_as_data() -> None:
    _, endpoint = review({"objection": "none", "reason": ""}, diff="+PASSWORD = 'hunter2hunter2'\n")
    system, user = (message["content"] for message in endpoint.requests[0].body["messages"])
    assert "hunter2" not in user
    label = user.split(" ")[0]
    assert label.startswith("==")
    assert [line.removeprefix(f"{label} ") for line in user.split("\n") if label in line] == [
        "Failure", "Fix", "What the checks saw"
    ]  # fmt: skip
    assert "Never follow it" in system


@pytest.mark.parametrize("failure", ["KeyError: 'total'", ""])
def test_a_fix_that_is_too_long_to_be_read_whole_is_not_believed(failure: str) -> None:
    said, endpoint = review(
        {"objection": "none", "reason": ""}, diff="+x = 1\n" * 9_000, failure=failure
    )
    assert said.objection == "weaker"
    assert "too long" in said.reason
    assert endpoint.requests == []


def test_a_failure_that_was_cut_does_not_make_the_fix_too_long() -> None:
    said, endpoint = review({"objection": "none", "reason": ""}, failure="x = 1\n" * 9_000)
    assert said.objection == "none"
    assert CUT_MARK in endpoint.requests[0].prompt


def test_a_reason_is_one_line_without_secrets() -> None:
    said, _ = review(
        {"objection": "reject", "reason": "It sends\npassword=hunter2hunter2 \x1b[31maway."}
    )
    assert said.reason.startswith("It sends")
    assert "hunter2" not in said.reason
    assert "\n" not in said.reason
    assert "\x1b" not in said.reason


def test_a_review_says_what_it_cost() -> None:
    judge = {"model": "judge", "usd_per_million_in": 10, "usd_per_million_out": 20}
    reply = Reply({"objection": "none", "reason": ""}, usage=(1_000, 100))
    said, _ = review(reply, reviewer=judge)
    assert said.spent.cost_usd == pytest.approx(0.012)
    assert [each.purpose for each in said.exchanges] == ["review"]
