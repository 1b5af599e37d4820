"""Endpoints that fail: what is waited for, what is handed over, what a person is told."""

import pytest

from tests.healer.draft.llm.cases import GOOD, PRICED, FakeClock, Files, case, spent_usd
from tests.healer.draft.llm.conftest import Maker
from tests.support.endpoint import (
    Reply,
    ScriptedEndpoint,
    content_filtered,
    error,
    error_in_ok,
    rate_limited,
)


@pytest.mark.parametrize(
    "fault",
    [
        Reply(refusal="I cannot help with that."),
        content_filtered(),
        error(401, "Incorrect API key provided"),
        error(404, "The model does not exist"),
        error(429, "You exceeded your current quota", code="insufficient_quota"),
        Reply(finish_reason="content_filter", content=""),
    ],
)
def test_what_will_not_get_better_fails_over_at_once(make: Maker, fault: Reply) -> None:
    drafter, endpoint = make(fault, GOOD, tiers=["small", "large"])
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    assert [request.body["model"] for request in endpoint.requests] == ["small", "large"]


TOO_LONG = error(400, "maximum context length is 4096 tokens", code="context_length_exceeded")


def test_a_prompt_that_is_too_long_is_halved_for_the_same_model(make: Maker) -> None:
    drafter, endpoint = make(TOO_LONG, GOOD, tiers=["small", "large"], max_prompt_tokens=1_000)
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates[0].drafter == "small"
    assert len(drafts.exchanges) == 2
    first, second = (len(request.prompt) for request in endpoint.requests)
    assert second < first


def test_a_prompt_that_stays_too_long_is_the_next_tiers(make: Maker) -> None:
    drafter, endpoint = make(TOO_LONG, TOO_LONG, TOO_LONG, GOOD, tiers=["small", "large"])
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    models = [request.body["model"] for request in endpoint.requests]
    assert models == ["small", "small", "small", "large"]


@pytest.mark.parametrize("faults", [[error(503, "overloaded")] * 3, [rate_limited("3600")]])
def test_a_tier_at_the_same_address_stands_in_for_one_that_is_overloaded(
    make: Maker, faults: list[Reply]
) -> None:
    drafter, endpoint = make(*faults, Reply(GOOD, keep=True), tiers=["small", "large"])
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
    asked = [request.body["model"] for request in endpoint.requests]
    assert asked == ["small"] * len(faults) + ["large"] * 2


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (error(401, "Incorrect API key provided"), "refuses the key"),
        (error(400, "API key not valid. Please pass a valid API key."), "refuses the key"),
        (error(402, "Insufficient credits"), "wants to be paid"),
        (error(429, "no", code="insufficient_quota"), "wants to be paid"),
        (error(403, "Project has no access to model"), "does not let this key use small"),
        (error(404, "The model does not exist"), "knows no model small"),
        (TOO_LONG, "set max_prompt_tokens"),
    ],
)
def test_a_lasting_refusal_is_told_at_once_and_not_waited_for(
    make: Maker, fault: Reply, says: str
) -> None:
    drafter, endpoint = make(Reply(**{**vars(fault), "keep": True}))
    drafts = drafter.draft(case(), Files())
    assert not drafts.unavailable
    assert says in drafts.reason
    assert endpoint.base_url in drafts.reason


def test_a_lasting_refusal_is_told_beside_an_endpoint_that_may_come_back(make: Maker) -> None:
    faults = [error(404, "no such model"), *[error(503, "overloaded")] * 3]
    drafter, _ = make(*faults, tiers=["small", "large"])
    drafts = drafter.draft(case(), Files())
    assert drafts.unavailable
    assert "knows no model small" in drafts.reason
    assert "overloaded" in drafts.reason


@pytest.mark.parametrize(
    "fault",
    [
        error(500, "internal"),
        error(503, "overloaded"),
        error_in_ok(),
        Reply(GOOD, cut_after_bytes=50),
        Reply(body="<html>gateway</html>"),
        Reply(body='{"object": "chat.completion"}'),
        Reply(body='{"choices": []}'),
    ],
)
def test_a_passing_fault_is_tried_again_with_growing_pauses(make: Maker, fault: Reply) -> None:
    clock = FakeClock()
    drafter, _ = make(fault, fault, GOOD, clock=clock)
    drafts = drafter.draft(case(), Files())
    assert drafts.candidates
    assert 0.5 <= clock.slept[0] <= 1.0 <= clock.slept[1] <= 2.0
    assert len(drafts.exchanges) == 3


def test_retry_after_is_honoured(make: Maker) -> None:
    clock = FakeClock()
    drafter, _ = make(rate_limited("7"), GOOD, clock=clock)
    assert drafter.draft(case(), Files()).candidates
    assert clock.slept == [7.0]


def test_an_endpoint_that_asks_for_too_much_patience_is_left_for_the_next(make: Maker) -> None:
    clock = FakeClock()
    with ScriptedEndpoint([rate_limited("3600"), Reply(GOOD, keep=True)]) as busy:
        tiers = [{"model": "small", "base_url": busy.base_url}, "large"]
        drafter, _ = make(Reply(GOOD, keep=True), clock=clock, tiers=tiers)
        assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
        assert drafter.draft(case(), Files()).candidates[0].drafter == "large"
        assert len(busy.requests) == 1
        clock.time += 3601
        assert drafter.draft(case(), Files()).candidates[0].drafter == "small"
    assert clock.slept == []


def test_an_endpoint_that_is_down_is_left_alone_and_tried_again_later(make: Maker) -> None:
    clock = FakeClock()
    drafter, endpoint = make(clock=clock)
    first = drafter.draft(case(), Files())
    assert first.unavailable
    assert len(endpoint.requests) == 3
    assert drafter.draft(case(), Files()).unavailable
    assert len(endpoint.requests) == 3
    clock.time += 60
    endpoint.say(GOOD)
    assert drafter.draft(case(), Files()).candidates


def test_an_address_where_nobody_listens_is_unavailable_and_costs_nothing(make: Maker) -> None:
    drafter, _ = make(base_url="http://127.0.0.1:9/v1", tiers=[PRICED])
    drafts = drafter.draft(case(), Files())
    assert drafts.unavailable
    assert (drafts.spent.cost_usd, drafts.spent.cost_known) == (0, True)


def test_a_slow_first_byte_is_a_failure_that_is_paid_as_the_worst_case(make: Maker) -> None:
    drafter, _ = make(
        Reply(GOOD, first_byte_delay_s=5, keep=True), tiers=[PRICED | {"timeout_s": 0.2}]
    )
    drafts = drafter.draft(case(), Files())
    assert drafts.unavailable
    assert "no answer came in time (timeout_s of [model] or its tier)" in drafts.reason
    assert not drafts.spent.cost_known
    assert drafts.spent.cost_usd == pytest.approx(spent_usd(make.budget, repair="r1"), abs=1e-8)
    assert drafts.spent.cost_usd > 3 * 4096 * 20e-6
