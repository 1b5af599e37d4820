"""What one call costs: at most, and what it came to."""

import json

import pytest

from healer.draft.llm.endpoint.budget import Reservation
from healer.draft.llm.endpoint.cost import (
    compute_cost,
    count_prompt,
    count_unpriced,
    worst_case_usd,
)
from healer.draft.llm.endpoint.dialect import ChatRequest, Message
from healer.draft.llm.endpoint.settings import Endpoint
from healer.draft.llm.endpoint.tool_calls import Call
from healer.draft.llm.endpoint.wire import Answer, CallFailure
from healer.draft.llm.replies.schema import REVIEW

EXAMPLE = json.dumps({"objection": "none", "reason": "Right."})
REQUEST = ChatRequest((Message("system", "Judge."), Message("user", "x = 1")), REVIEW, EXAMPLE)
ENDPOINT = Endpoint(
    name="small", model="m", base_url="http://localhost/v1", api_key="k", timeout_s=1, tries=1,
    max_output_tokens=100, usd_per_million_in=10.0, usd_per_million_out=20.0,
)  # fmt: skip
UNPRICED = ENDPOINT.model_copy(update={"usd_per_million_in": None})
RESERVATION = Reservation(1, 0.5)


def test_the_worst_case_is_every_byte_a_token_and_the_longest_reply() -> None:
    usd = worst_case_usd(ENDPOINT, REQUEST)
    letters = len("Judge.") + len("x = 1") + len(str(REVIEW)) + len(EXAMPLE)
    assert usd >= letters * 10e-6 + 100 * 20e-6
    assert usd < 2 * letters * 10e-6 + 100 * 20e-6


def test_only_what_has_no_price_is_limited_by_tokens() -> None:
    assert count_unpriced(ENDPOINT, REQUEST) == 0
    assert count_unpriced(UNPRICED, REQUEST) == count_prompt(REQUEST) + 100


@pytest.mark.parametrize(
    ("endpoint", "outcome", "usd", "is_known"),
    [
        (ENDPOINT, Answer("x", tokens_in=1000, tokens_out=100), 0.012, True),
        (ENDPOINT, Answer("x", tokens_in=1000, tokens_out=100, cost_usd=0.9), 0.012, True),
        (UNPRICED, Answer("x", tokens_in=1000, tokens_out=100, cost_usd=0.9), 0.9, True),
        (UNPRICED, Answer("x", tokens_in=1000, tokens_out=100), 0.002, False),
        (ENDPOINT, Answer("", refusal="no", tokens_in=0, tokens_out=0), 0.0, True),
        (ENDPOINT, CallFailure("no", transient=False), 0.0, True),
        (ENDPOINT, CallFailure("cut", transient=True, maybe_billed=True), 0.5, False),
    ],
)
def test_a_call_costs_what_can_be_known_of_it(
    endpoint: Endpoint, outcome: Answer | CallFailure, usd: float, is_known: bool
) -> None:
    cost = compute_cost(endpoint, REQUEST, outcome, RESERVATION)
    assert (cost.cost_usd, cost.cost_known) == (pytest.approx(usd), is_known)


def test_a_reply_that_is_counted_as_nothing_is_estimated() -> None:
    said = compute_cost(ENDPOINT, REQUEST, Answer("word " * 9, "", "", 10, 0), RESERVATION)
    call = Call("1", "finish", '{"a": "word word"}')
    called = compute_cost(
        ENDPOINT, REQUEST, Answer("", tokens_in=10, tokens_out=0, calls=(call,)), RESERVATION
    )
    for cost in (said, called):
        assert cost.tokens_out > 3
        assert not cost.cost_known
